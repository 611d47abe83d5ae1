import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KeySource } from '../../src/token/keys.js'
import type { KeyPolicy } from '../../src/token/key-policy.js'
import {
  createKeyServer, got, hang, issuer, json, jwksUri, keysOf, kids, makeKey, moveClock, pass, serve, sleep, slowly, sourcesOf, unavailable, unreachable,
  type Answer, type KeyServer,
} from './key-server.js'

const a = makeKey('a')
const b = makeKey('b')

beforeEach(() => moveClock())
afterEach(() => vi.useRealTimers())

function setUp(answer: Answer, policy?: KeyPolicy, random = 0): { server: KeyServer; source: KeySource } {
  const server = createKeyServer(answer)
  return { server, source: sourcesOf(server, policy, { random: () => random }).source({ issuer, jwksUri }) }
}

async function warm(answer: Answer = serve([a]), policy?: KeyPolicy, random = 0): Promise<{ server: KeyServer; source: KeySource }> {
  const made = setUp(answer, policy, random)
  got(await made.source.load())
  return made
}

/** Whatever needs no timer happens. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** What one request does; how long it waited, in seconds. */
async function request(source: KeySource): Promise<{ keys: Awaited<ReturnType<KeySource['load']>>; waited: number }> {
  const begun = Date.now()
  const keys = source.snapshot() ?? (await source.load())
  return { keys, waited: (Date.now() - begun) / 1000 }
}

describe('the first keys', () => {
  it('are fetched once for 500 concurrent requests', async () => {
    const { server, source } = setUp(slowly(100, serve([a])))
    const all = Promise.all(Array.from({ length: 500 }, () => request(source)))
    await pass(0.1)
    for (const { keys } of await all) expect(kids(keys)).toEqual(['a'])
    expect(server.requests).toHaveLength(1)
  })

  it('are keys_unavailable for every waiting request when the fetch fails', async () => {
    const { server, source } = setUp(slowly(100, unavailable))
    const all = Promise.all(Array.from({ length: 50 }, () => source.load()))
    await pass(0.1)
    for (const result of await all) {
      expect(result).toEqual({ reason: 'keys_unavailable', detail: `keys of ${issuer}: ${jwksUri} answered 503`, verified: false })
    }
    expect(server.requests).toHaveLength(1)
  })

  it('are given up after the deadline, also by a fetch that does not listen to its signal', async () => {
    const { source } = setUp(hang)
    const waiting = request(source)
    await pass(3)
    const { keys, waited } = await waiting
    expect(keys).toMatchObject({ reason: 'keys_unavailable' })
    expect(waited).toBe(3)
    expect(source.health()).toMatchObject({ state: 'empty', age: undefined, lastError: 'no complete answer within 3 s' })
  })

  it('are tried for again at growing distances, at most 8 s, however many requests come', async () => {
    const { server, source } = setUp(unreachable)
    const at: number[] = []
    const begun = Date.now()
    for (let tick = 0; tick < 400; tick += 1) {
      const before = server.requests.length
      await request(source)
      if (server.requests.length > before) at.push((Date.now() - begun) / 1000)
      await pass(0.1)
    }
    expect(at.map((time) => Math.round(time * 10) / 10)).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5, 39.5])
    expect(source.health().lastError).toBe(`${jwksUri}: ECONNREFUSED`)
  })

  it('arm no timer before they are there', async () => {
    const { source } = setUp(unreachable)
    await source.load()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are there at most 10 s after the endpoint recovers, even if it hung', async () => {
    for (const outage of [0.2, 4, 60, 600, 5000]) {
      const { server, source } = setUp(hang)
      for (let passed = 0; passed < outage; passed += 0.1) {
        void request(source)
        await pass(0.1)
      }
      server.answer = serve([a])
      const recovered = Date.now()
      for (;;) {
        const attempt = request(source)
        await pass(0.1)
        if (source.snapshot() !== undefined) break
        void attempt
      }
      expect((Date.now() - recovered) / 1000).toBeLessThanOrEqual(10)
    }
  })
})

