import { redisStore } from '@resource-guard/redis'
import { storeContract } from '@resource-guard/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clients, type Connected } from './clients.js'
import { startRedisServer, whyNotHere, type RedisServer } from './redis-server.js'

if (whyNotHere !== undefined) it.skip(`the store contract on a real server: ${whyNotHere}`)

describe.skipIf(whyNotHere !== undefined)('on a real server', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server.close())

  for (const [name, connectTo] of Object.entries(clients)) {
    describe(`the Redis store over ${name}`, () => {
      let connected: Connected
      beforeAll(async () => {
        connected = await connectTo(server.port)
      })
      afterAll(() => connected.close())

      // Waiting costs nothing but time: all rows at once.
      it.concurrent.each(storeContract.map((row) => [row.name, row] as const))('keeps the contract: %s', (_, row) =>
        row.run(redisStore(connected.client, { prefix: `contract:${name}:`, deadline: 5 })))

      it('of a hundred adds at once over this and other connections exactly one says true', async () => {
        const others = await Promise.all(Object.values(clients).map((another) => another(server.port)))
        const stores = [connected, ...others].map(({ client }) => redisStore(client, { deadline: 5 }))
        const key = `among all ${name}`
        const added = await Promise.all(Array.from({ length: 100 }, (_, i) => stores[i % stores.length]?.add(key, `${i}`, 60)))
        expect(added.filter(Boolean)).toEqual([true])
        expect(await stores[0]?.get(key)).toBe(`${added.indexOf(true)}`)
        for (const { close } of others) close()
      })

      it('writes under the prefix alone, and nothing without an end', async () => {
        await server.command('FLUSHALL')
        const store = redisStore(connected.client, { prefix: 'mine:' })
        await store.set('a', 'one', 60)
        await store.add('b', 'two', 0.5)
        expect(await server.command('DBSIZE')).toBe(':2')
        const left = await Promise.all(['a', 'b'].map(async (key) => Number((await server.command(`PTTL mine:${key}`)).slice(1))))
        expect(left[0]).toBeGreaterThan(50_000)
        expect(left[0]).toBeLessThanOrEqual(60_000)
        expect(left[1]).toBeLessThanOrEqual(500)
        expect(await redisStore(connected.client).get('a')).toBeUndefined()
      })

      it('uses one command for each operation', async () => {
        const store = redisStore(connected.client)
        await store.get('warm up')
        await server.command('CONFIG RESETSTAT')
        await store.set('a', 'one', 60)
        await store.add('a', 'one', 60)
        await store.get('a')
        expect(await calls(server, 'set')).toBe(2)
        expect(await calls(server, 'get')).toBe(1)
      })

      it('rejects with the word that Redis put first, and quotes nothing else', async () => {
        const store = redisStore(connected.client)
        await server.command('LPUSH resource-guard:secret-key secret-value')
        const error: unknown = await store.get('secret-key').catch((thrown: unknown) => thrown)
        expect(error).toMatchObject({ name: 'StoreError', code: 'WRONGTYPE', message: 'the Redis command failed: WRONGTYPE' })
        expect(Object.keys(error as object).toSorted()).toEqual(['code', 'name'])
        expect((error as Error).cause).toBeUndefined()
        await server.command('DEL resource-guard:secret-key')
      })
    })
  }
})

/** How many times the server ran a command since its statistics were reset. */
async function calls(server: RedisServer, command: string): Promise<number> {
  const line = await server.command(`EVAL "return tonumber(string.match(redis.call('INFO','commandstats'),'cmdstat_${command}:calls=(%d+)') or 0)" 0`)
  return Number(line.slice(1))
}
