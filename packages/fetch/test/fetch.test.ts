import { createTestIssuer } from '@resource-guard/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError, createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/fetch'
import type { Principal } from '@resource-guard/fetch'

const issuer = await createTestIssuer()
const authorizationServers = [{ issuer: issuer.issuer, jwks: issuer.jwks }]
const options = { resource: 'https://api.example.com', authorizationServers }
const elsewhere = { ...options, metadata: 'elsewhere' } as const
const wellKnown = '/.well-known/oauth-protected-resource'
const bearer = async (claims = {}) => ({ authorization: `Bearer ${await issuer.token(claims)}` })
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') => new Request(`http://localhost${path}`, { method, headers })

let handler: ReturnType<typeof vi.fn<(request: Request, principal?: Principal) => Response>>

beforeEach(() => {
  handler = vi.fn((request: Request, principal?: Principal) => Response.json({ subject: principal?.subject, same: principalOf(request) === principal }))
})

it('lets in a token for this API, and tells the handler who is calling', async () => {
  const answer = await resourceGuard(options)(handler)(ask('/me', await bearer()))
  expect([answer.status, await answer.json()]).toEqual([200, { subject: 'alice', same: true }])
})

it('answers a refusal itself: the handler does not run', async () => {
  const { status, headers } = await resourceGuard(options)(handler)(ask('/me', await bearer({ aud: 'https://other.example.com' })))
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toContain(`resource_metadata="https://api.example.com${wellKnown}"`)
  expect(headers.get('access-control-expose-headers')).toBe('WWW-Authenticate')
  expect(headers.get('content-type')).toBe('application/json')
  expect(handler).not.toHaveBeenCalled()
})

it('takes a guard that is made already', async () => {
  expect((await resourceGuard(createResourceGuard(options))(handler)(ask('/me', await bearer()))).status).toBe(200)
})

it('throws for wrong options', () => {
  expect(() => resourceGuard({ ...options, resource: 'api.example.com' })).toThrow(ConfigurationError)
})

it('passes on what else the platform passes, and the request as it is', async () => {
  const env = { photos: 'bucket' }
  const seen: unknown[] = []
  const fetch = resourceGuard(options)((request, principal, ...extra: [env: typeof env, ctx: { waitUntil: boolean }]) => {
    seen.push(request, principal.subject, ...extra)
    return new Response()
  })
  const request = ask('/me', await bearer())
  await fetch(request, env, { waitUntil: true })
  expect(seen[0]).toBe(request)
  expect(seen.slice(1)).toEqual(['alice', env, { waitUntil: true }])
})

it('passes on what the handler returns and throws, untouched', async () => {
  const guarded = resourceGuard(options)
  const own = new Response('own', { status: 401, headers: { 'www-authenticate': 'Basic realm="legacy"' } })
  expect(await guarded(() => own)(ask('/me', await bearer()))).toBe(own)
  const error = new Error('the handler\'s own')
  const failing = guarded(() => {
    throw error
  })
  await expect(failing(ask('/me', await bearer()))).rejects.toBe(error)
  await expect(guarded(() => Promise.reject(error))(ask('/me', await bearer()))).rejects.toBe(error)
})

it('serves the metadata from the same line, without a token; nothing has a body that must not have one', async () => {
  const fetch = resourceGuard(options)(handler)
  const answer = await fetch(ask(wellKnown))
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ resource: options.resource })])
  const head = await fetch(ask(wellKnown, {}, 'HEAD'))
  expect([head.status, head.body]).toEqual([200, null])
  const fresh = await fetch(ask(wellKnown, { 'if-none-match': answer.headers.get('etag') as string }))
  expect([fresh.status, fresh.body]).toEqual([304, null])
  const preflight = await fetch(ask(wellKnown, { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }, 'OPTIONS'))
  expect(preflight.status).toBeLessThan(500)
  expect(handler).not.toHaveBeenCalled()
})