describe('fresh keys', () => {
  it('are used without asking, and refreshed by a timer before freshness ends', async () => {
    const { server, source } = await warm()
    await pass(449)
    expect(server.requests).toHaveLength(1)
    server.answer = serve([b])
    await pass(1)
    expect(server.requests).toHaveLength(2)
    expect(kids(source.snapshot())).toEqual(['b'])
  })

  it.each([
    [0, 0.75],
    [0.999, 0.95],
  ])('are refreshed with jitter: %d', async (random, share) => {
    const { server } = await warm(serve([a]), {}, random)
    await pass(600 * share - 1)
    expect(server.requests).toHaveLength(1)
    await pass(1)
    expect(server.requests).toHaveLength(2)
  })

  it('are refreshed in the background by a request where timers are not kept', async () => {
    const { server, source } = await warm()
    sleep(450)
    server.answer = slowly(50, serve([b]))
    expect((await request(source)).waited).toBe(0)
    expect(kids(source.snapshot())).toEqual(['a'])
    await pass(0.05)
    expect(kids(source.snapshot())).toEqual(['b'])
    expect(server.requests).toHaveLength(2)
  })

  it('stay the same objects where they stay the same keys, and go where they are withdrawn', async () => {
    const { server, source } = await warm(serve([a, b]))
    const before = got(source.snapshot())
    const [keyA, keyB] = keysOf(before) as [never, never]
    server.answer = serve([b, makeKey('c')])
    await pass(450)
    const after = got(source.snapshot())
    expect(after).not.toBe(before)
    expect(after.has(keyA)).toBe(false)
    expect(after.has(keyB)).toBe(true)
    expect(keysOf(after, 'b')[0]).toBe(keyB)
    expect(kids(after)).toEqual(['b', 'c'])
  })

  it.each<[string, Record<string, string>, number]>([
    ['max-age=0', { 'cache-control': 'max-age=0' }, 300],
    ['max-age=400', { 'cache-control': 'max-age=400' }, 400],
    ['max-age=10^9', { 'cache-control': 'max-age=1000000000' }, 600],
  ])('%s holds within the bounds', async (_, headers, fresh) => {
    const { source } = await warm(serve([a], headers))
    sleep(fresh - 0.001)
    expect(source.health().state).toBe('fresh')
    sleep(0.001)
    expect(source.health().state).toBe('stale')
  })

  it('count their age from when the fetch was begun', async () => {
    const { source } = setUp(slowly(2000, serve([a])))
    const loading = source.load()
    await pass(2)
    await loading
    expect(source.health().age).toBe(2)
    const states = [597.999, 0.001, 2999.999, 0.001].map((seconds) => {
      sleep(seconds)
      return source.health().state
    })
    expect(states).toEqual(['fresh', 'stale', 'stale', 'dead'])
  })

  it('do not last longer when the clock is set back', async () => {
    const { server, source } = await warm()
    vi.setSystemTime(Date.now() - 86_400_000)
    source.snapshot()
    sleep(450)
    server.answer = serve([b])
    source.snapshot()
    await pass(0)
    expect(kids(source.snapshot())).toEqual(['b'])
  })
})

