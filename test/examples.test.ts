import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// Against what is published (dist): build first, `npx tsc -b`, which `npm run check` does.
const hasRedis = spawnSync('redis-server', ['--version']).status === 0

async function run(program: string): Promise<{ readonly code: number | null; readonly printed: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../examples/${program}`, import.meta.url))], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, printed }
}

describe('an example', () => {
  it('demo goes as it says', { timeout: 60_000 }, async () => {
    const { code, printed } = await run('demo/main.js')
    expect(printed).toContain('Every step went as told.')
    expect(printed).not.toContain('NOT AS TOLD')
    expect(code).toBe(0)
  })

  it('mcp goes as it says, on every platform and both SDKs', { timeout: 60_000 }, async () => {
    const { code, printed } = await run('mcp-servers/main.js')
    expect(printed.match(/^.+(?=: as told$)/gm)).toEqual(
      ['Express', 'Fastify', 'Hono', 'node:http', 'fetch'].flatMap((platform) => [`${platform}, SDK v2`, `${platform}, SDK v1`]),
    )
    expect(code).toBe(0)
  })

  const told = hasRedis ? '' : ': SKIPPED, not run at all: there is no redis-server on this machine (apt-get install redis-server)'

  it.skipIf(!hasRedis)(`many-instances goes as it says${told}`, { timeout: 90_000 }, async () => {
    const { code, printed } = await run('many-instances/main.js')
    expect(printed).toContain('Everything went as told.')
    expect(printed).not.toContain(' !! ')
    expect(code).toBe(0)
  })
})
