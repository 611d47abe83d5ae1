import nodeCrypto from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createVerifiedCache as createCache } from '../../src/token/verified-cache.js'
import type { VerifiedCache, VerifiedCacheOptions, VerifiedToken } from '../../src/token/verified-cache.js'

const digestOf = (n: number): string => nodeCrypto.hash('sha256', `token ${n}`, 'latin1' as 'hex')
const digests = Array.from({ length: 12_000 }, (_, n) => digestOf(n))
const verified = (size = 500): VerifiedToken => ({ header: {}, claims: {}, key: undefined as never, source: undefined as never, size, approvedAt: undefined })
const roomy = 1 << 30
const createVerifiedCache = (options: Partial<VerifiedCacheOptions> = {}): VerifiedCache => createCache({ entries: 10_000, bytes: 8 * 1024 * 1024, ...options })

/** The share of requests that are hits, as jwt.ts would use the cache. The first quarter warms it up. */
function hitRatio(cache: VerifiedCache, requests: readonly number[]): number {
  let hits = 0
  const warm = requests.length / 4
  for (const [i, n] of requests.entries()) {
    const digest = (digests[n] ??= digestOf(n))
    if (cache.get(digest)) hits += i >= warm ? 1 : 0
    else cache.set(digest, verified())
  }
  return hits / (requests.length - warm)
}

function zipf(tokens: number, requests: number): number[] {
  let seed = 7
  const cumulated: number[] = []
  for (let rank = 1, sum = 0; rank <= tokens; rank++) cumulated.push((sum += 1 / rank))
  return Array.from({ length: requests }, () => {
    seed = (seed * 48_271) % 2_147_483_647
    const at = (seed / 2_147_483_647) * (cumulated.at(-1) as number)
    return cumulated.findIndex((sum) => sum >= at)
  })
}

const scan = (tokens: number, rounds: number): number[] => Array.from({ length: tokens * rounds }, (_, i) => i % tokens)

describe('the cache of verified tokens', () => {
  it('gives back the very entry, and only for its digest', () => {
    const cache = createVerifiedCache()
    const [one, other] = [verified(), verified()]
    cache.set(digests[0] as string, one)
    cache.set(digests[1] as string, other)
    expect(cache.get(digests[0] as string)).toBe(one)
    expect(cache.get(digests[1] as string)).toBe(other)
    expect(cache.get(digests[2] as string)).toBeUndefined()
    expect(cache.get('__proto__')).toBeUndefined()
  })

  it('forgets what is deleted, and has room again', () => {
    const cache = createVerifiedCache({ entries: 2 })
    for (let n = 0; n < 2; n++) cache.set(digests[n] as string, verified())
    cache.delete(digests[0] as string)
    cache.delete(digests[0] as string)
    expect(cache.get(digests[0] as string)).toBeUndefined()
    expect(cache.entries).toBe(1)
    cache.set(digests[2] as string, verified())
    expect([1, 2].every((n) => cache.get(digests[n] as string))).toBe(true)
    for (const n of [1, 2]) cache.delete(digests[n] as string)
    expect([cache.entries, cache.bytes]).toEqual([0, 0])
    cache.set(digests[3] as string, verified())
    expect(cache.get(digests[3] as string)).toBeDefined()
  })

  it('replaces an entry under the same digest, and counts it once', () => {
    const cache = createVerifiedCache()
    cache.set(digests[0] as string, verified(100))
    const bytes = cache.bytes
    const second = verified(100)
    cache.set(digests[0] as string, second)
    expect(cache.get(digests[0] as string)).toBe(second)
    expect([cache.entries, cache.bytes]).toEqual([1, bytes])
  })

  it('never holds more entries than it may, and is full when it can be', () => {
    const cache = createVerifiedCache({ entries: 100 })
    for (const [n, digest] of digests.entries()) {
      cache.set(digest, verified())
      expect(cache.entries).toBe(Math.min(n + 1, 100))
    }
  })

  it('never takes more bytes than it may, whatever the sizes', () => {
    const cache = createVerifiedCache({ bytes: 100_000 })
    for (const [n, digest] of digests.entries()) {
      cache.set(digest, verified((n * 7919) % 16_384))
      expect(cache.bytes).toBeLessThanOrEqual(100_000)
    }
    expect(cache.bytes).toBeGreaterThan(50_000)
    expect(cache.entries).toBeGreaterThan(3)
  })

  it('does not take, and empties nothing for, an entry larger than all its room', () => {
    const cache = createVerifiedCache({ bytes: 10_000 })
    cache.set(digests[0] as string, verified())
    cache.set(digests[1] as string, verified(20_000))
    expect(cache.get(digests[1] as string)).toBeUndefined()
    expect(cache.get(digests[0] as string)).toBeDefined()
    cache.set(digests[0] as string, verified(20_000))
    expect([cache.get(digests[0] as string), cache.entries, cache.bytes]).toEqual([undefined, 0, 0])
  })

  it('with room for nothing remembers nothing', () => {
    for (const options of [{ entries: 0 }, { bytes: 0 }]) {
      const cache = createVerifiedCache(options)
      cache.set(digests[0] as string, verified())
      expect(cache.entries).toBe(0)
    }
  })

  it('keeps marks of what it evicted in no more room than its bytes, whatever its entries', () => {
    const before = process.memoryUsage().arrayBuffers
    const cache = createVerifiedCache({ entries: 10_000_000, bytes: 200_000 })
    for (const digest of digests.slice(0, 1000)) cache.set(digest, verified())
    expect(cache.entries).toBeLessThan(200)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000)
  })

  it('by default holds 10,000 small tokens, or 8 MiB of larger ones', () => {
    const [small, large] = [createVerifiedCache(), createVerifiedCache()]
    for (const digest of digests) {
      small.set(digest, verified(300))
      large.set(digest, verified(450))
    }
    expect(small.entries).toBe(10_000)
    expect(small.bytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(large.entries).toBeGreaterThan(8000)
    expect(large.entries).toBeLessThan(10_000)
    expect(large.bytes).toBeLessThanOrEqual(8 * 1024 * 1024)
  })

  it('stays consistent under sets, deletes and gets in any order', () => {
    const cache = createVerifiedCache({ entries: 50, bytes: 40_000 })
    let seed = 3
    const random = (below: number): number => Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * below)
    const last = new Map<string, VerifiedToken>()
    for (let i = 0; i < 50_000; i++) {
      const digest = digests[random(200)] as string
      const action = random(5)
      if (action === 0) {
        cache.delete(digest)
        last.delete(digest)
      } else if (action < 3) {
        const entry = verified(random(2000))
        cache.set(digest, entry)
        last.set(digest, entry)
      } else {
        const entry = cache.get(digest)
        if (entry) expect(entry).toBe(last.get(digest))
      }
      expect(cache.entries).toBeLessThanOrEqual(50)
      expect(cache.bytes).toBeLessThanOrEqual(40_000)
    }
    for (const digest of digests) cache.delete(digest)
    expect([cache.entries, cache.bytes]).toEqual([0, 0])
  })
})