describe('a process that slept past freshness', () => {
  it('waits for the refresh, so that a withdrawn key is not accepted', async () => {
    const { server, source } = await warm()
    sleep(601)
    server.answer = slowly(200, serve([b]))
    const waiting = Promise.all([request(source), request(source)])
    await pass(0.2)
    for (const { keys, waited } of await waiting) {
      expect(kids(keys)).toEqual(['b'])
      expect(waited).toBe(0.2)
    }
    expect(server.requests).toHaveLength(2)
  })

  it('waits at most 300 ms, once, and is then served with what it has', async () => {
    const { server, source } = await warm()
    sleep(601)
    server.answer = hang
    const waiting = request(source)
    await pass(0.1)
    const joining = request(source)
    await pass(0.2)
    expect((await waiting).waited).toBe(0.3)
    expect((await joining).waited).toBe(0.2)
    for (let i = 0; i < 100; i += 1) {
      expect(kids(source.snapshot())).toEqual(['a'])
      await pass(0.1)
    }
  })

  it('waits up to the deadline where it slept for more than ten minutes after that', async () => {
    const { server, source } = await warm()
    sleep(1201)
    server.answer = slowly(2900, serve([b]))
    const waiting = request(source)
    await pass(2.9)
    expect(kids((await waiting).keys)).toEqual(['b'])
  })

  it('waits also where a refresh had failed before freshness ended', async () => {
    const { server, source } = await warm()
    sleep(590)
    server.answer = unavailable
    source.snapshot()
    await pass(0)
    sleep(11)
    server.answer = slowly(200, serve([b]))
    const waiting = request(source)
    await pass(0.2)
    expect(kids((await waiting).keys)).toEqual(['b'])
  })

  it('waits also where a refresh had failed long ago', async () => {
    const { server, source } = await warm()
    sleep(601)
    server.answer = unavailable
    await request(source)
    sleep(601)
    server.answer = slowly(1000, serve([b]))
    const waiting = request(source)
    await pass(1)
    expect(kids((await waiting).keys)).toEqual(['b'])
  })

  it('does not take a flight for one under way that began before it slept', async () => {
    const { server, source } = await warm()
    sleep(450)
    server.answer = hang
    source.snapshot()
    await turns() // It has really been sent.
    expect(server.requests).toHaveLength(2)
    sleep(500)
    server.answer = serve([b])
    expect(kids((await request(source)).keys)).toEqual(['b'])
  })

  it('waits for a flight whose deadline is over and whose timer is late, and counts it as failed', async () => {
    const { server, source } = setUp(hang)
    void request(source)
    await turns()
    sleep(3.5)
    void request(source)
    await turns()
    expect(server.requests).toHaveLength(1)
    await pass(3)
    expect(source.health().lastError).toBe('no complete answer within 3 s')
    expect(source.health().nextRefresh).toBeGreaterThan(0)
  })

  it('waits also where the flight that it slept through is given up first thing when it wakes up', async () => {
    const { server, source } = await warm()
    sleep(450)
    server.answer = hang
    source.snapshot()
    await turns()
    sleep(700)
    server.answer = slowly(200, serve([b]))
    await pass(3) // The timer of its deadline, long overdue.
    const waiting = request(source)
    await pass(0.2)
    expect(kids((await waiting).keys)).toEqual(['b'])
  })

  it.each(['lands', 'fails'])('does not let a flight that was lost and %s after all overwrite what a later one brought', async (how) => {
    const { server, source } = await warm()
    let land: ((response: Response) => void) | undefined
    let fail: ((error: Error) => void) | undefined
    server.answer = () => new Promise((resolve, reject) => {
      land = resolve
      fail = reject
    })
    sleep(450)
    source.snapshot()
    await turns()
    expect(land).toBeDefined()
    sleep(500)
    server.answer = serve([b])
    expect(kids((await request(source)).keys)).toEqual(['b'])
    if (how === 'lands') land?.(json({ keys: [a] }))
    else fail?.(new Error('down'))
    await turns()
    expect(kids(source.snapshot())).toEqual(['b'])
    expect(source.health().lastError).toBeUndefined()
  })
})

