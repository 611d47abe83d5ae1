import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as expressAdapter from '@resource-guard/express'
import * as fastifyAdapter from '@resource-guard/fastify'
import * as fetchAdapter from '@resource-guard/fetch'
import * as honoAdapter from '@resource-guard/hono'
import { createResourceGuard, memoryStore, type Introspection, type Principal, type Problem, type ResourceGuard, type ResourceGuardOptions } from '@resource-guard/core'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { listening } from './adapters/listening.js'

// Opaque tokens of a real authorization server, asked about over real sockets: what it says about them is its own.

const photos = 'https://api.example.com/photos'
const prints = 'https://api.example.com/prints'
const jwts = 'https://api.example.com/jwts'
const secret = 'a secret: 100% of +/&= it'

let origin: string
let server: Server
/** Requests to the introspection endpoint so far. */
let calls = 0
let down = false
const refusals: Problem[] = []

const keyPair = (kid: string): JWK => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid, alg: 'ES256', use: 'sig' } as JWK
}
const apiKey = keyPair('photos-api')

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { Provider, errors } = await import('oidc-provider')
  server = createServer()
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { d: _d, ...publicKey } = apiKey
  const common = { redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' as const, introspection_signed_response_alg: 'ES256' as const }
  const provider = new Provider(origin, {
    jwks: { keys: [{ ...keyPair('issuer'), kty: 'EC' as const }] },
    scopes: ['read', 'write'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    clients: [
      { client_id: 'client', client_secret: 'secret', grant_types: ['client_credentials'], ...common },
      { client_id: 'photos:api', client_secret: secret, grant_types: [], ...common },
      { client_id: 'posting-api', client_secret: secret, token_endpoint_auth_method: 'client_secret_post', grant_types: [], ...common },
      { client_id: 'signing-api', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] }, grant_types: [], ...common },
      { client_id: 'signed-to-api', client_secret: secret, grant_types: [], ...common },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context, resource) {
          if (![photos, prints, jwts].includes(resource)) throw new errors.InvalidTarget()
          return resource === jwts
            ? { audience: resource, scope: 'read write', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
            : { audience: resource, scope: 'read write', accessTokenFormat: 'opaque' }
        },
      },
    },
    ttl: { ClientCredentials: 60 },
  })
  const callback = provider.callback()
  server.on('request', (request, response) => {
    const asks = request.url?.startsWith('/token/introspection') ?? false
    if (asks) calls += 1
    if (asks && down) return void request.socket.destroy()
    return callback(request, response)
  })
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

beforeEach(() => {
  refusals.length = 0
  calls = 0
  down = false
})

const post = async (path: string, form: Record<string, string>): Promise<Record<string, string>> => {
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers: { authorization: `Basic ${btoa('client:secret')}` }, body: new URLSearchParams(form) })
  return response.headers.get('content-type')?.includes('json') ? ((await response.json()) as Record<string, string>) : {}
}
const tokenFor = async (resource: string, scope = 'read') => (await post('/token', { grant_type: 'client_credentials', scope, resource }))['access_token'] as string

const guardAt = (resource: string, introspection: Introspection = { clientId: 'photos:api', clientSecret: secret }, more: Partial<ResourceGuardOptions> = {}): ResourceGuard =>
  createResourceGuard({ resource, authorizationServers: [{ issuer: origin, introspection }], onRefused: (problem) => void refusals.push(problem), ...more } as ResourceGuardOptions)

async function visit(guard: ResourceGuard, token: string) {
  refusals.length = 0
  const outcome = await guard.handle(new Request('https://h/', { headers: { authorization: `Bearer ${token}` } }))
  if (outcome.kind === 'granted') return outcome.principal
  return { status: outcome.kind === 'reply' ? outcome.status : outcome.kind, reason: refusals[0]?.reason, detail: refusals[0]?.detail }
}

