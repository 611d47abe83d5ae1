// Makes each mistake that is listed beside this file in a copy of the working tree, and fails if the tests named for one do not notice it.
//   npm run test:mutants               all of them
//   npm run test:mutants -- audience   those with the word in their reason or file
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from './mutants.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'mutants-'))
const say = (text) => process.stdout.write(`${text}\n`)

/** The sources, the tests and their settings. Dependencies are only pointed at: the tests resolve this workspace's packages to the sources beside them. */
function copyTree() {
  const skipped = new Set(['node_modules', 'dist', 'coverage', '.git'])
  for (const entry of ['packages', 'test', 'package.json', 'vitest.config.ts', 'tsconfig.base.json', 'tsconfig.test.json']) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true, filter: (path) => !skipped.has(basename(path)) })
  }
  for (const folder of ['.', 'test', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))]) {
    const dependencies = join(root, folder, 'node_modules')
    if (existsSync(dependencies)) symlinkSync(dependencies, join(copy, folder, 'node_modules'))
  }
}

/** Runs test files in the copy. What failed: a test, or `undefined` for none. A file that does not even load is no verdict. */
function failureOf(tests) {
  const output = join(copy, 'result.json')
  rmSync(output, { force: true })
  const { status, stdout, stderr, error } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...tests, '--bail=1', '--reporter=json', `--outputFile=${output}`], {
    cwd: copy, encoding: 'utf8', timeout: 180_000, maxBuffer: 64 * 1024 * 1024,
  })
  if (!existsSync(output)) throw new Error(`no result: ${error ?? ''}\n${stdout}\n${stderr}`)
  const { success, testResults } = JSON.parse(readFileSync(output, 'utf8'))
  if (success) return status === 0 ? undefined : 'an error that no test has caught'
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults).find((one) => one.status === 'failed')
  if (failed === undefined) throw new Error(`no test failed, and yet: ${testResults.map(({ message }) => message).join('\n')}`)
  return failed.fullName
}

/** Makes the mistake, and says which test noticed. Throws where none does, and where the mistake cannot be made any more. */
function kill({ file, find, replace, tests }) {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  const found = source.split(find).length - 1
  if (found !== 1) throw new Error(`the text to replace is there ${found} times, not once:\n${find}`)
  writeFileSync(path, source.replace(find, () => replace))
  try {
    const noticed = failureOf(tests)
    if (noticed === undefined) throw new Error(`SURVIVED ${tests.join(', ')}`)
    return noticed
  } finally {
    writeFileSync(path, source)
  }
}

function main() {
  const words = process.argv.slice(2).map((word) => word.toLowerCase())
  const chosen = mutants.filter(({ why, file }) => words.every((word) => `${why} ${file}`.toLowerCase().includes(word)))
  copyTree()
  const failing = failureOf([...new Set(chosen.flatMap(({ tests }) => tests))])
  if (failing !== undefined) throw new Error(`a test fails without any mistake: ${failing}`)
  let alive = 0
  for (const mutant of chosen) {
    try {
      say(`killed    ${mutant.why}\n          by ${kill(mutant)}`)
    } catch (error) {
      alive += 1
      say(`NOT KILLED ${mutant.why} (${mutant.file})\n          ${error instanceof Error ? error.message : error}`)
    }
  }
  say(`${chosen.length - alive} of ${chosen.length} mutants killed`)
  if (alive > 0 || chosen.length === 0) process.exitCode = 1
}

try {
  main()
} finally {
  rmSync(copy, { recursive: true, force: true })
}
