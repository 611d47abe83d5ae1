import { createResourceGuard, type Outcome, type ResourceGuardOptions } from '@resource-guard/core'
import { createTestIssuer, createTestKey } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lines, open, type Answer, type HttpRequest } from '../../packages/testing/src/contract/wire.js'
import { adapters, withApps, type Seen } from './apps.js'
import { patience, runs } from './runs.js'

const api = 'https://api.example.com'
const issuer = await createTestIssuer({ audience: `${api}/t/acme` })
const shared = { authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }], challengeScopes: ['photos:read'] }
const template = { ...shared, resource: `${api}/t/{tenant}`, tenants: { tenant: ['acme', 'globex'] } }
const several = { ...shared, resources: [{ resource: `${api}/admin` }, { resource: `${api}/public`, challengeScopes: ['x'] }, template] }
const settings: Readonly<Record<string, ResourceGuardOptions>> = {
  'one resource': { ...shared, resource: `${api}/t/acme` },
  'one resource, preflights open': { ...shared, resource: `${api}/t/acme`, preflight: 'pass' },
  'a template': template,
  'a template, the rest open': { ...template, outside: 'pass' },
  'several resources': several,
  'several resources, preflights and the rest open': { ...several, outside: 'pass', preflight: 'pass' },
}

const everywhere = [`${api}/t/acme`, `${api}/t/globex`, `${api}/admin`, `${api}/public`]
const far = 4_000_000_000
const tokens = await Promise.all([
  issuer.token({ exp: far }), issuer.token({ exp: far, aud: everywhere }), issuer.token({ exp: far, aud: everywhere, scope: undefined }),
  issuer.token({ exp: 1 }), issuer.token({ exp: far, aud: `${api}/admin` }), issuer.token({ exp: far, aud: everywhere, cnf: { jkt: 'x' } }),
  issuer.token({ exp: far, aud: everywhere }, { header: { typ: 'JWT' } }),
  issuer.token({ exp: far, aud: everywhere }, { key: await createTestKey() }), Promise.resolve('opaque'),
])

const authorization: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...tokens).map((token) => [`Bearer ${token}`]) },
  fc.tuple(fc.constantFrom('bearer ', 'BEARER   ', 'Bearer\t', 'Basic ', 'DPoP ', ''), fc.constantFrom(...tokens),
    fc.constantFrom('', ' ', ',', '=', ', Bearer x', '"')).map((parts) => [parts.join('')]),
  fc.array(fc.constantFrom(`Bearer ${tokens[1]}`, 'Bearer x', 'Basic x', ''), { minLength: 2, maxLength: 3 }),
  fc.constantFrom<readonly string[]>([], [''], ['Bearer']),
)
const header = fc.constantFrom(
  ['Origin', 'https://app.example.com'], ['Access-Control-Request-Method', 'GET'], ['X-Forwarded-Host', 'evil.test'],
  ['X-Forwarded-Proto', 'http'], ['Forwarded', 'host=evil.test'], ['If-None-Match', '*'],
  ['Accept', 'text/html'], ['Cookie', 'a=b'], ['X-Original-URL', '/public/photos'], ['X-HTTP-Method-Override', 'OPTIONS'],
) as fc.Arbitrary<readonly [string, string]>
const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS')
const wellKnown = '/.well-known/oauth-protected-resource'
/** Targets that no runtime normalises: what else there is, is told in the routing property. */
const target = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('/photos', '/admin/photos', '/public/photos', '/t/acme/photos', '/t/globex/photos', '/t/nobody/photos') },
    fc.constantFrom('/', '/t', '/t/', '/ADMIN/photos', '/t/%61cme/photos', '//admin/photos', '/t/acme//photos', '/t/acme;v=1/photos', '/t/acme%2fphotos'),
    fc.constantFrom('/t/acme', '/admin', '/t/nobody', '').map((path) => wellKnown + path),
  ),
  fc.constantFrom('', '', '?', '?a=1', '?access_token=x'),
).map((parts) => parts.join(''))

const request: fc.Arbitrary<HttpRequest> = fc.record({ method, target, authorization, headers: fc.array(header, { maxLength: 3 }) })
  .map(({ authorization: values, headers, ...others }) => ({ ...others,
    headers: [...headers, ...values.map((value) => ['Authorization', value] as const)] }))

/** A reply of the guard is what comes over the wire, to the byte; otherwise the application answers, to whom the guard let in. */
function expectSame(answer: Answer, outcome: Outcome): void {
  if (outcome.kind === 'reply') {
    expect(answer.status).toBe(outcome.status)
    expect(answer.body).toBe(outcome.body)
    for (const [name, value] of outcome.headers) expect(lines(answer, name)).toEqual([value])
    return
  }
  expect(lines(answer, 'www-authenticate')).toEqual([])
  if (!answer.body.startsWith('{"route"')) return
  const { principal } = JSON.parse(answer.body) as Seen
  expect(principal).toEqual(outcome.kind === 'open' ? null : { resource: outcome.principal.resource, variables: outcome.principal.variables })
}

describe('Express, Fastify, Hono and fetch', () => {
  it.each(Object.entries(settings))('give one answer to every request, and it is that of the guard itself: %s', async (_, options) => {
    await withApps(adapters, options, async (apps) => {
      const guard = createResourceGuard(options)
      const connections = apps.map(({ port }) => open(port))
      const seen = new Set<string>()
      try {
        await fc.assert(fc.asyncProperty(request, async (sent) => {
          const headers = new Headers()
          for (const [name, value] of sent.headers ?? []) headers.append(name, value)
          const outcome = await guard.handle({ method: sent.method ?? 'GET', url: sent.target, headers })
          seen.add(outcome.kind === 'reply' ? String(outcome.status) : outcome.kind)
          for (const connection of connections) expectSame(await connection.send(sent), outcome)
        }), runs(75))
      } finally {
        for (const connection of connections) connection.close()
      }
      expect([...seen]).toEqual(expect.arrayContaining(['granted', '400', '401']))
    })
  }, patience)
})
