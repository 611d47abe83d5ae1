import { Buffer } from 'node:buffer'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, createTestKey, type Respond, type TestIssuer, type TestKey } from '@resource-guard/testing'
import { createResourceGuard, type ResourceGuard } from '../src/index.js'

// What a guard does while its issuer's key endpoint fails, rotates or is provoked: by the public API, with a moved clock.
const resource = 'https://api.example.com'
const jwksUri = 'https://issuer.test/jwks'
let oldKey: TestKey
let newKey: TestKey

beforeAll(async () => {
  oldKey = await createTestKey('ES256', { kid: 'old' })
  newKey = await createTestKey('ES256', { kid: 'new' })
})
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_800_000_000_000 }))
afterEach(() => vi.useRealTimers())

interface Scene {
  readonly guard: ResourceGuard
  readonly issuer: TestIssuer
  /** What the key endpoint does from here on. */
  become(endpoint: Respond): void
  publish(...keys: readonly TestKey[]): void
  keyFetches(): number
  /** The status, and the seconds that it took. */
  present(token: string): Promise<{ status: number; waited: number; headers: Headers }>
  fresh(key?: TestKey): Promise<string>
}

const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000)
const down: Respond = () => new Response(null, { status: 503 })
const hanging: Respond = () => new Promise(() => {})
const serving = (...keys: readonly TestKey[]): Respond => () => Response.json({ keys: keys.map(({ publicJwk }) => publicJwk) })
const takingASecond: Respond = () => new Promise((resolve) => {
  setTimeout(() => resolve(undefined), 1000)
})

async function setUp(endpoint: Respond = serving(oldKey)): Promise<Scene> {
  let current = endpoint
  const issuer = await createTestIssuer({
    keys: [oldKey],
    now: () => Date.now(),
    respond: (request) => (request.url === jwksUri ? current(request) : undefined),
  })
  const guard = createResourceGuard({ resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch })
  return {
    guard,
    issuer,
    become: (next) => {
      current = next
    },
    publish: (...keys) => {
      current = serving(...keys)
    },
    keyFetches: () => issuer.requests.filter((url) => url === jwksUri).length,
    present: async (token) => {
      const begun = Date.now()
      const outcome = await guard.handle(new Request(`${resource}/photos`, { headers: { authorization: `Bearer ${token}` } }))
      const headers = new Headers(outcome.kind === 'reply' ? outcome.headers.map(([name, value]) => [name, value]) : [])
      return { status: outcome.kind === 'reply' ? outcome.status : 200, waited: (Date.now() - begun) / 1000, headers }
    },
    fresh: (key = oldKey) => issuer.token({}, { key }),
  }
}

async function warm(): Promise<Scene> {
  const scene = await setUp()
  await scene.guard.ready()
  return scene
}

/** A token that nobody signed, naming a key of the sender's choice. */
function naming(kid: string, token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid })).toString('base64url')
  return [header, ...token.split('.').slice(1)].join('.')
}

