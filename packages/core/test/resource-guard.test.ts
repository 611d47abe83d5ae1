import { inspect } from 'node:util'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestIssuer, createTestKey, type TestIssuer } from '@resource-guard/testing'
import { createResourceGuard, type Outcome, type Principal, type Problem, type ResourceGuardOptions, type Route } from '../src/index.js'

const resource = 'https://api.example.com/photos'
let issuer: TestIssuer

beforeAll(async () => {
  issuer = await createTestIssuer({ issuer: 'https://login.example.com' })
})

const guardOf = (more: Partial<ResourceGuardOptions> = {}) =>
  createResourceGuard({ resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, ...more } as ResourceGuardOptions)
const bearing = (token: string, url = '/photos') => new Request(`https://host.internal${url}`, { headers: { authorization: `Bearer ${token}` } })
const statusOf = (outcome: Outcome) => (outcome.kind === 'reply' ? outcome.status : outcome.kind)

describe('handle', () => {
  it('lets in a token for this resource, and says who is calling', async () => {
    const outcome = await guardOf().handle(bearing(await issuer.token({ aud: resource, sub: 'alice', client_id: 'app', scope: 'photos:read' })))
    expect(outcome).toMatchObject({
      kind: 'granted',
      principal: { issuer: 'https://login.example.com', subject: 'alice', clientId: 'app', scopes: ['photos:read'], resource, variables: {} },
    })
    const { principal } = outcome as { principal: Principal }
    expect(Object.isFrozen(principal) && Object.isFrozen(principal.scopes) && Object.isFrozen(principal.claims) && Object.isFrozen(principal.variables)).toBe(true)
    expect(JSON.stringify(principal)).not.toContain('eyJ')
  })

  it('judges a remembered token by each resource that it comes to', async () => {
    const token = await issuer.token({ aud: ['https://api.example.com/a', 'https://api.example.com/b'], exp: Date.now() / 1000 - 20 }, { header: { typ: 'JWT' } })
    const lenient = { clockTolerance: 60, authorizationServers: [{ issuer: issuer.issuer, typ: ['JWT'] }] }
    const guard = createResourceGuard({
      fetch: issuer.fetch,
      resources: [
        { resource: 'https://api.example.com/a', ...lenient },
        { resource: 'https://api.example.com/b', ...lenient, clockTolerance: 5 },
        { resource: 'https://api.example.com/c', ...lenient },
        { resource: 'https://api.example.com/d', authorizationServers: [issuer.issuer], clockTolerance: 60 },
      ],
    })
    const statuses = []
    for (const path of ['/a', '/b', '/c', '/d', '/a', '/b', '/c', '/d']) statuses.push(statusOf(await guard.handle(bearing(token, path))))
    expect(statuses).toEqual(['granted', 401, 401, 401, 'granted', 401, 401, 401])
  })

  it('judges a remembered token by the algorithm that its key is for at each resource, and says which that is', async () => {
    const key = await createTestKey('PS256')
    const { alg: _alg, ...published } = key.publicJwk
    const jwks = Response.json({ keys: [published] })
    const plain = await createTestIssuer({ issuer: 'https://plain.test', keys: [key], respond: ({ url }) => (url.endsWith('/jwks') ? jwks.clone() : undefined) })
    const refused: Problem[] = []
    const guard = createResourceGuard({
      fetch: plain.fetch,
      onRefused: (problem) => void refused.push(problem),
      resources: [
        { resource: 'https://api.example.com/a', authorizationServers: [{ issuer: plain.issuer, algorithms: ['PS256'] }] },
        { resource: 'https://api.example.com/b', authorizationServers: [plain.issuer] },
      ],
    })
    const token = await plain.token({ aud: ['https://api.example.com/a', 'https://api.example.com/b'] })
    const statuses = []
    for (const path of ['/a', '/b', '/a', '/a', '/b']) statuses.push(statusOf(await guard.handle(bearing(token, path))))
    expect(statuses).toEqual(['granted', 401, 'granted', 'granted', 401])
    expect(refused[0]).toMatchObject({ reason: 'key_unknown', claim: 'kid', detail: "its key is for RS256: see algorithms" })
  })

  it('verifies a signature once and holds everything else against each request', async () => {
    let now = Date.now()
    const guard = guardOf({ now: () => now })
    const token = await issuer.token({ aud: resource, exp: now / 1000 + 60 })
    const first = await guard.handle(bearing(token))
    expect(await guard.handle(bearing(token))).toEqual(first)
    now += 64_000
    expect(statusOf(await guard.handle(bearing(token)))).toBe('granted')
    now += 2000
    expect(statusOf(await guard.handle(bearing(token)))).toBe(401)
    expect(statusOf(await guard.handle(bearing(`${token.slice(0, -2)}${token.endsWith('AA') ? 'BA' : 'AA'}`)))).toBe(401)
  })

  it('shows onGranted who was let in, and nobody else', async () => {
    const onGranted = vi.fn()
    const guard = guardOf({ onGranted })
    const request = bearing(await issuer.token({ aud: resource, scope: 'a' }))
    const outcome = await guard.handle(request)
    expect(onGranted.mock.calls).toMatchObject([[(outcome as { principal: Principal }).principal, { method: 'GET', url: request.url }]])
    await guard.handle(request, { scopes: ['b'] })
    await guard.handle(new Request('https://h/'))
    expect(onGranted).toHaveBeenCalledTimes(1)
  })

  it('shows hooks a request that can be printed without its token, and asked for a header by name', async () => {
    const seen: unknown[] = []
    const isRevoked = (_: Principal, request: unknown) => seen.push(request) < 0
    const guard = guardOf({ isRevoked, onGranted: (_, request) => seen.push(request), onRefused: (_, context) => seen.push(context) })
    const token = await issuer.token({ aud: resource })
    await guard.handle(bearing(token))
    await guard.handle(bearing(token), { scopes: ['photos:read'] })
    expect(inspect(seen, { depth: 9, showHidden: true })).not.toContain(token.slice(-20))
    expect(JSON.stringify(seen)).not.toContain(token.slice(-20))
    expect(inspect(bearing(token))).toContain(token.slice(-20)) // as a platform's own request would be
    expect((seen[0] as Request).headers.get('authorization')).toBe(`Bearer ${token}`)
  })

  it('gives each document of metadata an ETag of its own', async () => {
    const [one, other] = ['One', 'Other'].map((resourceName) => guardOf({ resourceName })) as [ReturnType<typeof guardOf>, ReturnType<typeof guardOf>]
    const ask = (guard: typeof one, headers: Record<string, string> = {}) =>
      guard.metadata(new Request('https://h/.well-known/oauth-protected-resource/photos', { headers }))
    const etag = new Map((await ask(one))?.headers).get('etag') as string
    expect((await ask(one, { 'if-none-match': etag }))?.status).toBe(304)
    expect((await ask(other, { 'if-none-match': etag }))?.status).toBe(200)
  })

  it('gives the same verdicts without the cache', async () => {
    const guard = guardOf({ verifiedCache: false })
    const token = await issuer.token({ aud: resource })
    expect(statusOf(await guard.handle(bearing(token)))).toBe('granted')
    expect(statusOf(await guard.handle(bearing(token)))).toBe('granted')
    expect(statusOf(await guard.handle(bearing(await issuer.token({ aud: 'https://other.example.com' }))))).toBe(401)
  })

  it('refuses a token that is bound to a key', async () => {
    for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}, null, 'x']) {
      expect(statusOf(await guardOf().handle(bearing(await issuer.token({ aud: resource, cnf }))))).toBe(401)
    }
  })

  it('lets a route that asks for scopes be reached by nobody without a token, whatever is open', async () => {
    const guard = createResourceGuard({
      resources: [{ resource }, { resource: `${resource}-beside` }],
      authorizationServers: [issuer.issuer],
      fetch: issuer.fetch,
      outside: 'pass',
      preflight: 'pass',
    })
    const at = (path: string) => new Request(`https://host.internal${path}`)
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET' } }
    const open = [
      at('/elsewhere'),
      at('/.well-known/oauth-protected-resource/elsewhere'),
      new Request(at('/photos'), preflight),
      new Request(at('/elsewhere'), preflight),
    ]
    const outcomes = async (route?: Route) => (await Promise.all(open.map((request) => guard.handle(request, route)))).map(statusOf)
    expect(await outcomes()).toEqual(['open', 'open', 'open', 'open'])
    expect(await outcomes({})).toEqual(['open', 'open', 'open', 'open'])
    expect(await outcomes({ scopes: ['photos:read'] })).toEqual([404, 404, 401, 404])
    expect(await outcomes({ scopes: { anyOf: ['photos:read'] } })).toEqual([404, 404, 401, 404])
    const token = await issuer.token({ aud: resource, scope: 'photos:read' })
    expect(statusOf(await guard.handle(bearing(token, '/elsewhere'), { scopes: ['photos:read'] }))).toBe(404)
  })

  it('makes no request before everything has passed that needs none', async () => {
    const seen = vi.fn(issuer.fetch)
    const guard = guardOf({ fetch: seen })
    for (const [claims, header] of [
      [{ aud: 'https://other.example.com' }, {}],
      [{ iss: 'https://evil.example.com', aud: resource }, {}],
      [{ aud: resource, exp: 1 }, {}],
      [{ aud: resource, jti: undefined }, {}],
      [{ aud: resource }, { typ: 'JWT' }],
      [{ aud: resource }, { crit: ['x'], x: 1 }],
      [{ aud: resource }, { kid: 7 }],
    ] as const) {
      expect(statusOf(await guard.handle(bearing(await issuer.token(claims, { header }))))).toBe(401)
    }
    expect(seen).not.toHaveBeenCalled()
  })

  it('tells the log what it tells nobody else', async () => {
    const onRefused = vi.fn()
    const token = await issuer.token({ aud: 'https://other.example.com/\n\u202e' })
    const outcome = await guardOf({ onRefused }).handle(bearing(token))
    expect(JSON.stringify(outcome)).not.toContain('other.example.com')
    expect(onRefused).toHaveBeenCalledTimes(1)
    expect(onRefused.mock.calls[0]).toMatchObject([
      { reason: 'audience_mismatch', claim: 'aud', actual: ['https://other.example.com/??'], expected: [resource], verified: false },
      { resource, status: 401 },
    ])
    expect(JSON.stringify(onRefused.mock.calls[0])).not.toContain(token.slice(0, 8))
  })

  it.each<[string, Partial<ResourceGuardOptions>, Request | (() => Promise<Request>), Route, object]>([
    ['where a path is under no resource', { resource: `${resource}/{tenant}`, tenants: { tenant: ['acme'] } } as never, bearing('x', '/other?a=b'), {},
      { reason: 'resource_unknown', actual: '/other', expected: ['/photos/{tenant}'], detail: 'the path is under no resource', verified: false }],
    ['which tenant there is not', { resource: `${resource}/{tenant}`, tenants: { tenant: ['acme'] } } as never, bearing('x', '/photos/nobody'), {},
      { reason: 'resource_unknown', actual: ['nobody'], detail: 'no such tenant', verified: false }],
    ['which path routers read differently', { resource: `${resource}/{tenant}`, tenants: { tenant: ['acme'] } } as never, bearing('x', '/photos/acme;x'), {},
      { reason: 'resource_unknown', actual: '/photos/acme;x', detail: 'a path that routers read differently', verified: false }],
    ['where no metadata is', {}, bearing('x', '/.well-known/oauth-protected-resource'), {},
      { reason: 'resource_unknown', actual: '/.well-known/oauth-protected-resource', detail: 'no metadata here', verified: false }],
    ['that a request without a token was a preflight', {},
      new Request('https://host.internal/photos', { method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' } }), {},
      { reason: 'credentials_missing', detail: 'a CORS preflight: CORS middleware belongs before the guard', verified: false }],
    ['that the scopes are under another name', {}, async () => bearing(await issuer.token({ aud: resource, scope: undefined, scp: ['photos:read'] })), { scopes: ['photos:read'] },
      { reason: 'scope_insufficient', claim: 'scope', expected: ['photos:read'], actual: [], detail: "the token has scp: perhaps scopeClaim: 'scp'", verified: true }],
    ['that a type may have to be described', {}, async () => bearing(await issuer.token({ aud: resource }, { header: { typ: 'JWT' } })), {},
      { reason: 'type_mismatch', claim: 'typ', actual: 'JWT', expected: ['at+jwt'], detail: 'no access token, or an issuer that typ should describe', verified: false }],
  ])('tells the log %s', async (_, more, request, route, problem) => {
    const onRefused = vi.fn()
    await guardOf({ ...more, onRefused }).handle(typeof request === 'function' ? await request() : request, route)
    expect(onRefused.mock.calls.map(([found]) => found as unknown)).toEqual([problem])
  })

  it('does not let a token in that expires while something is waited for', async () => {
    let now = Date.now()
    const reasons: string[] = []
    const later = <T>(value: T) => async () => {
      now += 25_000
      return value
    }
    const more = { now: () => now, onRefused: ({ reason }: Problem) => void reasons.push(reason) }
    const fetchLater: typeof fetch = async (...request) => (await later(issuer.fetch)())(...request)
    for (const slow of [{ isRevoked: later(false) }, { fetch: fetchLater, keys: { deadline: 60 } }] as Partial<ResourceGuardOptions>[]) {
      const request = bearing(await issuer.token({ aud: resource, iat: now / 1000, exp: now / 1000 + 15 }))
      expect(statusOf(await guardOf({ ...more, ...slow }).handle(request))).toBe(401)
    }
    expect(reasons).toEqual(['token_expired', 'token_expired'])
    const request = bearing(await issuer.token({ aud: resource, iat: now / 1000, exp: now / 1000 + 21 }))
    expect(statusOf(await guardOf({ ...more, isRevoked: later(false) }).handle(request))).toBe('granted') // within clockTolerance
  })

  it('takes no notice of what goes wrong in a hook', async () => {
    const throws = () => {
      throw new Error('the log is down')
    }
    const rejects = () => Promise.reject(new Error('the log is down'))
    const token = await issuer.token({ aud: resource })
    for (const hook of [throws, rejects]) {
      const guard = guardOf({ onGranted: hook, onRefused: hook } as Partial<ResourceGuardOptions>)
      expect(statusOf(await guard.handle(bearing(token)))).toBe('granted')
      expect(statusOf(await guard.handle(new Request('https://h/')))).toBe(401)
    }
  })

  it('answers 503 while there are no keys, without a challenge', async () => {
    const guard = guardOf({ fetch: () => Promise.reject(new Error('refused')) })
    const outcome = await guard.handle(bearing(await issuer.token({ aud: resource })))
    expect(outcome).toMatchObject({ kind: 'reply', status: 503 })
    const names = (outcome as Extract<Outcome, { kind: 'reply' }>).headers.map(([name]) => name)
    expect(names).toContain('retry-after')
    expect(names).not.toContain('www-authenticate')
    await expect(guard.ready()).rejects.toThrow('https://login.example.com')
  })
})