describe('an outage', () => {
  it.each([['refusing', unreachable], ['hanging', hang], ['in error', unavailable], ['emptied', serve([])]] as const)(
    'of an endpoint that is %s is not noticed for 15 minutes by good tokens, at traffic or idle',
    async (_, answer) => {
      const { server, source } = await warm()
      server.answer = answer
      for (let second = 0; second < 900; second += 0.25) {
        const { keys, waited } = await request(source)
        expect(kids(keys)).toEqual(['a'])
        expect(waited).toBe(0)
        await pass(0.25)
      }
      expect(source.health()).toMatchObject({ state: 'stale', age: 900 })
      expect(source.health().lastError).toBeTypeOf('string')
      // From 450 s on: 0.5 + 1 + 2 + 4 s, then each 8 s.
      expect(server.requests.length).toBeLessThanOrEqual(1 + 5 + Math.ceil(450 / 8))
      expect(server.requests.length).toBeGreaterThan(50)
    },
  )

  it('ends the use of keys at maxStale, and 25 h into it nothing is served', async () => {
    const { server, source } = await warm()
    server.answer = unreachable
    await pass(3599)
    expect(kids((await request(source)).keys)).toEqual(['a'])
    await pass(1)
    expect((await request(source)).keys).toMatchObject({ reason: 'keys_unavailable', detail: `keys of ${issuer}: ${jwksUri}: ECONNREFUSED` })
    expect(source.health().state).toBe('dead')
    await pass(24 * 3600)
    expect((await request(source)).keys).toMatchObject({ reason: 'keys_unavailable' })
  })

  it('is over for good tokens at most 10 s after the endpoint has recovered', async () => {
    const { server, source } = await warm()
    server.answer = unreachable
    await pass(4000)
    await request(source)
    server.answer = serve([a])
    let waited = 0
    while ('reason' in (await request(source)).keys) {
      await pass(0.5)
      waited += 0.5
    }
    expect(waited).toBeLessThanOrEqual(10)
    expect(source.health()).toMatchObject({ state: 'fresh', lastError: undefined })
  })

  it('costs a dead source that nobody asks for one attempt each ten minutes', async () => {
    const { server } = await warm()
    server.answer = unreachable
    await pass(3700)
    const before = server.requests.length
    await pass(6000)
    expect(server.requests.length - before).toBe(10)
  })

  it('lets known tokens pass while an unknown kid has the endpoint asked', async () => {
    const { server, source } = await warm()
    server.answer = hang
    const stranger = source.reload(got(source.snapshot()), 'key_unknown', 'x')
    expect((await request(source)).waited).toBe(0)
    await pass(3)
    expect(await stranger).toBe(source.snapshot())
  })
})

