import { ConfigurationError, redisStore, StoreError, type RedisClient } from '@resource-guard/redis'
import { createClient, createCluster, createSentinel } from 'redis'
import { describe, expect, it, vi } from 'vitest'

const address = { host: '127.0.0.1', port: 1 }
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no failure', (error: unknown) => error)

describe('the client', () => {
  it.each([undefined, null, 'redis://127.0.0.1', 7, {}, { get: () => {} }, { sendCommand: true }])('is not %j', (client) => {
    expect(() => redisStore(client as unknown as RedisClient)).toThrow(ConfigurationError)
    expect(() => redisStore(client as unknown as RedisClient)).toThrow('client: must be a client of node-redis or ioredis, or a function that sends one command: (args) => Promise')
  })

  it('of node-redis needs a listener for its errors, or an outage would end the process', () => {
    const client = createClient()
    expect(() => redisStore(client)).toThrow("client: has no listener for 'error'")
    client.on('error', () => {})
    expect(() => redisStore(client)).not.toThrow()
  })

  it('of node-redis for a cluster or sentinels is to be a function, also to the compiler', () => {
    const cluster = createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] })
    const sentinel = createSentinel({ name: 'main', sentinelRootNodes: [address] })
    // @ts-expect-error it takes the key first
    expect(() => redisStore(cluster)).toThrow('client: is a node-redis cluster or sentinel: give a function, (args) => cluster.sendCommand(args[1], false, args)')
    // @ts-expect-error it takes the kind of access first
    expect(() => redisStore(sentinel)).toThrow('(args) => sentinel.sendCommand(false, args)')
    expect(() => redisStore((args) => cluster.sendCommand(args[1], false, [...args]))).not.toThrow()
    expect(() => redisStore((args) => sentinel.sendCommand(false, [...args]))).not.toThrow()
  })
})

describe('an option', () => {
  const send = async (): Promise<unknown> => null
  it.each([
    [{ prefix: '' }, 'prefix: must be a string of 1 to 128 characters'],
    [{ prefix: 'x'.repeat(129) }, 'prefix: must be a string of 1 to 128 characters'],
    [{ prefix: 'a\ud800' }, 'prefix: must be a string of 1 to 128 characters'],
    [{ prefix: 7 }, 'prefix: must be a string of 1 to 128 characters'],
    [{ deadline: 0 }, 'deadline: must be a number from 0.01 to 60 (seconds)'],
    [{ deadline: 500 }, 'deadline: must be a number from 0.01 to 60 (seconds)'],
    [{ deadline: Number.NaN }, 'deadline: must be a number from 0.01 to 60 (seconds)'],
    [{ deadline: '1' }, 'deadline: must be a number from 0.01 to 60 (seconds)'],
    [{ pending: 0 }, 'pending: must be a whole number, 1 or more'],
    [{ pending: 1.5 }, 'pending: must be a whole number, 1 or more'],
    [{ timeout: 1 }, 'timeout: is not an option; there are: prefix, deadline, pending'],
  ])('that is wrong is named: %j', (options, message) => {
    expect(() => redisStore(send, options as object)).toThrow(ConfigurationError)
    expect(() => redisStore(send, options as object)).toThrow(message)
  })
})

describe('what is sent', () => {
  it('is one command with the prefixed key, the value and the milliseconds', async () => {
    const sent: (readonly string[])[] = []
    const store = redisStore(async (args) => {
      sent.push(args)
      return args[0] === 'GET' ? null : 'OK'
    }, { prefix: 'p:' })
    await store.get('a')
    await store.set('b', 'v', 1.5)
    await store.add('c', 'w', 0.0001)
    expect(sent).toEqual([['GET', 'p:a'], ['SET', 'p:b', 'v', 'PX', '1500'], ['SET', 'p:c', 'w', 'PX', '1', 'NX']])
  })

  it('is nothing where key or value are not well-formed Unicode, or the time is none', async () => {
    const send = vi.fn<() => Promise<unknown>>()
    const store = redisStore(send)
    for (const asked of [store.get('\ud800'), store.set('\udc00', 'v', 1), store.add('k', 'v\ud800', 1), store.set('k', 'v', 0), store.add('k', 'v', 1e30)]) {
      expect(await failure(asked)).toBeInstanceOf(RangeError)
    }
    expect(send).not.toHaveBeenCalled()
  })
})

