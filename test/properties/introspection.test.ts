import { createResourceGuard, memoryStore, type Revocation } from '@resource-guard/core'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { patience, runs } from './runs.js'

// Whatever issuer and platform do, an opaque token is let in only on the issuer's word of at most `ttl` ago, never past `exp`, never once it was revoked here; and the
// endpoint is asked about each token once at a time, by at most `concurrency` calls, and left alone after failures. Times are in milliseconds.
const resource = 'https://api.example.com'
const issuer = 'https://issuer.test'
const [timeout, pause, clockTolerance] = [3000, 10_000, 5000]
const tokens = ['zero', 'one', 'two']

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_900_000_000_000 }))
afterEach(() => vi.useRealTimers())

const token = fc.nat(tokens.length - 1)
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('present' as const), token, times: fc.integer({ min: 1, max: 4 }), at: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.oneof(fc.nat(4000), fc.nat(30_000), fc.constantFrom(1999, 2000, 10_000, 60_000)) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms: fc.nat(100_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), token, active: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('revoke' as const), token, by: fc.constantFrom('jti' as const, 'sub' as const), at: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('endpoint' as const), is: fc.constantFrom('well', 'well', 'slow', 'hanging', 'down', 'html') }) },
)
const settings = fc.record({ ttl: fc.constantFrom(0, 2, 60), concurrency: fc.constantFrom(1, 2, 64), failures: fc.constantFrom(1, 3) })

interface Call {
  readonly token: string
  readonly begunAt: number
  endedAt: number
  active: boolean
}

it('an opaque token is let in on a fresh word of its issuer alone', async () => {
  const seen = { granted: 0, refused: 0, unavailable: 0 }
  await fc.assert(fc.asyncProperty(settings, fc.array(step, { minLength: 5, maxLength: 40 }), async ({ ttl, concurrency, failures }, steps) => {
    vi.clearAllTimers()
    let [slept, endpoint] = [0, 'well']
    const now = (): number => Date.now() + slept
    const exp = now() / 1000 + 100
    const ended = new Set<string>()
    const wrong: string[] = []
    const revokedAt = new Map<string, number>()
    const store = memoryStore({ now })

    /** One instance: its guard, and what its issuer sees of it. */
    function instance() {
      const calls: Call[] = []
      let [row, restsUntil] = [0, -Infinity]
      async function answer(asked: string, signal: AbortSignal): Promise<Response> {
        const [is, call] = [endpoint, { token: asked, begunAt: now(), endedAt: Infinity, active: false }]
        const underWay = calls.filter(({ begunAt, endedAt }) => endedAt === Infinity && now() - begunAt <= 2 * timeout)
        if (underWay.length >= concurrency) wrong.push(`${underWay.length + 1} calls under way`)
        if (underWay.some((other) => other.token === asked)) wrong.push('two calls about one token')
        if (now() < restsUntil) wrong.push('a call to an endpoint that is left alone')
        calls.push(call)
        const end = (isFault: boolean): void => {
          call.endedAt = now()
          // Calls from before the pause have no say in it.
          if (row >= failures && call.begunAt < restsUntil) return
          row = isFault ? row + 1 : 0
          // The guard hears of it a little later.
          if (row >= failures) void Promise.resolve(call.endedAt + pause).then((until) => setTimeout(() => (restsUntil = until), 1))
        }
        if (is === 'hanging') {
          return new Promise((_, reject) => signal.addEventListener('abort', () => (end(true), reject(new Error('aborted'))), { once: true }))
        }
        if (is === 'slow') await new Promise((resolve) => setTimeout(resolve, 200))
        call.active = is !== 'down' && is !== 'html' && !ended.has(asked)
        end(is === 'down')
        if (is === 'down') return new Response(null, { status: 503 })
        if (is === 'html') return new Response('<html>', { headers: { 'content-type': 'text/html' } })
        return Response.json(call.active ? { active: true, aud: resource, exp, iat: exp - 1000, jti: asked, sub: `of ${asked}` } : { active: false })
      }
      const guard = createResourceGuard({
        resource, now, store, fetch: (_, init) => answer(new URLSearchParams(String(init?.body)).get('token') as string, init?.signal as AbortSignal),
        authorizationServers: [{
          issuer, introspection: { endpoint: `${issuer}/introspect`, clientId: 'api', clientSecret: 'secret', ttl, concurrency, breaker: { failures, pause: pause / 1000 } },
        }],
      })
      return { guard, calls }
    }

    const instances = [instance(), instance()] as const
    async function present({ guard, calls }: (typeof instances)[number], asked: string): Promise<void> {
      const came = now()
      const outcome = await guard.handle({ method: 'GET', url: '/', headers: new Headers({ authorization: `Bearer ${asked}` }) })
      const status = outcome.kind === 'reply' ? outcome.status : 200
      seen[status === 200 ? 'granted' : status === 401 ? 'refused' : 'unavailable'] += 1
      const isFresh = ({ begunAt, endedAt }: Call): boolean => begunAt > came - ttl * 1000 || endedAt >= came
      const said = calls.filter((call) => call.token === asked && isFresh(call))
      const label = `${status} for ${asked}, of ${JSON.stringify(said)}, at ${came}`
      if (status === 200) {
        expect(said.some(({ active }) => active), label).toBe(true)
        expect(now(), label).toBeLessThan(exp * 1000 + clockTolerance)
        expect(revokedAt.get(asked) ?? Infinity, label).toBeGreaterThan(came)
      }
      const isGood = !ended.has(asked) && !revokedAt.has(asked) && now() < exp * 1000
      if (isGood && said.some(({ begunAt, endedAt, active }) => active && begunAt > came - ttl * 1000 && endedAt < came)) expect(status, label).toBe(200)
    }

    const presented: Promise<void>[] = []
    for (const taken of steps) {
      if (taken.kind === 'present') {
        for (let time = 0; time < taken.times; time += 1) {
          const presenting = present(instances[taken.at] as (typeof instances)[number], tokens[taken.token] as string)
          presenting.catch(() => {}) // Until all are awaited.
          presented.push(presenting)
        }
      } else if (taken.kind === 'end') ended[taken.active ? 'delete' : 'add'](tokens[taken.token] as string)
      else if (taken.kind === 'endpoint') endpoint = taken.is
      else if (taken.kind === 'revoke') {
        const asked = tokens[taken.token] as string
        await instances[taken.at]?.guard.revoke({ issuer, ...(taken.by === 'jti' ? { jti: asked } : { sub: `of ${asked}` }) } as Revocation)
        if (!revokedAt.has(asked)) revokedAt.set(asked, now())
      } else if (taken.kind === 'sleep') {
        await vi.advanceTimersByTimeAsync(0)
        slept += taken.ms
      } else await vi.advanceTimersByTimeAsync(taken.ms)
      await vi.advanceTimersByTimeAsync(0)
    }
    await vi.advanceTimersByTimeAsync(4 * timeout)
    await Promise.all(presented)
    expect(wrong).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  }), runs(150))
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50)
}, patience)