describe('an unknown kid', () => {
  /** What token/jwt.ts does with one token. */
  async function present(source: KeySource, kid: string): Promise<boolean> {
    const keys = got((await request(source)).keys)
    if (keysOf(keys, kid).length > 0) return true
    return keysOf(got(await source.reload(keys, 'key_unknown', kid)), kid).length > 0
  }

  it('finds a new key at once', async () => {
    const { server, source } = await warm()
    server.answer = serve([a, b])
    expect(await present(source, 'b')).toBe(true)
    expect(server.requests).toHaveLength(2)
  })

  it('finds a new key at once right after a stranger\'s unknown kid', async () => {
    const { server, source } = await warm()
    expect(await present(source, 'stranger')).toBe(false)
    server.answer = serve([a, b])
    expect(await present(source, 'b')).toBe(true)
  })

  it('finds a new key that was published after the flight that it joins was begun', async () => {
    const { server, source } = await warm()
    server.answer = slowly(1000, serve([a]))
    const stranger = present(source, 'stranger')
    await pass(0.3)
    server.answer = serve([a, b])
    const found = present(source, 'b')
    await pass(1)
    expect([await stranger, await found]).toEqual([false, true])
    expect(server.requests).toHaveLength(3)
  })

  it('waits for one flight more at most, however many others wait and whatever the clock says', async () => {
    let tick = 0
    const server = createKeyServer(serve([a]))
    const source = sourcesOf(server, { unknownKidReloads: 20 }, { now: () => Date.now() + (tick += 0.01), random: () => 0 }).source({ issuer, jwksUri })
    got(await source.load())
    server.answer = slowly(100, serve([a]))
    const waiting = Promise.all(Array.from({ length: 50 }, (_, i) => present(source, `stranger-${i}`)))
    await pass(0.3)
    expect(new Set(await waiting)).toEqual(new Set([false]))
    expect(server.requests.length).toBeLessThanOrEqual(3)
  })

  it('gets its slots back again a minute later', async () => {
    const { server, source } = await warm()
    const found = [0, 0]
    for (const round of [0, 1]) {
      for (let i = 0; i < 20; i += 1) {
        server.answer = serve([makeKey(`${round}-${i}`)])
        if (await present(source, `${round}-${i}`)) found[round]! += 1
      }
      sleep(61)
    }
    expect(found).toEqual([5, 5])
  })

  it('finds a new key within 5 s where a stranger has guessed its kid', async () => {
    const { server, source } = await warm()
    expect(await present(source, 'b')).toBe(false)
    server.answer = serve([a, b])
    expect(await present(source, 'b')).toBe(false)
    expect(server.requests).toHaveLength(2)
    await pass(4.9)
    expect(await present(source, 'b')).toBe(false)
    await pass(0.1)
    expect(await present(source, 'b')).toBe(true)
  })

  it('costs at most 4 fetches for 10,000 of them in 30 s, and good tokens never wait', async () => {
    const { server, source } = await warm()
    for (let i = 0; i < 10_000; i += 1) {
      await present(source, `random ${i}`)
      if (i % 20 === 0) {
        expect((await request(source)).waited).toBe(0)
        expect(await present(source, 'a')).toBe(true)
        await pass(0.06)
      }
    }
    expect(server.requests.length).toBeLessThanOrEqual(4)
    expect(server.requests.length).toBeGreaterThan(2)
  })

  it('finds a new key at most 30 s into such a flood', async () => {
    const { server, source } = await warm()
    for (let i = 0; i < 100; i += 1) await present(source, `random ${i}`)
    server.answer = serve([a, b])
    expect(await present(source, 'b')).toBe(false)
    await pass(30)
    await present(source, 'another')
    expect(await present(source, 'b')).toBe(true)
  })

  it('joins the flight in progress', async () => {
    const { server, source } = await warm()
    server.answer = slowly(100, serve([a, b]))
    const all = Promise.all(Array.from({ length: 100 }, (_, i) => present(source, i % 2 ? 'b' : `x${i}`)))
    await pass(0.1)
    expect((await all).filter(Boolean)).toHaveLength(50)
    expect(server.requests).toHaveLength(2)
  })

  it('takes its slot whatever comes of the fetch', async () => {
    const { server, source } = await warm()
    server.answer = unavailable
    await present(source, 'x1')
    await pass(1)
    await present(source, 'x2')
    await pass(10)
    server.answer = serve([a, b])
    expect(await present(source, 'b')).toBe(false)
    expect(server.requests).toHaveLength(3)
  })

  it('does not ask an endpoint more often than backoff allows', async () => {
    const { server, source } = await warm(serve([a]), { unknownKidReloads: 1000 })
    server.answer = unavailable
    for (let i = 0; i < 1000; i += 1) await present(source, `x${i}`)
    expect(server.requests).toHaveLength(2)
  })

  it('gets its slot back for a key never seen before, at most 3 times a minute', async () => {
    const { server, source } = await warm()
    let found = 0
    for (let i = 0; i < 20; i += 1) {
      server.answer = serve([makeKey(`new ${i}`)])
      if (await present(source, `new ${i}`)) found += 1
    }
    expect(found).toBe(5)
    expect(server.requests).toHaveLength(6)
  })

  it('does not get it back for keys that come and go', async () => {
    const { server, source } = await warm(serve([a]))
    server.answer = serve([b])
    await present(source, 'b')
    for (let i = 0; i < 10; i += 1) {
      server.answer = serve([i % 2 ? a : b])
      await present(source, `x${i}`)
    }
    expect(server.requests).toHaveLength(4)
  })

  it('does not cost a second fetch where the keys are newer than those it was tried with', async () => {
    const { server, source } = await warm()
    const tried = got(source.snapshot())
    server.answer = serve([a, b])
    await pass(450)
    expect(kids(await source.reload(tried, 'key_unknown', 'b'))).toEqual(['a', 'b'])
    expect(server.requests).toHaveLength(2)
  })

  it('is answered with the same snapshot where nothing is new', async () => {
    const { source } = await warm()
    const tried = got(source.snapshot())
    expect(await source.reload(tried, 'key_unknown', 'x')).toBe(tried)
    expect(await source.reload(tried, 'key_unknown', 'x')).toBe(tried)
  })

  it('is keys_unavailable where the keys are dead', async () => {
    const { server, source } = await warm()
    const tried = got(source.snapshot())
    server.answer = unreachable
    sleep(3600)
    expect(await source.reload(tried, 'key_unknown', 'x')).toMatchObject({ reason: 'keys_unavailable' })
  })
})

