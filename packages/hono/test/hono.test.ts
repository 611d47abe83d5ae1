import { createAdaptorServer } from '@hono/node-server'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createTestIssuer } from '@resource-guard/testing'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError, createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/hono'
import type { ResourceGuard } from '@resource-guard/hono'

const issuer = await createTestIssuer()
const authorizationServers = [{ issuer: issuer.issuer, jwks: issuer.jwks }]
const options = { resource: 'https://api.example.com', authorizationServers }
const elsewhere = { ...options, metadata: 'elsewhere' } as const
const wellKnown = '/.well-known/oauth-protected-resource'
const bearer = async (claims = {}) => ({ authorization: `Bearer ${await issuer.token(claims)}` })
const mistake = expect.any(ConfigurationError)

let app: Hono
let handler: ReturnType<typeof vi.fn<(c: Context) => Response>>
/** What reached the application's error handler. */
let errors: unknown[]

beforeEach(() => {
  app = new Hono()
  handler = vi.fn((c: Context) => c.json({ subject: principalOf(c).subject, same: principalOf(c) === c.get('principal') }))
  errors = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('the application saw it', 500)
  })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') => Promise.resolve(app.request(path, { method, headers }))

it('lets in a token for this API, and tells the handler who is calling', async () => {
  app.use(resourceGuard(options)).get('/me', handler)
  const answer = await get('/me', await bearer())
  expect([answer.status, await answer.json()]).toEqual([200, { subject: 'alice', same: true }])
})

it('answers a refusal itself: no handler runs, and no error handler', async () => {
  app.use(resourceGuard(options)).get('/me', handler)
  const { status, headers } = await get('/me', await bearer({ aud: 'https://other.example.com' }))
  expect(status).toBe(401)
  expect(headers.get('www-authenticate')).toContain(`resource_metadata="https://api.example.com${wellKnown}"`)
  expect(headers.get('content-type')).toBe('application/json')
  expect(handler).not.toHaveBeenCalled()
  expect(errors).toEqual([])
})

it('takes a guard that is made already', async () => {
  app.use(resourceGuard(createResourceGuard(options))).get('/me', handler)
  expect((await get('/me', await bearer())).status).toBe(200)
})

it('serves the metadata from the same line, without a token, also for HEAD', async () => {
  app.use(resourceGuard(options))
  const answer = await get(wellKnown)
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ resource: options.resource })])
  expect((await get(wellKnown, {}, 'HEAD')).status).toBe(200)
  const fresh = await get(wellKnown, { 'if-none-match': answer.headers.get('etag') as string })
  expect([fresh.status, fresh.body]).toEqual([304, null])
})

it('guards an application of another copy of Hono, as the one that `require` gives', async () => {
  const { Hono: Required } = createRequire(import.meta.url)('hono') as typeof import('hono')
  expect(Required).not.toBe(Hono)
  const other = new Required().use(resourceGuard(options)).get('/me', (c) => c.text(c.var.principal.subject ?? ''))
  expect([(await other.request('/me')).status, await (await other.request('/me', { headers: await bearer() })).text()]).toEqual([401, 'alice'])
})

it('throws for wrong options', () => {
  expect(() => resourceGuard({ ...options, resource: 'api.example.com' })).toThrow(ConfigurationError)
})

describe('requireScope', () => {
  it('lets a token with every scope pass, and answers 403 to the others', async () => {
    app.use(resourceGuard(options)).get('/photos', requireScope('photos:read', 'photos:list'), handler)
    expect((await get('/photos', await bearer({ scope: 'photos:list photos:read' }))).status).toBe(200)
    const { status, headers } = await get('/photos', await bearer())
    expect(status).toBe(403)
    expect(headers.get('www-authenticate')).toContain('scope="photos:read photos:list"')
    expect(handler).toHaveBeenCalledTimes(1)
    expect(errors).toEqual([])
  })

  it('throws where it is written for no scope, and for what is not one', () => {
    expect(() => requireScope(...([] as unknown as [string]))).toThrow(ConfigurationError)
    expect(() => requireScope('two scopes')).toThrow(ConfigurationError)
  })

  it('without a guard in front is a ConfigurationError, and the handler does not run', async () => {
    app.get('/photos', requireScope('photos:read'), handler)
    expect((await get('/photos', await bearer())).status).toBe(500)
    expect(errors).toEqual([mistake])
    expect(handler).not.toHaveBeenCalled()
  })

  it('trusts no principal that another middleware has put in the place of the guard\'s', async () => {
    const forge: MiddlewareHandler = async (c, next) => {
      c.set('principal', { subject: 'mallory', scopes: ['photos:read'] })
      await next()
    }
    app.get('/forged', forge, requireScope('photos:read'), handler)
    app.use(resourceGuard(options)).get('/replaced', forge, requireScope('photos:read'), handler)
    for (const path of ['/forged', '/replaced']) expect((await get(path, await bearer())).status).toBe(500)
    expect(errors).toEqual([mistake, mistake])
    expect(handler).not.toHaveBeenCalled()
  })
})

