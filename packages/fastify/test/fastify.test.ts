import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createTestIssuer } from '@resource-guard/testing'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError, createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/fastify'
import type { ResourceGuard } from '@resource-guard/fastify'

const issuer = await createTestIssuer()
const authorizationServers = [{ issuer: issuer.issuer, jwks: issuer.jwks }]
const options = { resource: 'https://api.example.com', authorizationServers }
const elsewhere = { ...options, metadata: 'elsewhere' } as const
const wellKnown = '/.well-known/oauth-protected-resource'
const bearer = async (claims = {}) => `Bearer ${await issuer.token(claims)}`
const mistake = expect.any(ConfigurationError)

let app: FastifyInstance
let handler: ReturnType<typeof vi.fn<(request: FastifyRequest) => unknown>>
/** What reached the application's error handler. */
let errors: unknown[]

beforeEach(() => {
  app = Fastify()
  handler = vi.fn((request: FastifyRequest) => ({ subject: principalOf(request).subject, same: principalOf(request) === request.principal }))
  errors = []
  app.setErrorHandler((error, _request, reply) => {
    errors.push(error)
    void reply.code(500).send('the application saw it')
  })
})

const get = (url: string, authorization?: string, headers = {}) => app.inject({ url, headers: { ...headers, ...(authorization && { authorization }) } })

it('lets in a token for this API, and tells the handler who is calling', async () => {
  await app.register(resourceGuard, options)
  app.get('/me', handler)
  const answer = await get('/me', await bearer())
  expect([answer.statusCode, answer.json()]).toEqual([200, { subject: 'alice', same: true }])
})

it('answers a refusal itself: no handler runs, and no error handler', async () => {
  await app.register(resourceGuard, options)
  app.get('/me', handler)
  const { statusCode, headers } = await get('/me', await bearer({ aud: 'https://other.example.com' }))
  expect(statusCode).toBe(401)
  expect(headers['www-authenticate']).toContain(`resource_metadata="https://api.example.com${wellKnown}"`)
  expect(headers['content-type']).toBe('application/json')
  expect(handler).not.toHaveBeenCalled()
  expect(errors).toEqual([])
})