describe('authorize', () => {
  const principalOf = async (guard: ReturnType<typeof guardOf>, scope?: string) =>
    ((await guard.handle(bearing(await issuer.token({ aud: resource, scope })))) as { principal: Principal }).principal

  it('asks for every scope that the operation needs', async () => {
    const guard = guardOf()
    const principal = await principalOf(guard, 'a b')
    expect(guard.authorize(principal, ['b', 'a'])).toBeUndefined()
    expect(guard.authorize(principal, ['a', 'c'])?.headers).toContainEqual([
      'www-authenticate',
      'Bearer resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/photos", error="insufficient_scope", error_description="The access token lacks a scope that this operation needs.", scope="a c"',
    ])
  })

  it('takes no principal that it did not make', async () => {
    const guard = guardOf()
    const principal = await principalOf(guard, 'a')
    for (const forged of [{ ...principal, scopes: ['c'] }, await principalOf(guardOf(), 'a')]) {
      expect(() => guard.authorize(forged, ['a'])).toThrow(expect.objectContaining({ option: 'principal' }))
    }
  })

  it('gives a principal that is a plain object, by which none can be made', async () => {
    const principal = await principalOf(guardOf(), 'a')
    expect(Object.getPrototypeOf(principal)).toBe(Object.prototype)
    expect(Object.getOwnPropertySymbols(principal)).toEqual([])
    expect(Object.isFrozen(principal)).toBe(true)
    const { claims, issuer: from, resource: at, ...others } = principal
    expect(principal).toStrictEqual({ claims, issuer: from, resource: at, ...others })
  })

  it('takes no empty list and nothing that is no scope', async () => {
    const guard = guardOf()
    const principal = await principalOf(guard, 'a')
    for (const scopes of [[], ['a b'], [''], [undefined as unknown as string]]) {
      expect(() => guard.authorize(principal, scopes)).toThrow(expect.objectContaining({ name: 'ConfigurationError' }))
    }
    await expect(guard.handle(bearing(await issuer.token({ aud: resource })), { scopes: [] })).rejects.toThrow('scope')
  })
})