describe('a reply', () => {
  it.each([
    ['get', undefined], ['get', 7], ['get', Buffer.from('v')], ['get', ['v']],
    ['set', null], ['set', undefined], ['set', true], ['set', 'QUEUED'], ['set', Buffer.from('OK')],
    ['add', undefined], ['add', false], ['add', 1], ['add', 0], ['add', 'QUEUED'], ['add', ''],
  ] as const)('of another kind is never taken for an answer: %s %j', async (operation, reply) => {
    const store = redisStore(async () => reply)
    expect(await failure(operation === 'get' ? store.get('k') : store[operation]('k', 'v', 1))).toMatchObject({ name: 'StoreError', code: 'STORE_REPLY' })
  })
})

describe('a failure of the client', () => {
  class ClientOfflineError extends Error {}
  it.each([
    [Object.assign(new Error('connect ECONNREFUSED redis://user:secret@10.0.0.1'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'OOM'],
    [new Error("ERR unknown command 'SET', with args beginning with: 'secret'"), 'ERR'],
    [new ClientOfflineError('secret'), 'ClientOfflineError'],
    [new TypeError('secret'), 'TypeError'],
    [new Error('secret'), 'STORE_FAILED'],
    [new Error('SECRETS'), 'STORE_FAILED'],
    [Object.assign(new Error('x'), { code: 'a secret' }), 'STORE_FAILED'],
    ['secret', 'STORE_FAILED'],
    [undefined, 'STORE_FAILED'],
  ])('is told by its code alone: %s', async (thrown, code) => {
    const fail = [() => Promise.reject(thrown), () => { throw thrown }] as (() => Promise<unknown>)[]
    for (const client of fail.flatMap((send): RedisClient[] => [send, { call: send }, { sendCommand: send }])) {
      const error = await failure(redisStore(client).get('k'))
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ code, message: `the Redis command failed: ${code}` })
      expect((error as Error).cause).toBeUndefined()
    }
  })
})

describe('a command that is given up', () => {
  it('has its signal aborted, and what comes of it later is lost without a trace', async () => {
    let given: AbortSignal | undefined
    let fail: (error: Error) => void = () => {}
    const store = redisStore((_, signal) => new Promise((_resolve, reject) => {
      given = signal
      fail = reject
    }), { deadline: 0.02 })
    expect(await failure(store.get('k'))).toMatchObject({ code: 'STORE_TIMEOUT', message: 'no answer within 0.02 s' })
    expect(given?.aborted).toBe(true)
    fail(new Error('late'))
    await new Promise((resolve) => setImmediate(resolve))
  })

  it('counts as held until the client has settled it', async () => {
    const settle: ((reply: null) => void)[] = []
    const store = redisStore(() => new Promise((resolve) => void settle.push(resolve)), { deadline: 0.02, pending: 1 })
    expect(await failure(store.get('k'))).toMatchObject({ code: 'STORE_TIMEOUT' })
    expect(await failure(store.get('k'))).toMatchObject({ code: 'STORE_BUSY' })
    settle[0]?.(null)
    await new Promise((resolve) => setImmediate(resolve))
    const next = store.get('k')
    settle[1]?.(null)
    expect(await next).toBeUndefined()
  })

  it('leaves no timer behind when it was answered', async () => {
    vi.useFakeTimers()
    try {
      await redisStore(async () => null).get('k')
      await failure(redisStore(async () => { throw new Error('x') }).get('k'))
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