describe('a variable of a route that is empty, as the router finds it in /t/', () => {
  const api = 'https://api.example.com'
  const trusted = [{ ...authorizationServers[0], alsoAccept: ['api:{tenant}'] }]
  const template = { resource: `${api}/t/{tenant}`, tenants: { tenant: ['acme'] }, authorizationServers: trusted }
  const both = { resources: [{ resource: api, authorizationServers }, template] }
  it.each<[string, object, string, string, number]>([
    ['below another resource', both, '/t/:tenant', '/t/', 404],
    ['before a query', both, '/t/:tenant', '/t/?a=/b', 404],
    ['outside', { ...template, outside: 'pass' }, '/t/:tenant', '/t/', 404],
    ['at the root', { ...template, resource: `${api}/{tenant}`, outside: 'pass' }, '/:tenant', '/', 404],
    ['behind another scheme', { ...template, resource: `${api}/{tenant}`, outside: 'pass' }, '/:tenant/*', 'ftp://x', 404],
    ['of an API without tenants', options, '/t/:tenant', '/t/', 200],
    ['that is a wildcard', template, '/t/:tenant/*', '/t/acme/', 200],
  ])('%s', async (_where, guarded, route, url, status) => {
    await app.register(resourceGuard, { ...guarded, metadata: 'elsewhere' } as never)
    app.get(route, () => 'reached')
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const sent = request({ host: '127.0.0.1', port, path: url, headers: { authorization: await bearer({ aud: [api, 'api:acme'] }) } }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect(response.resume().statusCode).toBe(status)
    await app.close()
  })
})

it('goes on to no handler while a slow onSend hook still works on the refusal', async () => {
  app.addHook('onSend', async () => new Promise((resolve) => setTimeout(resolve, 20)))
  await app.register(resourceGuard, options)
  app.get('/me', handler)
  app.get('/photos', { preHandler: requireScope('photos:write') }, handler)
  expect((await get('/me')).statusCode).toBe(401)
  expect((await get('/photos', await bearer())).statusCode).toBe(403)
  expect((await get(wellKnown)).statusCode).toBe(200)
  expect(handler).not.toHaveBeenCalled()
})

it('goes on to no handler while a slow onSend hook still works on the metadata alone', async () => {
  app.addHook('onSend', async () => new Promise((resolve) => setTimeout(resolve, 20)))
  await app.register(resourceMetadata, options)
  app.get('/*', handler)
  expect((await get(wellKnown)).json().resource).toBe(options.resource)
  expect(handler).not.toHaveBeenCalled()
})

it('guards routes that were defined before it, in the instance and in plugins', async () => {
  app.get('/before', handler)
  void app.register(async (child) => void child.get('/plugin-before', handler))
  void app.register(resourceGuard, options)
  void app.register(async (child) => void child.get('/plugin-after', handler))
  for (const path of ['/before', '/plugin-before', '/plugin-after']) {
    expect((await get(path)).statusCode).toBe(401)
    expect((await get(path, await bearer())).json()).toEqual({ subject: 'alice', same: true })
  }
})

it('guards the 404 handler: who has no token does not learn which routes there are', async () => {
  await app.register(resourceGuard, options)
  expect((await get('/nowhere')).statusCode).toBe(401)
  expect((await get('/nowhere', await bearer())).statusCode).toBe(404)
})

it('takes a guard that is made already', async () => {
  await app.register(resourceGuard, createResourceGuard(options))
  app.get('/me', handler)
  expect((await get('/me', await bearer())).statusCode).toBe(200)
})

it('serves the metadata from the same line, without a token, also beside a public catch-all', async () => {
  await app.register(resourceGuard, options)
  app.get('/*', { config: { public: true } }, () => 'the web site')
  expect((await get('/index.html')).body).toBe('the web site')
  const { headers, ...answer } = await get(wellKnown)
  expect([answer.statusCode, answer.json().resource]).toEqual([200, options.resource])
  const head = await app.inject({ method: 'HEAD', url: wellKnown })
  expect([head.statusCode, head.body]).toEqual([200, ''])
  const fresh = await get(wellKnown, undefined, { 'if-none-match': headers.etag })
  expect([fresh.statusCode, fresh.body, fresh.headers['content-type']]).toEqual([304, '', undefined])
})

describe('config', () => {
  it('scope: every one is needed, or 403', async () => {
    await app.register(resourceGuard, options)
    app.get('/one', { config: { scope: 'photos:read' } }, handler)
    app.get('/two', { config: { scope: ['photos:read', 'photos:list'] } }, handler)
    expect((await get('/one', await bearer())).statusCode).toBe(200)
    const { statusCode, headers } = await get('/two', await bearer())
    expect(statusCode).toBe(403)
    expect(headers['www-authenticate']).toContain('scope="photos:read photos:list"')
    expect((await app.inject({ method: 'HEAD', url: '/two', headers: { authorization: await bearer() } })).statusCode).toBe(403)
    expect(handler).toHaveBeenCalledTimes(1)
  })

  it('public: no token is asked for, and none is looked at', async () => {
    await app.register(resourceGuard, options)
    app.get('/health', { config: { public: true } }, (request) => ({ principal: request.principal ?? null }))
    app.get('/asked', { config: { public: true } }, handler)
    expect((await get('/health')).json()).toEqual({ principal: null })
    expect((await get('/health', 'Bearer nonsense')).json()).toEqual({ principal: null })
    expect((await get('/asked', await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([mistake])
  })

  const wrong = { 'public and scope': { public: true, scope: 'a' }, 'no scope': { scope: [] }, 'two scopes in one': { scope: 'a b' }, 'a scope that is not there': { scope: undefined as unknown as string },
    'scopes for scope': { scopes: ['photos:read'] } as object, 'public as a word': { public: 'false' as unknown as boolean } }
  it.each(Object.entries(wrong))('%s: throws where the route is written', async (_, config) => {
    await app.register(resourceGuard, options)
    expect(() => app.get('/me', { config }, handler)).toThrow(ConfigurationError)
  })

  it.each(Object.entries(wrong))('%s, on a route that was defined before: a ConfigurationError, and the handler does not run', async (_, config) => {
    app.get('/me', { config }, handler)
    await app.register(resourceGuard, options)
    expect((await get('/me', await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([mistake])
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('requireScope', () => {
  it('lets a token with every scope pass, and answers 403 to the others', async () => {
    await app.register(resourceGuard, options)
    app.get('/photos', { preHandler: requireScope('photos:read') }, handler)
    expect((await get('/photos', await bearer())).statusCode).toBe(200)
    expect((await get('/photos', await bearer({ scope: 'other' }))).statusCode).toBe(403)
    expect(handler).toHaveBeenCalledTimes(1)
    expect(errors).toEqual([])
  })

  it('throws where it is written for no scope, and for what is not one', () => {
    expect(() => requireScope(...([] as unknown as [string]))).toThrow(ConfigurationError)
    expect(() => requireScope('two scopes')).toThrow(ConfigurationError)
  })

  it('without the guard, and on a public route: a ConfigurationError, and the handler does not run', async () => {
    app.get('/photos', { preHandler: requireScope('photos:read') }, handler)
    expect((await get('/photos', await bearer())).statusCode).toBe(500)
    app = Fastify()
    await app.register(resourceGuard, options)
    app.get('/photos', { preHandler: requireScope('photos:read'), config: { public: true } }, handler)
    expect((await get('/photos', await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([mistake])
    expect(handler).not.toHaveBeenCalled()
  })

  it('trusts no principal that something has put in the place of the guard\'s', async () => {
    const forge = async (request: FastifyRequest) => Object.assign(request, { principal: { subject: 'mallory', scopes: ['photos:read'] } })
    const forged = async (at: FastifyRequest) => void (await forge(at))
    await app.register(resourceGuard, options)
    app.get('/replaced', { preHandler: [forged, requireScope('photos:read')] }, handler)
    app.get('/public', { preHandler: [forged, requireScope('photos:read')], config: { public: true } }, handler)
    for (const path of ['/replaced', '/public']) expect((await get(path, await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([mistake, mistake])
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('a request that was let through open', () => {
  const open = { ...options, resource: 'https://api.example.com/{tenant}/v1', tenants: { tenant: ['acme'] }, outside: 'pass', preflight: 'pass' } as const

  it("has nobody else's principal either", async () => {
    app.addHook('onRequest', async (request) => void Object.assign(request, { principal: { subject: 'mallory' } }))
    await app.register(resourceGuard, open)
    app.get('/public', (request) => ({ principal: request.principal ?? null }))
    expect((await get('/public')).json()).toEqual({ principal: null })
  })

  it('has no principal, and never reaches a route that asks for scopes', async () => {
    await app.register(resourceGuard, open)
    app.get('/public', (request) => ({ principal: request.principal ?? null }))
    app.get('/asked', handler)
    app.route({ method: ['GET', 'OPTIONS'], url: '/:tenant/v1/scoped', config: { scope: 'photos:read' }, handler })
    app.route({ method: ['GET', 'OPTIONS'], url: '/:tenant/v1/asking', preHandler: requireScope('photos:read'), handler })
    app.get('/asking', { preHandler: requireScope('photos:read') }, handler)
    app.get('/scoped', { config: { scope: 'photos:read' } }, handler)
    const authorization = await bearer({ aud: 'https://api.example.com/acme/v1' })
    expect((await get('/acme/v1/scoped', authorization)).statusCode).toBe(200)
    expect((await get('/public', authorization)).json()).toEqual({ principal: null })
    expect((await get('/scoped', authorization)).statusCode).toBe(404)
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }
    expect((await app.inject({ method: 'OPTIONS', url: '/acme/v1/scoped', headers: preflight })).statusCode).toBe(401)
    expect((await get('/asking', authorization)).statusCode).toBe(404)
    const asking = (token?: string) => app.inject({ method: 'OPTIONS', url: '/acme/v1/asking', headers: { ...preflight, ...(token && { authorization: token }) } })
    expect((await asking()).statusCode).toBe(401)
    expect(handler).toHaveBeenCalledTimes(1)
    expect((await asking(authorization)).statusCode).toBe(200)
    expect(handler).toHaveBeenCalledTimes(2)
    expect((await get('/asked', authorization)).statusCode).toBe(500)
    expect(errors).toEqual([mistake])
  })
})

describe('registered where it cannot see the well-known path', () => {
  const nested = (plugin: FastifyPluginAsync, prefix?: string) => app.register(async (child) => void (await child.register(plugin)), prefix === undefined ? {} : { prefix })
  const guarding = (from: typeof options): FastifyPluginAsync => fastifyPlugin(async (child) => {
    await child.register(resourceGuard, from)
    child.get('/me', handler)
  })

  it('an encapsulated plugin, with and without a prefix: registration rejects', async () => {
    await expect(nested(guarding(options), '/api')).rejects.toThrow(/root instance.*metadata: 'elsewhere'.*resourceMetadata/)
    app = Fastify()
    await expect(nested(guarding(options))).rejects.toThrow(ConfigurationError)
  })

  it('fine with metadata elsewhere: routes outside the plugin are not guarded', async () => {
    await app.register(resourceMetadata, options)
    await nested(guarding(elsewhere), '/api')
    app.get('/outside', () => 'open')
    expect((await get('/api/me')).statusCode).toBe(401)
    expect((await get('/api/me', await bearer())).json()).toEqual({ subject: 'alice', same: true })
    expect((await get(wellKnown)).json().resource).toBe(options.resource)
    expect((await get('/outside')).body).toBe('open')
  })

  it('two plugins with a guard each: each has its own', async () => {
    const other = { ...elsewhere, resource: 'https://other.example.com' }
    await nested(guarding(elsewhere), '/api')
    await nested(guarding(other), '/other')
    expect((await get('/api/me', await bearer())).statusCode).toBe(200)
    expect((await get('/other/me', await bearer())).statusCode).toBe(401)
    expect((await get('/other/me', await bearer({ aud: other.resource }))).statusCode).toBe(200)
  })

  it('a prefix in the register options: registration rejects', async () => {
    await expect(app.register(resourceGuard, { ...elsewhere, prefix: '/api' })).rejects.toThrow(/^prefix: /)
    app = Fastify()
    await expect(app.register(resourceMetadata, { ...options, prefix: '/api' })).rejects.toThrow(/^prefix: /)
  })

  it('the metadata alone, in an encapsulated plugin: registration rejects', async () => {
    await expect(app.register(async (child) => void (await child.register(resourceMetadata, options)))).rejects.toThrow(ConfigurationError)
  })

  it('a plugin that is not encapsulated is no mistake', async () => {
    await app.register(fastifyPlugin(guarding(options)))
    expect((await get('/me', await bearer())).statusCode).toBe(200)
  })
})

it('a second guard on one instance, and wrong options: registration rejects', async () => {
  await app.register(resourceGuard, options)
  await expect(app.register(resourceGuard, { ...options, resource: 'https://other.example.com' })).rejects.toThrow(/resources: \[…\]/)
  await expect(resourceGuard(options as never, undefined as never)).rejects.toThrow(ConfigurationError)
  await expect(Fastify().register(resourceGuard, { ...options, resource: 'api.example.com' })).rejects.toThrow(ConfigurationError)
  await expect(Fastify().register(resourceGuard, { ...options, outsde: 'pass' } as typeof options)).rejects.toThrow(ConfigurationError)
})

describe('what is judged', () => {
  it('is the path that the router dispatches on, after rewriteUrl', async () => {
    const seen: string[] = []
    const made = createResourceGuard(options)
    const spy: ResourceGuard = { ...made, handle: (asked, route) => (seen.push(asked.url), made.handle(asked, route)) }
    app = Fastify({ rewriteUrl: (request) => (request.url as string).replace('/old', '/new') })
    await app.register(resourceGuard, spy)
    app.get('/new/me', handler)
    expect((await get('/old/me?x=/y', await bearer())).statusCode).toBe(200)
    expect(seen).toEqual(['/new/me?x=/y'])
  })

  it('sees two Authorization lines as two', async () => {
    const authorization = await bearer()
    await app.register(resourceGuard, options)
    app.get('/me', handler)
    expect((await app.inject({ url: '/me', headers: { authorization: [authorization, authorization] as unknown as string } })).statusCode).toBe(400)
    expect((await get('/me', `${authorization}, ${authorization}`)).statusCode).toBe(400)
    expect(handler).not.toHaveBeenCalled()
  })

  it('is read over HTTP/2 too', async () => {
    const http2 = Fastify({ http2: true })
    await http2.register(resourceGuard, options)
    http2.get('/me', { preHandler: requireScope('photos:read') }, (request) => principalOf(request).subject)
    await http2.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(`http://127.0.0.1:${(http2.server.address() as AddressInfo).port}`)
    const statusOf = async (headers: Record<string, string>) => {
      const stream = session.request({ ':path': '/me', ...headers }).resume()
      const [answer] = (await once(stream, 'response')) as [Record<string, string | number>]
      return answer
    }
    expect(await statusOf({ authorization: await bearer() })).toMatchObject({ ':status': 200 })
    expect(await statusOf({})).toMatchObject({ ':status': 401, 'www-authenticate': expect.stringContaining('Bearer ') })
    session.close()
    await http2.close()
  })
})

describe('beside the application\'s own', () => {
  it.each(['Fastify', 'Node'])('challenges and CORS headers, set through %s: both are sent', async (through) => {
    app.addHook('onRequest', async (_request, reply) => {
      const set = (name: string, value: string) => (through === 'Node' ? reply.raw.setHeader(name, value) : reply.header(name, value))
      set('access-control-allow-origin', '*')
      set('access-control-expose-headers', 'X-Total')
      set('www-authenticate', 'Basic realm="legacy"')
      set('cache-control', 'public')
    })
    await app.register(resourceGuard, options)
    const { statusCode, headers } = await get('/me')
    expect(statusCode).toBe(401)
    expect(headers['www-authenticate']).toEqual(['Basic realm="legacy"', expect.stringMatching(/^Bearer /)])
    expect(headers['access-control-expose-headers']).toEqual(['X-Total', 'WWW-Authenticate'])
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['cache-control']).toBe('no-store')
  })

  it('errors: those of a handler reach its error handler untouched', async () => {
    const error = new Error('the handler\'s own')
    await app.register(resourceGuard, options)
    app.get('/me', () => Promise.reject(error))
    expect((await get('/me', await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([error])
  })

  it('a guard that fails, against its promise: the error handler hears of it, and no handler runs', async () => {
    await app.register(resourceGuard, { ...createResourceGuard(options), handle: () => Promise.reject(new Error('broken')) })
    app.get('/me', handler)
    expect((await get('/me', await bearer())).statusCode).toBe(500)
    expect(errors).toEqual([new Error('broken')])
    expect(handler).not.toHaveBeenCalled()
  })
})