describe('metadata', () => {
  it('is served by handle, and by itself where it is served elsewhere', async () => {
    const request = new Request('https://host.internal/.well-known/oauth-protected-resource/photos')
    expect(statusOf(await guardOf().handle(request))).toBe(200)
    const elsewhere = guardOf({ metadata: 'elsewhere' })
    expect(statusOf(await elsewhere.handle(request))).toBe(401)
    expect((await elsewhere.metadata(request))?.status).toBe(200)
    expect(await elsewhere.metadata(new Request('https://host.internal/photos'))).toBeUndefined()
  })
})

describe("outside: 'pass'", () => {
  const outside = 'pass' as const
  const unknown = '/.well-known/oauth-protected-resource/nobody'
  const bare = (url: string) => ({ method: 'GET', url, headers: { get: () => null } })
  const several = () => createResourceGuard({ fetch: issuer.fetch, authorizationServers: [issuer.issuer], outside, resources: [{ resource: 'https://api.example.com/a' }, { resource: 'https://api.example.com/b' }] })

  it('has the path of no document judged as any other path is', async () => {
    expect(statusOf(await guardOf({ outside }).handle(bare(unknown)))).toBe(401)
    expect(statusOf(await several().handle(bare(unknown)))).toBe('open')
  })

  it.each(['/.well-known/oauth-protected-resource/../../a', '/.well-known/oauth-protected-resource/%2e%2e/%2e%2e/a', '//evil/a', '//a'])('passes no path on that somebody else may read as a resource: %s', async (path) => {
    expect(statusOf(await guardOf({ outside }).handle(bare(path)))).toBe(401)
    expect(statusOf(await several().handle(bare(path)))).toBe(404)
  })
})

