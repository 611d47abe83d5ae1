import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, type JWK } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { bearing, clock, createEndpoint, endpoint, good, guardOf, hang, issuer, json, pass, start, unreachable, visit, type Answer, type Endpoint } from './endpoint.js'

beforeEach(() => {
  clock.now = start * 1000
})

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** The endpoint's issuer, with metadata that may change. */
const withMetadata = (at: Endpoint, metadata: (url: string) => Response): typeof fetch =>
  async (input, init) => (String(input).includes('.well-known') ? metadata(String(input)) : at.fetch(input, init))

const sent = async (introspection: object, metadata?: object) => {
  const at = createEndpoint(undefined, metadata)
  const guard = guardOf(at, introspection)
  expect(await visit(guard, 'opaque-token')).toBe('granted')
  return at.requests.find(({ method }) => method === 'POST')!
}

describe('a request (RFC 7662 §2.1)', () => {
  it('is a form with the token and a hint', async () => {
    const { url, method, headers, form } = await sent({})
    expect({ url, method }).toEqual({ url: endpoint, method: 'POST' })
    expect(headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(headers.get('accept')).toBe('application/json')
    expect([...form]).toEqual([['token', 'opaque-token'], ['token_type_hint', 'access_token']])
  })
  it('has every character of the token as it came', async () => {
    const at = createEndpoint()
    await visit(guardOf(at), 'a-._~+/b==')
    expect(at.requests.at(-1)!.form.get('token')).toBe('a-._~+/b==')
  })
})

describe('client_secret_basic (RFC 6749 §2.3.1)', () => {
  it.each([
    ['photos-api', 'a secret'],
    ['a:b', 'c:d'],
    ['id', ':%+ &é"\\=/?#€😀'],
    ['https://api.example.com/photos', 'x'],
    ['a+b', 'a+b'],
  ])('id %s and secret %s arrive', async (clientId, clientSecret) => {
    const { headers, form } = await sent({ clientId, clientSecret })
    const [scheme, credentials] = headers.get('authorization')!.split(' ') as [string, string]
    expect(scheme).toBe('Basic')
    const decoded = atob(credentials)
    expect(decoded).toMatch(/^[\w.*%+-]+:[\w.*%+-]+$/)
    const parts = decoded.split(':').map((part) => new URLSearchParams(`x=${part}`).get('x'))
    expect(parts).toEqual([clientId, clientSecret])
    expect(form.has('client_id') || form.has('client_secret')).toBe(false)
  })
  it('is, to the letter, what RFC 6749 Appendix B says', async () => {
    const { headers } = await sent({ clientId: ' %&+£€', clientSecret: 'x' })
    expect(atob(headers.get('authorization')!.slice(6))).toBe('+%25%26%2B%C2%A3%E2%82%AC:x')
  })
})

it('client_secret_post puts both into the form, and nothing into the header', async () => {
  const { headers, form } = await sent({ clientId: 'a&b', clientSecret: ':%+ &é', authMethod: 'client_secret_post' })
  expect(form.get('client_id')).toBe('a&b')
  expect(form.get('client_secret')).toBe(':%+ &é')
  expect(headers.has('authorization')).toBe(false)
})

describe('private_key_jwt (RFC 7523)', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('signs with %s, for this issuer alone, each time anew', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const jwk = { ...(await exportJWK(privateKey)), alg, kid: 'k1' } as JWK
    const at = createEndpoint()
    const guard = guardOf(at, { clientId: 'photos-api', privateKey: jwk, ttl: 0 })
    expect(await visit(guard)).toBe('granted')
    expect(await visit(guard)).toBe('granted')
    const forms = at.requests.filter(({ method }) => method === 'POST').map(({ form }) => form)
    expect(forms[0]!.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    expect(forms[0]!.get('client_id')).toBe('photos-api')
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg, kid: 'k1' }] })
    const [first, second] = await Promise.all(forms.map((form) =>
      jwtVerify(form.get('client_assertion')!, keys, { audience: issuer, issuer: 'photos-api', subject: 'photos-api', typ: 'client-authentication+jwt', currentDate: new Date(clock.now) })))
    expect(first!.payload).toMatchObject({ aud: issuer, iat: start, exp: start + 60 })
    expect(first!.payload.jti).not.toBe(second!.payload.jti)
  })
  it('a key that cannot sign is no fault of the token', async () => {
    const guard = guardOf(createEndpoint(), { clientId: 'photos-api', privateKey: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), d: 'c2VjcmV0LWQ', alg: 'ES256' } })
    expect(await visit(guard)).toBe('503 introspection_unavailable')
    expect(JSON.stringify(guard.problems)).not.toContain('c2VjcmV0LWQ')
  })
})