const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('an opaque token', () => {
  it('is let in at the resource that it was asked for, and says who calls', async () => {
    const token = await tokenFor(photos)
    expect(token).not.toContain('.')
    expect(await visit(guardAt(photos), token)).toMatchObject({ issuer: origin, clientId: 'client', scopes: ['read'], resource: photos, expiresAt: expect.any(Number) })
  })
  it('is refused at every other', async () => {
    expect(await visit(guardAt(prints), await tokenFor(photos))).toMatchObject({ status: 401, reason: 'audience_mismatch' })
  })
  it('that was asked for no resource has no audience, and is refused', async () => {
    const { access_token: token } = await post('/token', { grant_type: 'client_credentials', scope: 'read' })
    expect(await visit(guardAt(photos), token as string)).toMatchObject({ status: 401, reason: 'claim_missing' })
  })
  it('that nobody issued is refused', async () => {
    expect(await visit(guardAt(photos), 'nobody-issued-this')).toMatchObject({ status: 401, reason: 'token_inactive' })
  })
  it('costs one call for a hundred requests at once, and a hundred after each other', async () => {
    const guard = guardAt(photos)
    const token = await tokenFor(photos)
    const seen = await Promise.all(Array.from({ length: 100 }, () => visit(guard, token)))
    for (let i = 0; i < 100; i += 1) seen.push(await visit(guard, token))
    expect(seen.every((principal) => 'clientId' in principal)).toBe(true)
    expect(calls).toBe(1)
  })
  it('that is revoked there is refused here after the TTL, and at once with ttl 0', async () => {
    const guard = guardAt(photos)
    const eager = guardAt(photos, { clientId: 'photos:api', clientSecret: secret, ttl: 0 })
    const token = await tokenFor(photos)
    expect([await visit(guard, token), await visit(eager, token)]).toMatchObject([{ clientId: 'client' }, { clientId: 'client' }])
    await post('/token/revocation', { token })
    expect(await visit(guard, token)).toMatchObject({ clientId: 'client' })
    expect(await visit(eager, token)).toMatchObject({ status: 401, reason: 'token_inactive' })
  })
  it('that a client has for itself names neither sub nor jti at this server, so that only the application can revoke it here', async () => {
    const revoked = new Set<string | undefined>()
    const guard = guardAt(photos, undefined, { store: memoryStore(), isRevoked: ({ clientId }) => revoked.has(clientId) })
    const token = await tokenFor(photos)
    const { claims } = (await visit(guard, token)) as Principal
    expect([claims['sub'], claims['jti'], claims['sid']]).toEqual([undefined, undefined, undefined])
    revoked.add('client')
    expect(await visit(guard, token)).toMatchObject({ status: 401, reason: 'token_inactive' })
  })
})

type Ask = (token: string) => Promise<Response>
/** One route behind a guard, on each adapter, that says which client calls. */
const adapters: Readonly<Record<string, (guard: ResourceGuard) => Promise<{ ask: Ask; close?: () => Promise<void> }>>> = {
  Express: async (guard) => {
    const app = express().use(expressAdapter.resourceGuard(guard)).get('/', (req, res) => void res.json(expressAdapter.principalOf(req).clientId))
    const { port, close } = await listening(createServer(app))
    return { ask: (token) => fetch(`http://127.0.0.1:${port}/`, bearing(token)), close }
  },
  Fastify: async (guard) => {
    const app = fastify()
    await app.register(fastifyAdapter.resourceGuard, guard)
    app.get('/', async (incoming, reply) => reply.send(JSON.stringify(fastifyAdapter.principalOf(incoming).clientId)))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { ask: (token) => fetch(url, bearing(token)), close: () => app.close() }
  },
  Hono: async (guard) => {
    const app = new Hono().use(honoAdapter.resourceGuard(guard)).get('/', (c) => c.json(c.var.principal?.clientId))
    return { ask: async (token) => app.request('/', bearing(token)) }
  },
  fetch: async (guard) => {
    const handler = fetchAdapter.resourceGuard(guard)((_request, principal) => Response.json(principal?.clientId))
    return { ask: (token) => handler(new Request('https://h/', bearing(token))) }
  },
}

describe.each(Object.entries(adapters))('on %s', (_, serve) => {
  it('an opaque token is let in at its resource, refused at another and once it is revoked, and 503 while nobody can tell', async () => {
    const introspection = { clientId: 'photos:api', clientSecret: secret, ttl: 0 }
    const [at, elsewhere] = await Promise.all([photos, prints].map((resource) => serve(guardAt(resource, introspection))))
    const token = await tokenFor(photos)
    const granted = await at!.ask(token)
    expect([granted.status, await granted.json()]).toEqual([200, 'client'])
    const refused = await elsewhere!.ask(token)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('error="invalid_token"')])
    down = true
    expect((await at!.ask(token)).status).toBe(503)
    down = false
    await post('/token/revocation', { token })
    expect((await at!.ask(token)).status).toBe(401)
    for (const { close } of [at!, elsewhere!]) await close?.()
  })
})