it('a key that was taken out of a jwks in place is withdrawn', async () => {
  const other = await createTestIssuer({ issuer: issuer.issuer })
  const jwks = { keys: [...issuer.jwks.keys] }
  const guard = createResourceGuard({ resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['acme'] }, authorizationServers: () => [{ issuer: issuer.issuer, jwks }] })
  const visit = async (token: string) => statusOf(await guard.handle(bearing(token, '/acme')))
  const token = await issuer.token({ aud: 'https://api.example.com/acme' })
  expect(await visit(token)).toBe('granted')
  jwks.keys.splice(0, jwks.keys.length, ...other.jwks.keys)
  expect(await visit(token)).toBe(401)
  expect(await visit(await issuer.token({ aud: 'https://api.example.com/acme' }))).toBe(401)
  expect(await visit(await other.token({ aud: 'https://api.example.com/acme' }))).toBe('granted')
})

it('goes by the clock of fake timers that a test puts in place later', async () => {
  const guard = guardOf()
  const token = await issuer.token({ aud: resource, exp: Date.now() / 1000 + 60 })
  expect(statusOf(await guard.handle(bearing(token)))).toBe('granted')
  vi.useFakeTimers()
  vi.advanceTimersByTime(400_000)
  expect(statusOf(await guard.handle(bearing(token)))).toBe(401)
  vi.useRealTimers()
})

