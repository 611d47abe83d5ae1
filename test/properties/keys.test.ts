import { createResourceGuard } from '@resource-guard/core'
import { createTestIssuer, createTestKey, type TestKey } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { patience, runs } from './runs.js'

// Whatever issuer, strangers and platform do: good tokens are let in as long as their keys may be used, no key is trusted for longer, and the issuer is
// not asked more often than is said. Worked out a second time here, from what KeyPolicy says. Times are in milliseconds.
const resource = 'https://api.example.com'
const jwksUri = 'https://issuer.test/jwks'
/** Shorter than the defaults, so that few timers fire. */
const policy = { minFresh: 10, maxFresh: 20, maxStale: 120, longStale: 20 }
const [fresh, maxStale, longStale, deadline, latency] = [20_000, 120_000, 20_000, 3000, 200]
let keys: readonly TestKey[]
let tokens: readonly string[]
let forged: string

beforeAll(async () => {
  keys = await Promise.all(['a', 'b', 'c'].map((kid) => createTestKey('ES256', { kid })))
  const issuer = await createTestIssuer({ keys })
  const always = { iat: 1_000_000_000, exp: 4_000_000_000 }
  tokens = await Promise.all(keys.map((key) => issuer.token(always, { key })))
  forged = await issuer.token(always, { key: await createTestKey('ES256', { kid: 'a' }) })
})
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_900_000_000_000 }))
afterEach(() => vi.useRealTimers())

const ms = fc.oneof(fc.nat(4000), fc.nat(60_000), fc.constantFrom(15_000, 17_000, 19_000, 20_000, 40_000, 120_000, 86_400_000))
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('present' as const), key: fc.nat(2), times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: ms.map((value) => Math.min(value, 130_000)) }) },
  // The process is stopped: it is later then, no timer has fired, and what was under way never comes.
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms, timersFirst: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('publish' as const), set: fc.integer({ min: 1, max: 7 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('endpoint' as const), is: fc.constantFrom('well', 'well', 'down', 'hanging', 'empty') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('strangers' as const), count: fc.integer({ min: 1, max: 9 }) }) },
)

/** What one fetch brought, and from when to when the guard went by it. */
interface Held {
  readonly set: number
  readonly begunAt: number
  readonly from: number
  until: number
}

