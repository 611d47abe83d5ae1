import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { interleave, medians } from './rounds.js'

const run = promisify(execFile)
const path = (file) => fileURLToPath(new URL(file, import.meta.url))

async function inFreshProcess(file, args = []) {
  const { stdout } = await run(process.execPath, ['--expose-gc', path(file), ...args], { cwd: path('.') })
  return JSON.parse(stdout)
}

const modules = {
  'bare runtime': [],
  '@resource-guard/core': [path('../../packages/core/dist/bundle.js')],
  jose: ['jose'],
  oauth4webapi: ['oauth4webapi'],
  'fast-jwt': ['fast-jwt'],
  'fast-jwt + get-jwks': ['fast-jwt', 'get-jwks'],
  'aws-jwt-verify': ['aws-jwt-verify'],
  'jsonwebtoken + jwks-rsa': ['jsonwebtoken', 'jwks-rsa'],
  'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer'],
}

/** Time and resident memory that an import takes, above a process that imports nothing: of this project, of what is published. */
export async function measureImports({ rounds, progress }) {
  progress('imports')
  await run(process.execPath, [path('../../packages/core/bundle.js')])
  const { 'bare runtime': bare, ...measured } = medians(
    await interleave(modules, rounds, async (names) => {
      const { millis, rss } = await inFreshProcess('import-cost.js', names)
      return { millis, mebibytes: rss / 2 ** 20 }
    }),
  )
  return Object.fromEntries(Object.entries(measured).map(([name, { millis, mebibytes }]) => [name, { millis, mebibytes: mebibytes - bare.mebibytes }]))
}

/** Heap held by the guard after 10,000 good tokens, and its growth under 10,000 hostile ones, in MiB. */
export async function measureHeap({ progress }) {
  progress('heap')
  const { hostile, once, twice } = await inFreshProcess('heap.js')
  return { once: once / 2 ** 20, twice: twice / 2 ** 20, hostile: hostile / 2 ** 20 }
}