it('can be made while a Worker starts, when its clock says 0', () => expect(() => guardOf({ now: () => 0 })).not.toThrow())

it('a function of the tenant cannot change which tenant it is', async () => {
  const details: unknown[] = []
  const guard = createResourceGuard({
    resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['acme', 'globex'] }, fetch: issuer.fetch,
    authorizationServers: (variables) => {
      ;(variables as { tenant: string }).tenant = 'globex'
      return [issuer.issuer]
    },
    onRefused: ({ detail }) => void details.push(detail),
  })
  expect(statusOf(await guard.handle(bearing(await issuer.token({ aud: 'https://api.example.com/globex' }), '/acme')))).toBe(503)
  expect(details).toEqual([expect.stringContaining('read only')])
})

it('what a function of the tenant gives may not mean another resource either', async () => {
  const guard = createResourceGuard({
    resources: [
      { resource: 'https://api.example.com/t/{tenant}', tenants: { tenant: ['acme'] }, authorizationServers: () => [{ issuer: issuer.issuer, alsoAccept: ['https://api.example.com/{tenant}'] }] },
      { resource: 'https://api.example.com/acme', authorizationServers: [issuer.issuer] },
    ],
    fetch: issuer.fetch,
  })
  expect(statusOf(await guard.handle(bearing(await issuer.token({ aud: 'https://api.example.com/acme' }), '/t/acme')))).toBe(503)
})