describe('a bearer token (RFC 7662 §2.1)', () => {
  it('is sent as it is given', async () => {
    expect((await sent({ bearerToken: 'abc' })).headers.get('authorization')).toBe('Bearer abc')
  })
  it('may be fetched for each request', async () => {
    let count = 0
    const at = createEndpoint()
    const guard = guardOf(at, { bearerToken: async () => `t${++count}`, ttl: 0 })
    await visit(guard)
    await visit(guard)
    expect(at.requests.filter(({ method }) => method === 'POST').map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer t1', 'Bearer t2'])
  })
  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('secret-4711') }],
    ['rejects', () => Promise.reject(new Error('secret-4711'))],
    ['gives nothing', () => undefined],
    ['gives what is no token', () => 'secret-4711\r\nx: y'],
    ['never answers', () => new Promise(() => {})],
  ])('where what gets it %s, nothing is sent and the endpoint is not blamed', async (_, bearerToken) => {
    const at = createEndpoint()
    const guard = guardOf(at, { bearerToken: bearerToken as () => string, timeout: 0.05, breaker: { failures: 1, pause: 60 } })
    expect(await visit(guard, 'one')).toBe('503 introspection_unavailable')
    expect(await visit(guard, 'two')).toBe('503 introspection_unavailable')
    expect(at.calls).toBe(0)
    expect(JSON.stringify(guard.problems)).not.toMatch(/4711|paused/)
  })
})

describe('mutual TLS (RFC 8705)', () => {
  it('names the client in the form, and is done by the given fetch', async () => {
    const at = createEndpoint()
    const mtls = createEndpoint()
    const guard = guardOf(at, { clientId: 'photos-api', authMethod: 'tls_client_auth', fetch: mtls.fetch })
    expect(await visit(guard)).toBe('granted')
    expect([at.calls, mtls.calls]).toEqual([0, 1])
    expect(mtls.requests[0]!.form.get('client_id')).toBe('photos-api')
    expect(mtls.requests[0]!.headers.has('authorization')).toBe(false)
  })
  it('goes to the alias of the endpoint where there is one (§5)', async () => {
    const metadata = { issuer, introspection_endpoint: endpoint, mtls_endpoint_aliases: { introspection_endpoint: 'https://mtls.example.com/introspect' } }
    expect((await sent({ authMethod: 'tls_client_auth', clientId: 'x' }, metadata)).url).toBe('https://mtls.example.com/introspect')
    for (const mtls_endpoint_aliases of [{}, null, 'x', []]) {
      expect((await sent({ authMethod: 'self_signed_tls_client_auth', clientId: 'x' }, { ...metadata, mtls_endpoint_aliases })).url).toBe(endpoint)
    }
    expect((await sent({}, metadata)).url).toBe(endpoint)
  })
})

