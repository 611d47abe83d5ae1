import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Against what is published, as `npm run build` has left it.
const hasRedis = spawnSync('redis-server', ['--version']).status === 0

async function run(program: string): Promise<{ readonly code: number | null; readonly printed: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../examples/${program}`, import.meta.url))], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, printed }
}

describe('an example', () => {
  const told = hasRedis ? '' : ': SKIPPED, not run at all: there is no redis-server on this machine (apt-get install redis-server)'

  it.skipIf(!hasRedis)(`many-instances goes as it says${told}`, { timeout: 90_000 }, async () => {
    const { code, printed } = await run('many-instances/main.js')
    expect(printed).toContain('Everything went as told.')
    expect(printed).not.toContain(' !! ')
    expect(code).toBe(0)
  })
})
