import { createResourceGuard } from '@resource-guard/core'
import { redisStore, type RedisStoreOptions, type Store } from '@resource-guard/redis'
import { createTestIssuer } from '@resource-guard/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clients, type Connected } from './clients.js'
import { startRedisServer, whyNotHere, type RedisServer } from './redis-server.js'

const deadline = 0.2
/** Seconds: what a busy machine may add to a deadline. A command that hangs would take the 5 s of a client, or forever. */
const slack = 1

const operations: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  get: (store) => store.get('k'),
  set: (store) => store.set('k', 'v', 60),
  add: (store) => store.add('k', 'v', 60),
}

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

interface Settled {
  readonly seconds: number
  /** Undefined if it did not fail. */
  readonly code: string | undefined
}

async function settled(promise: Promise<unknown>): Promise<Settled> {
  const begin = performance.now()
  const code = await promise.then(() => undefined, (error: { code: string }) => error.code)
  return { code, seconds: (performance.now() - begin) / 1000 }
}

/** Every operation, ten times at once. */
const settleAll = (store: Store): Promise<Settled[]> =>
  Promise.all(Object.values(operations).flatMap((operate) => Array.from({ length: 10 }, () => settled(operate(store)))))

/** How long until the store answers again, in seconds. */
async function recovery(store: Store): Promise<number> {
  const begin = performance.now()
  while ((await settled(store.get('k'))).code !== undefined) {
    if (performance.now() - begin > 10_000) throw new Error('no recovery within 10 s')
    await sleep(0.02)
  }
  return (performance.now() - begin) / 1000
}

if (whyNotHere !== undefined) it.skip(`faults of a real server: ${whyNotHere}`)