it('a request that was let through open has no principal: principalOf is a ConfigurationError, and requireScope asks for somebody', async () => {
  app.use(resourceGuard({ ...options, resource: 'https://api.example.com/{tenant}/v1', tenants: { tenant: ['acme'] }, outside: 'pass' }))
  app.get('/public', (c) => c.json({ principal: c.get('principal' as never) ?? null }))
  app.get('/asked', handler).get('/scoped', requireScope('photos:read'), handler)
  const authorization = await bearer({ aud: 'https://api.example.com/acme/v1' })
  expect(await (await get('/public', authorization)).json()).toEqual({ principal: null })
  expect((await get('/asked', authorization)).status).toBe(500)
  expect((await get('/scoped', authorization)).status).toBe(404)
  expect(errors).toEqual([mistake])
  expect(handler).toHaveBeenCalledTimes(1) // for /asked
})

it('requireScope wants a token of a preflight that was let through open, and lets one with the scope in', async () => {
  app.use(resourceGuard({ ...options, preflight: 'pass' })).use(requireScope('photos:read')).all('/photos', (c) => c.text(principalOf(c).subject ?? ''))
  const preflight = (headers = {}) =>
    app.request('/photos', { method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET', ...headers } })
  expect([(await preflight()).status, (await preflight(await bearer({ scope: 'other' }))).status]).toEqual([401, 403])
  expect(await (await preflight(await bearer({ scope: 'photos:read' }))).text()).toBe('alice')
})

it('a request that was let through open has no principal either where another guard has attached one before', async () => {
  const open = { ...options, resource: 'https://api.example.com/{tenant}/v1', tenants: { tenant: ['acme'] }, outside: 'pass' } as const
  app.use(resourceGuard(options), resourceGuard(open)).get('/public', (c) => c.json({ principal: c.get('principal' as never) ?? null }))
  app.get('/scoped', requireScope('photos:read'), handler)
  expect(await (await get('/public', await bearer())).json()).toEqual({ principal: null })
  expect((await get('/scoped', await bearer())).status).toBe(404)
  expect(handler).not.toHaveBeenCalled()
})

describe('mounted where it cannot see the well-known path', () => {
  const mistakes: Record<string, (guard: MiddlewareHandler) => unknown> = {
    'under a path': (guard) => app.use('/api/*', guard).get('/api/me', handler),
    'on a sub-app': (guard) => app.route('/api', new Hono().use(guard).get('/me', handler)),
    'on a sub-app with an error handler': (guard) => app.route('/api', new Hono().use(guard).get('/me', handler).onError((error) => { throw error })),
    'under a base path': (guard) => app.basePath('/api').use(guard).get('/me', handler),
    'on one route': (guard) => app.get('/api/me', guard, handler),
    'on one route with a parameter': (guard) => app.get('/api/:id', guard, handler),
  }

  it.each(Object.entries(mistakes))('%s: a ConfigurationError that names both ways out, and no handler runs', async (_, mount) => {
    mount(resourceGuard(options))
    expect((await get('/api/me', await bearer())).status).toBe(500)
    expect(errors).toEqual([mistake])
    expect(String(errors[0])).toMatch(/app\.use\(resourceGuard.*metadata: 'elsewhere'.*resourceMetadata/)
    expect(handler).not.toHaveBeenCalled()
  })

  it.each(Object.entries(mistakes))('%s: fine with metadata elsewhere', async (_, mount) => {
    app.use(resourceMetadata(options))
    mount(resourceGuard(elsewhere))
    expect((await get('/api/me', await bearer())).status).toBe(200)
    expect((await get('/api/me')).status).toBe(401)
    expect(await (await get(wellKnown)).json()).toMatchObject({ resource: options.resource })
    expect((await get('/elsewhere')).status).toBe(404)
  })

  it.each(['*', '/*'])('"%s" is no mistake, nor is a sub-app at the root', async (path) => {
    app.route('/', new Hono().use(path, resourceGuard(options)).get('/me', handler))
    expect((await get('/me', await bearer())).status).toBe(200)
    expect((await get('/me')).status).toBe(401)
  })
})

it('judges the path of the request\'s URL', async () => {
  const seen: string[] = []
  const made = createResourceGuard(elsewhere)
  const spy: ResourceGuard = { ...made, handle: (asked, route) => (seen.push(asked.url), made.handle(asked, route)) }
  app.route('/api', new Hono().use(resourceGuard(spy)).get('/me', handler))
  expect((await get('/api/me?x=1', await bearer())).status).toBe(200)
  expect(seen).toEqual(['http://localhost/api/me?x=1'])
})

describe('beside the application\'s own', () => {
  const before: Record<string, MiddlewareHandler> = {
    'c.header': async (c, next) => {
      for (const [name, value] of Object.entries(own)) c.header(name, value)
      await next()
    },
    'c.res': async (c, next) => {
      for (const [name, value] of Object.entries(own)) c.res.headers.set(name, value)
      await next()
    },
    'c.res, afterwards': async (c, next) => {
      await next()
      for (const [name, value] of Object.entries(own)) c.header(name, value, { append: name !== 'cache-control' })
      c.header('cache-control', 'no-store')
    },
  }
  const own = { 'access-control-expose-headers': 'X-Total', 'www-authenticate': 'Basic realm="legacy"', 'x-own': 'kept', 'cache-control': 'public' }
  const everything = (headers: Headers) => ({
    challenges: headers.get('www-authenticate')?.match(/Basic realm="legacy"|Bearer /g)?.toSorted(),
    exposed: headers.get('access-control-expose-headers')?.split(', ').toSorted(),
    own: headers.get('x-own'),
    cache: headers.get('cache-control'),
    type: headers.get('content-type'),
  })

  it.each(Object.entries(before))('challenges and CORS headers, set through %s: all are sent, in process and over a socket', async (_, middleware) => {
    app.use(middleware, resourceGuard(options))
    const expected = { challenges: ['Basic realm="legacy"', 'Bearer '], exposed: ['WWW-Authenticate', 'X-Total'], own: 'kept', cache: 'no-store', type: 'application/json' }
    const inProcess = await get('/me')
    expect([inProcess.status, everything(inProcess.headers)]).toEqual([401, expected])
    const server = createAdaptorServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/me`)
    server.close()
    expect([answer.status, everything(answer.headers)]).toEqual([401, expected])
    expect(await answer.json()).toEqual(await inProcess.json())
  })

  it('cors(): a browser may read the refusal, and what the application exposes', async () => {
    app.use(cors({ origin: 'https://app.example.com', exposeHeaders: ['X-Total'], credentials: true }), resourceGuard(options))
    const { status, headers } = await get('/me', { origin: 'https://app.example.com' })
    expect(status).toBe(401)
    expect(headers.get('access-control-expose-headers')).toBe('X-Total, WWW-Authenticate')
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
  })

  it('errors: those of a handler reach its error handler untouched', async () => {
    const error = new Error('the handler\'s own')
    app.use(resourceGuard(options)).get('/me', () => {
      throw error
    })
    expect((await get('/me', await bearer())).status).toBe(500)
    expect(errors).toEqual([error])
  })

  it('a guard that fails, against its promise: the error handler hears of it, and no handler runs', async () => {
    app.use(resourceGuard({ ...createResourceGuard(options), handle: () => Promise.reject(new Error('broken')) })).get('/me', handler)
    expect((await get('/me', await bearer())).status).toBe(500)
    expect(errors).toEqual([new Error('broken')])
    expect(handler).not.toHaveBeenCalled()
  })
})