describe('a proof of the audience', () => {
  const at = 'https://login.example.com/{tenant}'
  const asked = (audienceProvenBy: object | string) => () => [{ issuer: at, introspection: { clientId: 'api', clientSecret: 'b', endpoint: `${at}/introspect`, audienceProvenBy } }]
  const fetchReply = (async () => Response.json({ active: true, sub: 'alice', client_id: 'app:acme', scope: 'all:acme' })) as typeof fetch
  const outcomes = async (names: readonly string[], authorizationServers: unknown) => {
    const resources = names.map((name) => ({ resource: `https://api.example.com/${name}/{tenant}`, tenants: { tenant: ['acme'] } }))
    const guard = createResourceGuard({ resources, authorizationServers, fetch: fetchReply } as ResourceGuardOptions)
    return Promise.all(names.map(async (name) => statusOf(await guard.handle(bearing('opaque', `/${name}/acme`)))))
  }
  it.each(['issuer-answers-only-for-this-resource', { scope: 'all:{tenant}' }, { clientIds: ['app:{tenant}'] }])('is none for two resources that have it of a function: %j', async (proof) => {
    expect(await outcomes(['photos'], asked(proof))).toEqual(['granted'])
    expect(await outcomes(['photos', 'mail'], asked(proof))).toEqual([503, 503])
  })
})

it('an alias that is another resource in another case is refused', () => {
  const resources = [
    { resource: 'https://api.example.com/public', authorizationServers: [{ issuer: issuer.issuer, alsoAccept: ['https://API.example.com/admin'] }] },
    { resource: 'https://api.example.com/admin', authorizationServers: [{ issuer: issuer.issuer, audienceHost: 'any-case' as const }] },
  ] as const
  expect(() => createResourceGuard({ resources })).toThrow('alsoAccept must not hold "https://API.example.com/admin"')
})
