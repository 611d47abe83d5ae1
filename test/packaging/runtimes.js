// @ts-check
import { join } from 'node:path'
import process from 'node:process'
import { install } from './install.js'
import { report, reportUntested } from './report.js'
import { run } from './run.js'
import { checkOnWorkerd } from './workerd.js'

const node = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** Each from a package of its own, so that one which cannot be installed leaves the others. The program is what starts it. */
const runtimes = [
  ...['20', '22', '24', '26'].map((major) => ({ name: `Node ${major}`, package: node, version: major, program: ['bin', 'node'], before: [] })),
  { name: 'Bun', package: 'bun', version: '1.4.5', program: ['..', '.bin', 'bun'], before: [] },
  { name: 'Deno', package: 'deno', version: '2.9.6', program: ['..', '.bin', 'deno'], before: ['run', '--allow-all', '--no-lock'] },
  { name: 'workerd', package: 'workerd', version: '1.20261117.1', program: ['..', '.bin', 'workerd'] },
]

/** Workers have Node's globals by default since compatibility date 2026-08-04. */
const workers = [
  { what: 'without Node APIs', compatibilityDate: '2025-06-01', process: 'undefined' },
  { what: 'with nodejs_compat', compatibilityDate: '2026-11-01', process: 'object' },
]

/** @param {string} consumer @param {string} folder */
export async function runOnRuntimes(consumer, folder) {
  for (const runtime of runtimes) {
    const home = join(folder, runtime.name)
    const program = join(home, 'node_modules', runtime.package, ...runtime.program)
    let version
    try {
      await install(home, { [runtime.package]: runtime.version })
      version = (await run(program, ['--version'])).match(/\d[\w.-]*/)?.[0] ?? ''
    } catch (error) {
      reportUntested(runtime.name, `cannot be had here: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
      continue
    }
    const title = `${runtime.name.replace(/ \d+$/, '')} ${version}`
    if (!runtime.before) {
      for (const worker of workers) await report(`${title}, ${worker.what}`, () => checkOnWorkerd(program, consumer, worker))
      continue
    }
    const start = [...runtime.before, 'program.js']
    await report(title, async () => runProgram(program, start, consumer, 'node:crypto'))
    await report(`${title}, without node:crypto`, async () => runProgram(program, [...start, '--web-crypto'], consumer, 'jose'))
  }
}

/** @param {string} program @param {string[]} start @param {string} cwd @param {string} engine */
async function runProgram(program, start, cwd, engine) {
  const printed = await run(program, start, { cwd, seconds: 60 })
  const { checks, failures, engine: used } = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
  if (Object.keys(failures).length > 0) throw new Error(Object.entries(failures).map(([name, failure]) => `${name}: ${failure}`).join('\n'))
  if (used !== engine) throw new Error(`signatures should be checked by ${engine} here, and were by ${used}`)
  return `${Object.entries(checks).map(([name, count]) => `${name} ${count}`).join(', ')} answers right; signatures by ${used}`
}