describe('this resource server authenticates', () => {
  it.each<[string, () => Introspection]>([
    ['client_secret_basic', () => ({ clientId: 'photos:api', clientSecret: secret })],
    ['client_secret_post', () => ({ clientId: 'posting-api', clientSecret: secret, authMethod: 'client_secret_post' })],
    ['private_key_jwt', () => ({ clientId: 'signing-api', privateKey: apiKey })],
  ])('with %s', async (_, introspection) => {
    const guard = guardAt(photos, introspection())
    await expect(guard.ready()).resolves.toBeUndefined()
    expect(await visit(guard, await tokenFor(photos))).toMatchObject({ clientId: 'client' })
  })
  it('and where it does not, says nothing about the token', async () => {
    const found = await visit(guardAt(photos, { clientId: 'photos:api', clientSecret: 'wrong' }), await tokenFor(photos))
    expect(found).toMatchObject({ status: 503, reason: 'introspection_unavailable', detail: expect.stringMatching(/answered 40[01]: look at clientId/) })
  })
})

describe('a signed reply (RFC 9701)', () => {
  const signed = { clientId: 'signed-to-api', clientSecret: secret, signed: true }
  it('is verified with the keys of the issuer', async () => {
    expect(await visit(guardAt(photos, signed), await tokenFor(photos))).toMatchObject({ clientId: 'client', resource: photos })
    expect(await visit(guardAt(prints, signed), await tokenFor(photos))).toMatchObject({ status: 401, reason: 'audience_mismatch' })
    expect(await visit(guardAt(photos, signed), 'nobody-issued-this')).toMatchObject({ status: 401, reason: 'token_inactive' })
  })
  it('to another client is none', async () => {
    const fetchAs: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), authorization: `Basic ${btoa('signed-to-api:a+secret%3A+100%25+of+%2B%2F%26%3D+it')}` } })
    expect(await visit(guardAt(photos, { ...signed, clientId: 'other-api', fetch: fetchAs }), await tokenFor(photos))).toMatchObject({ status: 503, detail: expect.stringContaining('aud is neither') })
  })
})

describe('beside JWTs of the same issuer', () => {
  it('those are verified here, and never asked about', async () => {
    const guard = guardAt(jwts)
    expect(await visit(guard, await tokenFor(jwts))).toMatchObject({ clientId: 'client', subject: 'client' })
    expect(await visit(guard, `${await tokenFor(jwts)}x`)).toMatchObject({ status: 401 })
    expect(calls).toBe(0)
    expect(await visit(guard, await tokenFor(photos))).toMatchObject({ status: 401, reason: 'audience_mismatch' })
    expect(calls).toBe(1)
  })
  it('a server that refuses to be asked about its JWTs makes them 503 under always', async () => {
    const found = await visit(guardAt(jwts, { clientId: 'photos:api', clientSecret: secret, when: 'always' }), await tokenFor(jwts))
    expect(found).toMatchObject({ status: 503, reason: 'introspection_unavailable', detail: expect.stringContaining('answered 400') })
  })
})

it('an endpoint that is down is 503 until it is up', async () => {
  const guard = guardAt(photos, { clientId: 'photos:api', clientSecret: secret, breaker: { failures: 2, pause: 0.2 } })
  const [known, token] = [await tokenFor(photos), await tokenFor(photos)]
  expect(await visit(guard, known)).toHaveProperty('clientId')
  down = true
  for (let i = 0; i < 4; i += 1) expect(await visit(guard, token)).toMatchObject({ status: 503, reason: 'introspection_unavailable' })
  expect(calls).toBe(3)
  expect(await visit(guard, known)).toHaveProperty('clientId')
  down = false
  expect(await visit(guard, token)).toMatchObject({ status: 503, detail: expect.stringContaining('paused') })
  await new Promise((over) => setTimeout(over, 250))
  expect(await visit(guard, token)).toHaveProperty('clientId')
})