describe('a wrong signature under a known kid', () => {
  it('finds a rotation under the same kid', async () => {
    const { server, source } = await warm()
    const tried = got(source.snapshot())
    const rotated = makeKey('a')
    server.answer = serve([rotated])
    const newer = got(await source.reload(tried, 'signature_invalid', 'a'))
    expect(newer).not.toBe(tried)
    expect(keysOf(newer, 'a')[0]?.canonical).toContain(rotated.x)
    expect(newer.has(keysOf(tried, 'a')[0]!)).toBe(false)
  })

  it('costs one fetch each 30 s, from a bucket of its own', async () => {
    const { server, source } = await warm()
    for (let i = 0; i < 1000; i += 1) await source.reload(got(source.snapshot()), 'signature_invalid', 'a')
    expect(server.requests).toHaveLength(2)
    await source.reload(got(source.snapshot()), 'key_unknown', 'x')
    expect(server.requests).toHaveLength(3)
    await pass(29)
    await source.reload(got(source.snapshot()), 'signature_invalid', 'a')
    expect(server.requests).toHaveLength(3)
    await pass(1)
    await source.reload(got(source.snapshot()), 'signature_invalid', 'a')
    expect(server.requests).toHaveLength(4)
    expect(vi.getTimerCount()).toBe(1)
  })
})

describe('a withdrawn key', () => {
  it('is refused once the new set was seen', async () => {
    const { server, source } = await warm(serve([a, b]))
    const [withdrawn] = keysOf(got(source.snapshot()), 'a')
    server.answer = serve([b])
    await source.reload(got(source.snapshot()), 'key_unknown', 'x')
    expect(got(source.snapshot()).has(withdrawn!)).toBe(false)
  })

  it.each(['with timers', 'without timers'])('is refused after at most 10 min, %s', async (timers) => {
    for (const random of [0, 0.5, 0.999]) {
      const { server, source } = await warm(serve([a, b]), {}, random)
      const [withdrawn] = keysOf(got(source.snapshot()), 'a')
      server.answer = serve([b])
      await (timers === 'with timers' ? pass(600) : sleep(600))
      expect(got((await request(source)).keys).has(withdrawn!)).toBe(false)
    }
  })
})

describe('revalidation', () => {
  it('sends the ETag, and keeps the keys on 304 for another time of freshness', async () => {
    const { server, source } = await warm(serve([a], { etag: '"v1"' }))
    const before = got(source.snapshot())
    server.answer = () => new Response(null, { status: 304, headers: { 'cache-control': 'max-age=300' } })
    await pass(450)
    expect(new Headers(server.requests[1]?.init.headers).get('if-none-match')).toBe('"v1"')
    expect(source.snapshot()).toBe(before)
    expect(source.health()).toMatchObject({ state: 'fresh', age: 0, nextRefresh: 225 })
    await pass(225)
    expect(new Headers(server.requests[2]?.init.headers).get('if-none-match')).toBe('"v1"')
  })

  it('takes a 304 that was not asked for as a failure', async () => {
    const { server, source } = await warm()
    server.answer = () => new Response(null, { status: 304 })
    await pass(450)
    expect(source.health().lastError).toBe(`${jwksUri} answered 304`)
  })
})

describe('close', () => {
  it('leaves no timer, and requests keep the keys current', async () => {
    const { server, source } = await warm()
    expect(vi.getTimerCount()).toBe(1)
    source.close()
    expect(vi.getTimerCount()).toBe(0)
    await pass(500)
    expect(server.requests).toHaveLength(1)
    server.answer = serve([b])
    source.snapshot()
    await pass(0)
    expect(kids(source.snapshot())).toEqual(['b'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('health', () => {
  it('says how the keys are, without starting anything', async () => {
    const { server, source } = setUp(serve([a]))
    expect(source.health()).toEqual({ issuer, state: 'empty', age: undefined, lastError: undefined, nextRefresh: 0 })
    expect(server.requests).toHaveLength(0)
    await source.load()
    sleep(100)
    expect(source.health()).toEqual({ issuer, state: 'fresh', age: 100, lastError: undefined, nextRefresh: 350 })
    sleep(3500)
    expect(source.health()).toEqual({ issuer, state: 'dead', age: 3600, lastError: undefined, nextRefresh: 0 })
    expect(server.requests).toHaveLength(1)
  })
})