describe('a key endpoint', () => {
  it('is asked once by 500 concurrent cold requests', async () => {
    const scene = await setUp(takingASecond)
    const tokens = await Promise.all(Array.from({ length: 500 }, () => scene.fresh()))
    const all = Promise.all(tokens.map(scene.present))
    await pass(1)
    expect((await all).every(({ status }) => status === 200)).toBe(true)
    expect(scene.keyFetches()).toBe(1)
  })

  it('is asked at most 4 times for 10,000 random kids, while every good token is served without a wait', async () => {
    const scene = await setUp()
    const token = await scene.fresh()
    for (let i = 0; i < 10_000; i += 1) {
      expect((await scene.present(naming(`random ${i}`, token))).status).toBe(401)
      if (i % 500 === 0) expect(await scene.present(await scene.fresh())).toMatchObject({ status: 200, waited: 0 })
    }
    expect(scene.keyFetches()).toBe(3)
  })

  it('that is down for 15 minutes is not noticed; after 25 hours nothing is served, as 503 and not 401', async () => {
    const scene = await warm()
    scene.become(down)
    for (let minute = 0; minute < 15; minute += 1) {
      await pass(60)
      expect(await scene.present(await scene.fresh())).toMatchObject({ status: 200, waited: 0 })
    }
    await pass(25 * 3600 - 900)
    const { status, headers } = await scene.present(await scene.fresh())
    expect(status).toBe(503)
    expect(headers.get('www-authenticate')).toBeNull()
    expect(headers.get('retry-after')).toMatch(/^\d+$/)
    scene.publish(oldKey)
    await pass(10)
    expect((await scene.present(await scene.fresh())).status).toBe(200)
  })

  it('that hangs costs a cold request the deadline, and a warm one nothing', async () => {
    const cold = await setUp(hanging)
    const token = await cold.fresh()
    const waiting = cold.present(token)
    await pass(3.5)
    const { status, waited } = await waiting
    expect(status).toBe(503)
    expect(waited).toBeLessThanOrEqual(3.5)

    const scene = await warm()
    scene.become(hanging)
    for (let second = 0; second < 900; second += 15) {
      await pass(15)
      expect(await scene.present(await scene.fresh())).toMatchObject({ status: 200, waited: 0 })
    }
  })

  it('that hangs when a process wakes up costs a warm request at most 300 ms', async () => {
    const scene = await warm()
    scene.become(hanging)
    vi.setSystemTime(Date.now() + 700_000)
    const token = await scene.fresh()
    const waiting = scene.present(token)
    await pass(0.3)
    expect(await waiting).toMatchObject({ status: 200, waited: 0.3 })
  })

  it('is not asked for a token that can be refused without keys', async () => {
    const scene = await setUp()
    const refused = await Promise.all([
      scene.issuer.token({ aud: 'https://other.example' }),
      scene.issuer.token({ exp: 1 }),
      scene.issuer.token({ iss: 'https://evil.example' }),
      scene.issuer.token({}, { header: { typ: 'JWT' } }),
      scene.issuer.token({}, { header: { crit: ['x'] } }),
    ])
    for (const token of [...refused, 'x', 'a.b.c']) expect((await scene.present(token)).status).toBe(401)
    expect(scene.issuer.requests).toEqual([])
  })
})

describe('a new key', () => {
  it('is accepted at once, also right after a stranger\'s unknown kid', async () => {
    const scene = await warm()
    expect((await scene.present(naming('stranger', await scene.fresh()))).status).toBe(401)
    scene.publish(oldKey, newKey)
    expect((await scene.present(await scene.fresh(newKey))).status).toBe(200)
  })

  it('is accepted within 5 s where a stranger named it before it was there', async () => {
    const scene = await warm()
    expect((await scene.present(naming('new', await scene.fresh()))).status).toBe(401)
    scene.publish(oldKey, newKey)
    await pass(5)
    expect((await scene.present(await scene.fresh(newKey))).status).toBe(200)
  })

  it('is accepted under the old kid', async () => {
    const scene = await warm()
    const rotated = await createTestKey('ES256', { kid: 'old' })
    scene.publish(rotated)
    expect((await scene.present(await scene.fresh(rotated))).status).toBe(200)
    expect((await scene.present(await scene.fresh(oldKey))).status).toBe(401)
  })
})

describe('a withdrawn key', () => {
  it('is refused once the new set was seen, remembered signatures included', async () => {
    const scene = await warm()
    const token = await scene.fresh()
    for (let time = 0; time < 3; time += 1) expect((await scene.present(token)).status).toBe(200)
    scene.publish(newKey)
    expect((await scene.present(await scene.fresh(newKey))).status).toBe(200)
    expect((await scene.present(token)).status).toBe(401)
  })

  it.each([['by the timer', pass], ['by the first request after a sleep', (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)]] as const)(
    'is refused after 10 idle minutes, remembered signatures included: %s',
    async (_, idle) => {
      const scene = await warm()
      const token = await scene.issuer.token({ exp: Date.now() / 1000 + 3600 })
      expect((await scene.present(token)).status).toBe(200)
      scene.publish(newKey)
      await idle(600)
      expect((await scene.present(token)).status).toBe(401)
    },
  )
})

describe('two issuers', () => {
  it('never vouch for each other\'s tokens', async () => {
    const one = await createTestIssuer({ keys: [oldKey], issuer: 'https://one.test', now: () => Date.now() })
    const foreign = await one.token({ iss: 'https://two.test' })
    const guard = createResourceGuard({
      resource,
      authorizationServers: [{ issuer: 'https://one.test', jwksUri: 'https://one.test/jwks' }, { issuer: 'https://two.test', jwks: { keys: [newKey.publicJwk as never] } }],
      fetch: one.fetch,
    })
    const handle = (token: string) => guard.handle(new Request(resource, { headers: { authorization: `Bearer ${token}` } }))
    expect((await handle(await one.token())).kind).toBe('granted')
    expect(await handle(foreign)).toMatchObject({ kind: 'reply', status: 401 })
  })
})
