import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createResourceGuard, type Problem, type ResourceGuard } from '@resource-guard/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

// A real authorization server over real sockets: what it puts on the wire is its own, not what a test would mint.

const photos = 'https://api.example.com/photos'
const prints = 'https://api.example.com/prints'
const atTenant = (tenant: string) => `https://api.example.com/t/${tenant}`
const known = [photos, prints, atTenant('acme'), atTenant('globex')]
const basic = `Basic ${btoa('client:secret')}`

/** At the root one issuer for all resources, and under a path for each tenant an issuer of its own. */
let origin: string
let server: Server
const refusals: Problem[] = []
const onRefused = (problem: Problem) => void refusals.push(problem)

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const listeners = new Map<string, RequestListener>()
  server = createServer((request, response) => {
    const mount = /^\/(acme|globex)(?=\/)/.exec(request.url ?? '')?.[0] ?? ''
    request.url = request.url?.slice(mount.length) ?? '/'
    listeners.get(mount)?.(request, response)
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const mount of ['', '/acme', '/globex']) listeners.set(mount, await authorizationServer(mount))
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

async function authorizationServer(mount: string): Promise<RequestListener> {
  const { Provider, errors } = await import('oidc-provider')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const provider = new Provider(origin + mount, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid: `key${mount}`, alg: 'ES256', use: 'sig' }] },
    scopes: ['read', 'write'],
    clients: [{
      client_id: 'client',
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    }],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context, resource) {
          if (!known.includes(resource)) throw new errors.InvalidTarget()
          return { audience: resource, scope: 'read write', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
      },
    },
    ttl: { ClientCredentials: 60 },
  })
  // What Express does when an application is mounted: oidc-provider writes its URLs from `originalUrl`.
  const callback = provider.callback()
  return (request, response) => {
    Object.assign(request, { originalUrl: mount + request.url, baseUrl: mount })
    return callback(request, response)
  }
}

async function ask(issuer: string, resource: string | undefined, scope = 'read') {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: basic },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, ...(resource && { resource }) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

const tokenFor = async (issuer: string, resource: string, scope?: string) => (await ask(issuer, resource, scope)).body['access_token'] as string

/** Granted: the principal. Refused: the status, and what the log was told. */
async function visit(guard: ResourceGuard, url: string, token: string, ...scopes: string[]) {
  refusals.length = 0
  const headers = new Headers({ authorization: `Bearer ${token}` })
  const outcome = await guard.handle({ method: 'GET', url, headers }, scopes.length > 0 ? { scopes } : {})
  if (outcome.kind === 'granted') return outcome.principal
  return { status: outcome.kind === 'reply' ? outcome.status : outcome.kind, reason: refusals[0]?.reason }
}

describe('several resources of one issuer', () => {
  let guard: ResourceGuard
  beforeAll(() => {
    guard = createResourceGuard({ resources: [{ resource: photos }, { resource: prints }], authorizationServers: [origin], onRefused })
  })

  it('finds the issuer and its keys by itself', () => expect(guard.ready()).resolves.toBeUndefined())

  it('lets a token in at the resource that it was asked for', async () => {
    const principal = await visit(guard, '/photos/1', await tokenFor(origin, photos), 'read')
    expect(principal).toMatchObject({ issuer: origin, subject: 'client', clientId: 'client', scopes: ['read'], resource: photos })
  })

  it('refuses it at every other', async () => {
    expect(await visit(guard, '/prints', await tokenFor(origin, photos))).toEqual({ status: 401, reason: 'audience_mismatch' })
    expect(await visit(guard, '/photos', await tokenFor(origin, prints))).toEqual({ status: 401, reason: 'audience_mismatch' })
  })

  it('asks for the scope that a token was not given', async () => {
    const token = await tokenFor(origin, photos, 'read')
    expect(await visit(guard, '/photos', token, 'read', 'write')).toEqual({ status: 403, reason: 'scope_insufficient' })
    expect(await visit(guard, '/photos', await tokenFor(origin, photos, 'read write'), 'read', 'write')).toHaveProperty('scopes', ['read', 'write'])
  })

  it('refuses the opaque token that the issuer gives when no resource is named', async () => {
    const { body } = await ask(origin, undefined)
    expect(body['access_token']).not.toContain('.')
    expect(await visit(guard, '/photos', body['access_token'] as string)).toEqual({ status: 401, reason: 'token_malformed' })
  })

  it('never sees a token for a resource that the issuer does not know, or that is spelled otherwise', async () => {
    for (const resource of ['https://elsewhere.example.com', `${photos}/`, photos.replace('api.', 'API.')]) {
      expect(await ask(origin, resource)).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
    }
  })
})

describe('a template with one issuer', () => {
  it("refuses a tenant's token at another tenant", async () => {
    const guard = createResourceGuard({
      resource: atTenant('{tenant}'),
      tenants: { tenant: ['acme', 'globex'] },
      authorizationServers: [origin],
      onRefused,
    })
    const token = await tokenFor(origin, atTenant('acme'))
    expect(await visit(guard, '/t/acme', token)).toMatchObject({ resource: atTenant('acme'), variables: { tenant: 'acme' } })
    expect(await visit(guard, '/t/globex', token)).toEqual({ status: 401, reason: 'audience_mismatch' })
    expect(await visit(guard, '/t/initech', token)).toEqual({ status: 404, reason: 'resource_unknown' })
  })
})

describe('a template with an issuer for each tenant', () => {
  let guard: ResourceGuard
  beforeAll(() => {
    guard = createResourceGuard({
      resource: atTenant('{tenant}'),
      tenants: { tenant: ['acme', 'globex'] },
      authorizationServers: [`${origin}/{tenant}`],
      onRefused,
    })
  })

  it('discovers an issuer with a path that has its metadata only behind the path', async () => {
    const token = await tokenFor(`${origin}/acme`, atTenant('acme'))
    expect(await visit(guard, '/t/acme', token, 'read')).toMatchObject({ issuer: `${origin}/acme`, variables: { tenant: 'acme' } })
  })

  it("does not let one tenant's issuer speak for another tenant", async () => {
    const forged = await tokenFor(`${origin}/acme`, atTenant('globex'))
    expect(await visit(guard, '/t/globex', forged)).toEqual({ status: 401, reason: 'issuer_untrusted' })
  })
})