describe('the endpoint', () => {
  it('is looked up in the metadata once, however many tokens come', async () => {
    const at = createEndpoint()
    const guard = guardOf(at)
    await Promise.all(Array.from({ length: 50 }, (_, i) => visit(guard, `token-${i}`)))
    expect(at.requests.filter(({ method }) => method === 'GET')).toHaveLength(1)
    pass(600)
    await visit(guard, 'again')
    expect(at.requests.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })
  it('is not looked up where it is given', async () => {
    const at = createEndpoint(undefined, undefined)
    expect(await visit(guardOf(at, { endpoint: 'https://login.example.com/oauth/introspect' }))).toBe('granted')
    expect(at.requests.map(({ url }) => url)).toEqual(['https://login.example.com/oauth/introspect'])
  })
  it.each([
    ['none', { issuer }],
    ['one in the clear', { issuer, introspection_endpoint: 'http://login.example.com/introspect' }],
    ['one at a private address', { issuer, introspection_endpoint: 'https://169.254.169.254/introspect' }],
    ['one of another issuer', { issuer: `${issuer}/`, introspection_endpoint: endpoint }],
    ['one with a password in it', { issuer, introspection_endpoint: 'https://a:b@login.example.com/introspect' }],
  ])('where the metadata have %s, no token is sent anywhere', async (_, metadata) => {
    const at = createEndpoint(undefined, metadata)
    const guard = guardOf(at)
    expect(await visit(guard)).toBe('503 introspection_unavailable')
    expect(at.calls).toBe(0)
    await expect(guard.ready()).rejects.toThrow('introspection at https://login.example.com')
  })
  it.each<[string, Answer]>([
    ['it is not there', () => new Response('', { status: 404 })],
    ['nobody is there', unreachable],
  ])('is looked up again when %s any more', async (_, gone) => {
    const at = createEndpoint((request, form) => (request.url === endpoint ? gone(request, form) : json(good)), undefined)
    let moved = endpoint
    const guard = guardOf({ fetch: withMetadata(at, () => json({ issuer, introspection_endpoint: moved })) })
    expect(await visit(guard)).toBe('503 introspection_unavailable')
    moved = 'https://login.example.com/v2/introspect'
    pass(2.1)
    expect(await visit(guard)).toBe('granted')
  })
  it.each<[string, () => Response]>([
    ['still name it', () => json({ issuer, introspection_endpoint: endpoint })],
    ['name none', () => json({ issuer })],
    ['are gone', () => json({}, 404)],
  ])('that is not there is looked up once in 2 seconds, whatever is asked about, while the metadata %s', async (_, then) => {
    let lookups = 0
    const at = createEndpoint(() => json({}, 404), undefined)
    const guard = guardOf({
      fetch: withMetadata(at, (url) => {
        if (url === `${issuer}/.well-known/oauth-authorization-server`) lookups += 1
        return lookups === 1 ? json({ issuer, introspection_endpoint: endpoint }) : then()
      }),
    })
    for (let i = 0; i < 40; i += 1) {
      expect(await visit(guard, `t${i}`)).toBe('503 introspection_unavailable')
      if (i >= 20) pass(0.5)
    }
    expect(lookups).toBeGreaterThanOrEqual(5)
    expect(lookups).toBeLessThanOrEqual(6)
  })
  it('a metadata document that never comes is given up', async () => {
    const guard = guardOf({ fetch: (() => hang(new Request('https://x'), new URLSearchParams())) as unknown as typeof fetch }, { timeout: 0.05 })
    expect(await visit(guard)).toBe('503 introspection_unavailable')
  })
  it('ready() finds it, and asks no keys of an issuer that needs none', async () => {
    const at = createEndpoint()
    await guardOf(at, {}, { server: { opaque: true } }).ready()
    expect(at.requests.map(({ url }) => url)).toEqual(['https://login.example.com/.well-known/oauth-authorization-server'])
  })
})

it('a redirect is followed nowhere: token and secret are for the one address', async () => {
  const seen: string[] = []
  const other = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...good, exp: undefined }))
  })
  const redirecting = createServer((_request, response) => void response.writeHead(307, { location: `http://127.0.0.1:${portOf(other)}/stolen` }).end())
  await Promise.all([other, redirecting].map((server) => new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))))
  const guard = guardOf({ fetch }, { endpoint: `http://127.0.0.1:${portOf(redirecting)}/introspect` })
  expect(await visit(guard)).toBe('503 introspection_unavailable')
  expect(guard.problems[0]?.detail).toContain('answered 307')
  expect(seen).toEqual([])
  for (const server of [other, redirecting]) server.close().closeAllConnections()
})

it('nothing is asked about a token that cannot be one', async () => {
  const at = createEndpoint()
  const guard = guardOf(at, {}, { limits: { tokenLength: 300 } })
  const outcomes = []
  for (const token of ['x'.repeat(301), 'a b', 'a"b', 'a%00b', 'a\u00e9b', '==', 'a=b', '{}', 'a:b']) {
    const request = { method: 'GET', url: '/photos', headers: { get: (name: string) => (name === 'authorization' ? `Bearer ${token}` : null) } }
    const outcome = await guard.handle(request)
    outcomes.push(outcome.kind === 'reply' && outcome.status)
  }
  expect(outcomes).toEqual([401, 400, 400, 400, 400, 400, 400, 400, 400])
  expect((await guard.handle(bearing('x'.repeat(300)))).kind).toBe('granted')
  expect(at.calls).toBe(1)
})

it('an endpoint at a private address is asked where the options name that host', async () => {
  const at = createEndpoint(() => json(good), { issuer, introspection_endpoint: 'http://127.0.0.1:9/introspect' })
  expect(await visit(guardOf(at))).toBe('503 introspection_unavailable')
  expect(await visit(guardOf(at, {}, { server: { jwksUri: 'http://127.0.0.1:9/keys' } }))).toBe('granted')
})

it('ready needs the keys that replies are signed with, and no others where every token is opaque', async () => {
  const at = createEndpoint()
  await expect(guardOf(at, { signed: true }, { server: { opaque: true } }).ready()).rejects.toThrow('not ready')
  await expect(guardOf(at, {}, { server: { opaque: true } }).ready()).resolves.toBeUndefined()
})