describe('scopes', () => {
  const guarded = resourceGuard(options)
  const ways = {
    'the route\'s scope': () => guarded(handler, { scope: ['photos:read', 'photos:list'] }),
    requireScope: () => guarded(requireScope(['photos:read', 'photos:list'], handler)),
    'requireScope in a router': () => guarded((request, principal) => requireScope(['photos:read', 'photos:list'], handler)(request, principal)),
  }

  it.each(Object.entries(ways))('%s: lets a token with every one pass, and answers 403 to the others', async (_, way) => {
    expect((await way()(ask('/photos', await bearer({ scope: 'photos:list photos:read' })))).status).toBe(200)
    const { status, headers } = await way()(ask('/photos', await bearer()))
    expect(status).toBe(403)
    expect(headers.get('www-authenticate')).toContain('scope="photos:read photos:list"')
    expect(handler).toHaveBeenCalledTimes(1)
  })

  it('one scope may be written as a string', async () => {
    expect((await guarded(handler, { scope: 'photos:read' })(ask('/photos', await bearer()))).status).toBe(200)
    expect((await guarded(requireScope('photos:write', handler))(ask('/photos', await bearer()))).status).toBe(403)
  })

  it.each([[[]], ['two scopes'], ['']])('throws where it is written for %j', (scope) => {
    expect(() => requireScope(scope, handler)).toThrow(ConfigurationError)
    expect(() => guarded(handler, { scope })).toThrow(ConfigurationError)
  })

  it.each([{ scope: undefined }, { scopes: ['photos:read'] }])('takes no scope that is not there, nor one under another name: %j', (route) => {
    expect(() => guarded(handler, route as { scope: string })).toThrow(ConfigurationError)
  })

  it('outside the guard, also with a principal from anywhere: a ConfigurationError, and the handler does not run', async () => {
    const forged = { subject: 'mallory', scopes: ['photos:read'] } as unknown as Principal
    await expect(requireScope('photos:read', handler)(ask('/photos', await bearer()), forged)).rejects.toThrow(ConfigurationError)
    expect(handler).not.toHaveBeenCalled()
    await guarded((request) => requireScope('photos:read', handler)(request, forged))(ask('/photos', await bearer()))
    expect(handler.mock.lastCall?.[1]?.subject).toBe('alice')
  })
})

describe('a request that was let through open', () => {
  const guarded = resourceGuard({ ...options, resource: 'https://api.example.com/{tenant}/v1', tenants: { tenant: ['acme'] }, outside: 'pass', preflight: 'pass' })

  it('has no principal', async () => {
    const answer = await guarded((_request, principal) => Response.json({ principal: principal ?? null }))(ask('/public'))
    expect(await answer.json()).toEqual({ principal: null })
    await expect(guarded(handler)(ask('/public'))).rejects.toThrow(ConfigurationError)
    handler.mockClear()
    expect((await guarded(requireScope('photos:read', handler))(ask('/public'))).status).toBe(404)
    expect(handler).not.toHaveBeenCalled()
  })

  it('is a preflight: then requireScope wants a token, and lets one with the scope in', async () => {
    const scoped = resourceGuard({ ...options, preflight: 'pass' })(requireScope('photos:read', (request) => new Response(principalOf(request).subject)))
    const preflight = (headers = {}) => scoped(new Request('https://host.internal/photos', {
      method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET', ...headers },
    }))
    expect([(await preflight()).status, (await preflight(await bearer({ scope: 'other' }))).status]).toEqual([401, 403])
    expect(await (await preflight(await bearer({ scope: 'photos:read' }))).text()).toBe('alice')
  })

  it('has none either inside another guard', async () => {
    const twice = resourceGuard(options)((request) => guarded(requireScope('photos:read', handler))(request))
    expect((await twice(ask('/public', await bearer()))).status).toBe(404)
    expect(handler).not.toHaveBeenCalled()
  })

  it('never reaches a handler whose route asks for scopes', async () => {
    const fetch = guarded(handler, { scope: 'photos:read' })
    expect((await fetch(ask('/public'))).status).toBe(404)
    expect((await fetch(ask(`${wellKnown}/nothing`))).status).toBe(404)
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }
    expect((await fetch(ask('/acme/v1/photos', preflight, 'OPTIONS'))).status).toBe(401)
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('metadata elsewhere, as in Next.js', () => {
  it('one file guards, another serves the metadata', async () => {
    const guarded = resourceGuard(elsewhere)
    expect((await guarded(handler)(ask('/api/me'))).status).toBe(401)
    expect((await guarded(handler)(ask(wellKnown))).status).toBe(401)
    const metadata = resourceMetadata(elsewhere)
    expect(await (await metadata(ask(wellKnown))).json()).toMatchObject({ resource: options.resource })
    const head = await metadata(ask(wellKnown, {}, 'HEAD'))
    expect([head.status, head.body]).toEqual([200, null])
    expect((await metadata(ask('/api/me'))).status).toBe(404)
  })
})