describe('what is worth remembering', () => {
  it('lets in a token never seen before at once, also when full', () => {
    const cache = createVerifiedCache({ entries: 100 })
    for (let n = 0; n < 1000; n++) {
      cache.set(digests[n] as string, verified())
      expect(cache.get(digests[n] as string)).toBeDefined()
    }
  })

  it('lets a token in again that was evicted, once it has come back often enough', () => {
    const cache = createVerifiedCache({ entries: 10 })
    for (let n = 0; n < 20; n++) cache.set(digests[n] as string, verified())
    expect(cache.get(digests[0] as string)).toBeUndefined()
    let tries = 0
    while (!cache.get(digests[0] as string) && tries++ < 100) cache.set(digests[0] as string, verified())
    expect(tries).toBeGreaterThan(1)
    expect(tries).toBeLessThanOrEqual(16)
  })

  it('passes over what is in use, once', () => {
    const cache = createVerifiedCache({ entries: 3 })
    for (let n = 0; n < 3; n++) cache.set(digests[n] as string, verified())
    cache.get(digests[0] as string)
    cache.set(digests[3] as string, verified())
    expect([0, 1, 2, 3].map((n) => cache.get(digests[n] as string) !== undefined)).toEqual([true, false, true, true])
  })

  it('a cyclic scan over twice its room still has a third of hits (a least-recently-used cache has none)', () => {
    expect(hitRatio(createVerifiedCache({ entries: 2000, bytes: roomy }), scan(4000, 20))).toBeGreaterThan(0.33)
  })

  it('a cyclic scan over three times its room still has a tenth', () => {
    expect(hitRatio(createVerifiedCache({ entries: 2000, bytes: roomy }), scan(6000, 20))).toBeGreaterThan(0.1)
  })

  it('is resistant also where bytes are the bound', () => {
    const bytes = 2000 * (430 + 1.35 * 500)
    expect(hitRatio(createVerifiedCache({ entries: 10_000, bytes }), scan(4000, 20))).toBeGreaterThan(0.33)
  })

  it('zipf over 10,000 tokens with room for 2,000: three quarters, where the best possible is 0.84', () => {
    expect(hitRatio(createVerifiedCache({ entries: 2000, bytes: roomy }), zipf(10_000, 40_000))).toBeGreaterThan(0.74)
  })

  it('full of dead tokens, it serves the live ones: each of 500 at a time is used 20 times', () => {
    let seed = 11
    const random = (below: number): number => Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * below)
    let next = 500
    const live = Array.from({ length: 500 }, (_, n) => ({ n, uses: 1 + random(20) }))
    const requests = Array.from({ length: 80_000 }, () => {
      const token = live[random(live.length)] as { n: number; uses: number }
      const { n } = token
      if (--token.uses === 0) Object.assign(token, { n: next++, uses: 20 })
      return n
    })
    // 19 of 20 uses can be hits.
    expect(hitRatio(createVerifiedCache({ entries: 1000, bytes: roomy }), requests)).toBeGreaterThan(0.93)
  })
})