it('keys are trusted as long as is said, and good tokens let in all the while', async () => {
  const seen = { granted: 0, refused: 0, unavailable: 0 }
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    vi.clearAllTimers()
    let slept = 0
    const now = (): number => Date.now() + slept
    const start = now()
    let [published, endpoint, wellSince, wokeAt, stranger, waiting] = [1, 'well', start, start, 0, 0]
    const publishedUntil = keys.map((_, index) => (index === 0 ? Infinity : -Infinity))
    const fetches: number[] = []
    /** Of these, those that were not due. */
    const forTokens: number[] = []
    const history: Held[] = []

    async function answer(signal: AbortSignal): Promise<Response> {
      const [begunAt, sleptBefore, is, set] = [now(), slept, endpoint, published]
      fetches.push(begunAt)
      if (begunAt < (history.at(-1)?.begunAt ?? -Infinity) + 0.75 * fresh) forTokens.push(begunAt)
      if (is === 'down') return new Response(null, { status: 503 })
      if (is === 'empty') return Response.json({ keys: [] })
      if (is === 'well') await new Promise((resolve) => setTimeout(resolve, latency))
      if (is === 'hanging' || slept !== sleptBefore || signal.aborted) return new Promise(() => {})
      const current = history.at(-1)
      if (current !== undefined) current.until = now()
      history.push({ set, begunAt, from: now(), until: Infinity })
      return Response.json({ keys: keys.filter((_, index) => set & (1 << index)).map(({ publicJwk }) => publicJwk) })
    }

    const guard = createResourceGuard({
      resource, authorizationServers: [{ issuer: 'https://issuer.test', jwksUri }], keys: policy, now,
      fetch: (_, init) => answer(init?.signal as AbortSignal),
    })

    async function present(token: string, key?: number): Promise<void> {
      const [came, cameRunning, before] = [now(), Date.now(), history.at(-1)]
      waiting += 1
      const outcome = await guard.handle({ method: 'GET', url: '/', headers: new Headers({ authorization: `Bearer ${token}` }) })
      waiting -= 1
      const [at, waited, sleptMeanwhile] = [now(), Date.now() - cameRunning, wokeAt > came]
      const status = outcome.kind === 'reply' ? outcome.status : 200
      const has = ({ set }: Held): boolean => key !== undefined && (set & (1 << key)) !== 0
      const isAlive = (held: Held | undefined, when: number): held is Held => held !== undefined && when < held.begunAt + maxStale
      const current = history.filter(({ from, until }) => from <= at && until >= came)
      const label = `${status} for key ${key} after ${waited} ms, at ${at - start}`
      if (status === 200) {
        seen.granted += 1
        expect(current.some((held) => has(held) && isAlive(held, came)), label).toBe(true)
        // Without a fault no key lives longer than maxFresh: where freshness has ended, the first request waits for the refresh.
        const longAgo = came - fresh - deadline
        const wasTried = before !== undefined && fetches.some((begunAt) => begunAt >= before.begunAt + fresh && begunAt < came)
        expect((publishedUntil[key as number] as number) < longAgo && wellSince < longAgo && !wasTried && !sleptMeanwhile, `withdrawn: ${label}`).toBe(false)
      } else {
        seen[status === 401 ? 'refused' : 'unavailable'] += 1
        expect(status === 401 ? current.every(has) : isAlive(before, at), label).toBe(false)
      }
      if (isAlive(before, came) && current.every(has) && status === 200 && !sleptMeanwhile) {
        const stale = came - before.begunAt - fresh
        expect(waited, label).toBeLessThanOrEqual(stale < 0 ? 0 : stale < longStale ? 300 : deadline)
      }
    }

    const presented: Promise<void>[] = []
    const begin = (token: string, key?: number): void => {
      const presenting = present(token, key)
      presenting.catch(() => {}) // Until all are awaited.
      presented.push(presenting)
    }
    for (const taken of steps) {
      if (taken.kind === 'present') {
        for (let time = 0; time < taken.times; time += 1) begin(tokens[taken.key] as string, taken.key)
      } else if (taken.kind === 'strangers') {
        for (let time = 0; time < taken.count; time += 1) {
          begin(time % 3 === 0 ? forged : naming(`s${(stranger += 1)}`))
          await vi.advanceTimersByTimeAsync(latency + 1)
        }
      } else if (taken.kind === 'publish') {
        published = taken.set
        keys.forEach((_, index) => {
          if (published & (1 << index)) publishedUntil[index] = Infinity
          else if (publishedUntil[index] === Infinity) publishedUntil[index] = now()
        })
      } else if (taken.kind === 'endpoint') {
        if (taken.is === 'well' && endpoint !== 'well') wellSince = now()
        if (taken.is !== 'well') wellSince = Infinity
        endpoint = taken.is
      } else if (taken.kind === 'sleep') {
        await vi.advanceTimersByTimeAsync(0)
        slept += taken.ms
        wokeAt = now()
        // Those that are overdue, before any request comes.
        if (taken.timersFirst) await vi.advanceTimersByTimeAsync(deadline)
      } else await vi.advanceTimersByTimeAsync(taken.ms)
      await vi.advanceTimersByTimeAsync(0)
    }
    await vi.advanceTimersByTimeAsync(4 * deadline)
    await Promise.all(presented)
    expect(waiting).toBe(0)
    // Two for unknown keys and one for wrong signatures, and three that brought new keys.
    for (const first of forTokens) expect(forTokens.filter((at) => at >= first && at < first + 15_000).length).toBeLessThanOrEqual(6)
    fetches.forEach((at, index) => expect(at - (fetches[index - 2] ?? -Infinity), 'three fetches at once').toBeGreaterThan(0))
    expect(guard.health()[0]?.state === 'empty').toBe(history.length === 0)
    guard.close()
    await vi.advanceTimersByTimeAsync(4 * deadline)
    expect(vi.getTimerCount()).toBe(0)
  }), runs(150))
  // A property that only ever saw refusals would say nothing.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
}, patience)

/** A token of nobody, that names this key. */
const naming = (kid: string): string =>
  [Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString('base64url'), ...forged.split('.').slice(1)].join('.')