for (const [name, connectTo] of Object.entries(clients)) {
  describe.skipIf(whyNotHere !== undefined)(`over ${name}`, () => {
    let server: RedisServer
    let connected: Connected
    let store: Store
    const storeWith = (options: RedisStoreOptions): Store => redisStore(connected.client, { deadline, ...options })

    beforeEach(async () => {
      server = await startRedisServer()
      connected = await connectTo(server.port)
      store = storeWith({})
      await store.set('before', 'v', 60)
    })
    afterEach(async () => {
      await connected.close()
      await server.close()
    })

    it('a server that hangs costs the deadline and no more, and is used again when it goes on', async () => {
      server.pause()
      for (const { code, seconds } of await settleAll(store)) {
        expect(code).toBe('STORE_TIMEOUT')
        // A timer counts from the beginning of its turn of the event loop, which may have been long.
        expect(seconds).toBeGreaterThan(deadline / 2)
        expect(seconds).toBeLessThan(deadline + slack)
      }
      server.resume()
      expect(await recovery(store)).toBeLessThan(5)
      expect(await store.get('before')).toBe('v')
    })

    it('a slow server is waited for within the deadline', async () => {
      await server.command('CLIENT PAUSE 300 ALL')
      const patient = storeWith({ deadline: 5 })
      expect(await patient.get('before')).toBe('v')
      await server.command('CLIENT PAUSE 300 ALL')
      expect((await settled(store.get('before'))).code).toBe('STORE_TIMEOUT')
    })

    it('a server that is gone costs the deadline at most, also to many at once, and is used again when it is back', async () => {
      await server.stop()
      for (let round = 0; round < 3; round++) {
        for (const { code, seconds } of await settleAll(store)) {
          expect(code).toMatch(/^\w+$/)
          expect(seconds).toBeLessThan(deadline + slack)
        }
      }
      await server.start()
      expect(await recovery(store)).toBeLessThan(10)
      await store.set('after', 'v', 60)
      expect(await store.get('after')).toBe('v')
      expect(await store.add('after', 'w', 60)).toBe(false)
    })

    it('a server that restarts between two commands is seen by no more than those at the time', async () => {
      await server.stop()
      await server.start()
      expect(await recovery(store)).toBeLessThan(10)
      expect((await settleAll(store)).map(({ code }) => code)).toEqual(Array(30).fill(undefined))
    })

    it('connections that are cut while commands are under way leave nothing hanging', async () => {
      await server.command('CLIENT PAUSE 100 ALL')
      const cut = settleAll(store)
      await sleep(0.02)
      await server.stop()
      for (const { seconds } of await cut) expect(seconds).toBeLessThan(deadline + slack)
      await server.start()
      expect(await recovery(store)).toBeLessThan(10)
    })

    it('a full server rejects what writes, forgets nothing, and takes again when there is room', async () => {
      await server.command('CONFIG SET maxmemory 1')
      for (const write of ['set', 'add']) {
        const { code, seconds } = await settled(operations[write]?.(store) as Promise<unknown>)
        expect([write, code]).toEqual([write, 'OOM'])
        expect(seconds).toBeLessThan(deadline + slack)
      }
      expect(await store.get('before')).toBe('v')
      await server.command('CONFIG SET maxmemory 0')
      expect(await store.add('k', 'v', 60)).toBe(true)
    })

    it('a server that has become a replica rejects what writes, until it is master again', async () => {
      await server.command('REPLICAOF 127.0.0.1 1')
      expect((await settled(store.add('k', 'v', 60))).code).toBe('READONLY')
      expect((await settled(store.set('k', 'v', 60))).code).toBe('READONLY')
      await server.command('REPLICAOF NO ONE')
      expect(await recovery(store)).toBeLessThan(5)
      expect(await store.add('k', 'v', 60)).toBe(true)
    })

    it('tokens that may be used once are let in once, and not at all while nobody can tell', async () => {
      const issuer = await createTestIssuer({ issuer: 'https://login.example.com' })
      const resource = 'https://api.example.com'
      const guard = createResourceGuard({
        resource,
        authorizationServers: [issuer.issuer],
        fetch: issuer.fetch,
        isRevoked: async ({ claims }) => !(await store.add(`once:${claims['jti']}`, '1', 600)),
      })
      const newToken = (): Promise<string> => issuer.token({ aud: resource })
      const use = async (token: string): Promise<unknown> => {
        const outcome = await guard.handle(new Request(resource, { headers: { authorization: `Bearer ${token}` } }))
        return outcome.kind === 'reply' ? outcome.status : outcome.kind
      }
      const token = await newToken()
      expect(await Promise.all([use(token), use(token), use(token)])).toEqual(expect.arrayContaining(['granted', 401, 401]))

      const faults: readonly (readonly [() => unknown, () => unknown])[] = [
        [() => server.pause(), () => server.resume()],
        [() => server.stop(), () => server.start()],
        [() => server.command('CONFIG SET maxmemory 1'), () => server.command('CONFIG SET maxmemory 0')],
        [() => server.command('REPLICAOF 127.0.0.1 1'), () => server.command('REPLICAOF NO ONE')],
      ]
      for (const [begin, end] of faults) {
        await begin()
        const started = performance.now()
        expect(await Promise.all([use(await newToken()), use(await newToken())])).toEqual([503, 503])
        expect((performance.now() - started) / 1000).toBeLessThan(deadline + slack)
        await end()
        await vi.waitFor(async () => expect(await use(await newToken())).toBe('granted'), { timeout: 10_000, interval: 20 })
      }
    })

    it('an outage fills no memory: what is beyond the limit of held commands is rejected at once', async () => {
      const limited = storeWith({ pending: 5 })
      server.pause()
      const begun = Array.from({ length: 20 }, () => settled(limited.get('before')))
      const [first, beyond] = [await Promise.all(begun.slice(0, 5)), await Promise.all(begun.slice(5))]
      expect(first.map(({ code }) => code)).toEqual(Array(5).fill('STORE_TIMEOUT'))
      expect(beyond.map(({ code }) => code)).toEqual(Array(15).fill('STORE_BUSY'))
      for (const { seconds } of beyond) expect(seconds).toBeLessThan(deadline)
      server.resume()
      expect(await recovery(limited)).toBeLessThan(5)
      expect((await Promise.all(Array.from({ length: 5 }, () => settled(limited.get('before'))))).map(({ code }) => code)).toEqual(Array(5).fill(undefined))
    })

    it('a reply that came while this process was held up is read, not given up', async () => {
      const impatient = storeWith({ deadline: 0.05 })
      const asked = impatient.get('before')
      // By then the command is written, and its reply cannot have been read.
      await new Promise((resolve) => setImmediate(resolve))
      const until = performance.now() + 150
      while (performance.now() < until);
      expect(await asked).toBe('v')
    })
  })
}

describe.skipIf(whyNotHere !== undefined)('a server that wants a password', () => {
  it('is told by its word for that', async () => {
    const server = await startRedisServer()
    const { client, close } = await (clients['one function that sends a command'] as (port: number) => Promise<Connected>)(server.port)
    await server.command('CONFIG SET requirepass secret')
    for (const operate of Object.values(operations)) expect((await settled(operate(redisStore(client)))).code).toBe('NOAUTH')
    close()
    await server.close()
  })
})

describe.skipIf(whyNotHere !== undefined)('what was given up while node-redis had no connection', () => {
  it('is taken off its queue, and never written later', async () => {
    const server = await startRedisServer()
    const { client, close } = await (clients['node-redis'] as (port: number) => Promise<Connected>)(server.port)
    const store = redisStore(client, { deadline })
    await server.stop()
    await sleep(0.05)
    expect((await settled(store.set('late', 'v', 60))).code).toBe('STORE_TIMEOUT')
    await server.start()
    await recovery(store)
    expect(await store.get('late')).toBeUndefined()
    close()
    await server.close()
  })
})
