import { createResourceGuard, type Outcome, type ResourceGuardOptions } from '@resource-guard/core'
import { createTestIssuer, createTestKey, type TestKey } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { patience, runs } from './runs.js'

// A remembered signature must save the signature check and nothing else: with the cache and without it, one verdict.
const begin = 1_900_000_000
const api = 'https://api.example.com'
const resources = ['/a', '/b', '/c', '/t/acme', '/t/globex'] as const
const issuers = { first: 'https://first.test', second: 'https://second.test' }
let keys: readonly TestKey[]
let pool: readonly string[]

/** One issuer, described differently at different resources; and two that share their keys. */
const options = (jwks: () => object): ResourceGuardOptions => ({
  resources: [
    { resource: `${api}/a` },
    { resource: `${api}/b`, clockTolerance: 300, authorizationServers: [{ issuer: issuers.first, typ: ['at+jwt', 'JWT', null],
      alsoAccept: ['api://all'], omits: ['jti', 'sub'], algorithms: ['ES256'] }] },
    { resource: `${api}/c`, authorizationServers: [{ issuer: issuers.second, audienceHost: 'any-case' },
      { issuer: issuers.first, scopeClaim: 'scp', clientIdClaim: 'azp', omits: ['client_id'] }] },
    { resource: `${api}/t/{tenant}`, tenants: { tenant: ['acme', 'globex'] } },
  ],
  authorizationServers: [issuers.first, issuers.second],
  fetch: async (input) => {
    const { href, origin } = new URL(String(input))
    return href.endsWith('/jwks') ? Response.json(jwks()) : Response.json({ issuer: origin, jwks_uri: `${origin}/jwks` })
  },
})

beforeAll(async () => {
  keys = await Promise.all([createTestKey('ES256', { kid: 'one' }), createTestKey('ES256', { kid: 'two' }), createTestKey('EdDSA', { kid: 'two' })])
  const issuer = await createTestIssuer({ issuer: issuers.first, keys, now: () => begin * 1000 })
  const audiences = [`${api}/a`, `${api}/b`, `${api}/c`, 'api://all', `${api}/t/acme`, 'HTTPS://API.example.com/c',
    [`${api}/a`, `${api}/b`, `${api}/c`, `${api}/t/acme`, `${api}/t/globex`]]
  const claims = [
    {}, { exp: begin + 10_000 }, { exp: begin + 10_000, nbf: begin + 700 }, { nbf: begin + 60 },
    { iat: begin + 200, exp: begin + 10_000 }, { jti: undefined, sub: undefined, exp: begin + 10_000 }, { client_id: undefined, azp: 'app' },
    { scope: ['a'] }, { scp: 7 }, { cnf: { jkt: 'x' } }, { sub: 7 },
  ]
  const made: string[] = []
  for (const aud of audiences) {
    for (const change of claims) {
      for (const [iss, header, key] of [
        [issuers.first, {}, keys[0]], [issuers.second, {}, keys[1]], [issuers.first, { typ: 'JWT' }, keys[1]],
        [issuers.first, { kid: undefined }, keys[2]], [issuers.second, { typ: undefined }, keys[0]], [issuers.first, { crit: ['x'] }, keys[0]],
      ] as const) {
        made.push(await issuer.token({ exp: begin + 3000, aud, ...change, iss }, { header, key: key as TestKey }))
      }
    }
  }
  // And forgeries of some of them: the same claims under a signature of their own.
  pool = [...made, ...made.filter((_, index) => index % 7 === 0).map((token) => token.slice(0, -8) + 'AAAAAAAA')]
})

type Step =
  | { readonly kind: 'present'; readonly token: number; readonly resource: number; readonly again: number }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'publish'; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('present' as const), token: fc.nat(), resource: fc.nat(resources.length - 1),
    again: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const),
    seconds: fc.oneof(fc.integer({ min: -20, max: 400 }), fc.constantFrom(55, 60, 61, 295, 300, 695, 3000, 3004, 3005)) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('publish' as const), which: fc.integer({ min: 1, max: 7 }) }) },
)

describe('with a cache and without', () => {
  it('every token gets the same verdict, at every resource, at every time, under every key set', async () => {
    const seen = { granted: 0, refused: 0 }
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.array(fc.nat(), { minLength: 3, maxLength: 8 }),
      async (steps, few) => {
      let now = begin
      let published = 7
      const jwks = () => ({ keys: keys.filter((_, index) => published & (1 << index)).map(({ publicJwk }) => publicJwk) })
      const verdicts: string[][] = [[], [], []]
      const guards = [{}, { verifiedCache: false as const }, { verifiedCache: { entries: 2 } }].map((cache, index) =>
        createResourceGuard({
          ...options(jwks), ...cache, now: () => now * 1000,
          onRefused: ({ reason }) => verdicts[index]?.push(reason),
          onGranted: (principal) => verdicts[index]?.push(JSON.stringify(principal)),
        }),
      )
      const catchUp = (): Promise<unknown> => Promise.all(guards.map((guard) => guard.ready()))
      await catchUp()
      for (const taken of steps) {
        if (taken.kind === 'publish') {
          published = taken.which
          // Past the freshness of what is held, so that all of them look.
          now += 601
          await catchUp()
        } else if (taken.kind === 'pass') {
          now += taken.seconds
          await catchUp()
        } else {
          // A few tokens come again and again, as they do.
          const token = pool[(few[taken.token % few.length] as number) % pool.length] as string
          const request = { method: 'GET', url: `${resources[taken.resource]}/x`, headers: new Headers({ authorization: `Bearer ${token}` }) }
          for (let time = 0; time <= taken.again; time += 1) {
            const outcomes: Outcome[] = await Promise.all(guards.map((guard) => guard.handle(request)))
            expect(outcomes[0]).toEqual(outcomes[1])
            expect(outcomes[2]).toEqual(outcomes[1])
            seen[outcomes[0]?.kind === 'granted' ? 'granted' : 'refused'] += 1
          }
        }
      }
      expect(verdicts[0]).toEqual(verdicts[1])
      expect(verdicts[2]).toEqual(verdicts[1])
      for (const guard of guards) guard.close()
    }), runs(75))
    // A property that only ever saw refusals would say nothing.
    expect(seen.granted).toBeGreaterThan(100)
    expect(seen.refused).toBeGreaterThan(100)
  }, patience)
})
