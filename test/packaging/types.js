// @ts-check
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { run } from './run.js'

const require = createRequire(new URL('../../package.json', import.meta.url))
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')

/**
 * Compiles a program against the installed packages, declarations included, as strictly as the compiler can.
 * @param {string} folder @param {string} resolution
 */
export async function compileConsumer(folder, resolution) {
  const module = resolution === 'bundler' ? 'esnext' : resolution
  await run(process.execPath, [
    tsc, 'consumer.ts', '--noEmit', '--ignoreConfig', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--verbatimModuleSyntax',
    '--target', 'es2023', '--lib', 'es2023,dom', '--types', 'node', '--module', module, '--moduleResolution', resolution,
  ], { cwd: folder })
  return 'consumer.ts compiles, with the declarations of all that it imports checked too'
}
