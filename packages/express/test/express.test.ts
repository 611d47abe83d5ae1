import { once } from 'node:events'
import { get, IncomingMessage, ServerResponse } from 'node:http'
import { Socket, type AddressInfo } from 'node:net'
import { createTestIssuer } from '@resource-guard/testing'
import express5, { type Express, type Request, type RequestHandler, type Response } from 'express'
import express4 from 'express4'
import request from 'supertest'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError, createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/express'
import type { ResourceGuard } from '@resource-guard/express'

const issuer = await createTestIssuer()
const authorizationServers = [{ issuer: issuer.issuer, jwks: issuer.jwks }]
const options = { resource: 'https://api.example.com', authorizationServers }
const wellKnown = '/.well-known/oauth-protected-resource'
const bearer = async (claims = {}) => `Bearer ${await issuer.token(claims)}`
const whoami: RequestHandler = (req, res) => void res.json({ subject: principalOf(req).subject, same: principalOf(req) === req.principal })

describe.each([['Express 5', express5], ['Express 4', express4 as unknown as typeof express5]])('%s', (_, express) => {
  let app: Express
  let handler: ReturnType<typeof vi.fn<RequestHandler>>
  /** What reached the application's error handler. */
  let errors: unknown[]

  beforeEach(() => {
    app = express()
    handler = vi.fn<RequestHandler>(whoami)
    errors = []
  })
  const serve = () => {
    const last: express5.ErrorRequestHandler = (error, _req, res, _next) => {
      errors.push(error)
      res.status(500).send('the application saw it')
    }
    return request(app.use(last))
  }

  it('lets in a token for this API, and tells the handler who is calling', async () => {
    app.use(resourceGuard(options)).get('/me', handler)
    const { status, body } = await serve().get('/me').set('authorization', await bearer())
    expect([status, body]).toEqual([200, { subject: 'alice', same: true }])
  })

  it('answers a refusal itself: no handler runs, and no error handler', async () => {
    app.use(resourceGuard(options)).get('/me', handler)
    const { status, headers } = await serve().get('/me').set('authorization', await bearer({ aud: 'https://other.example.com' }))
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toContain('error="invalid_token"')
    expect(headers['www-authenticate']).toContain(`resource_metadata="https://api.example.com${wellKnown}"`)
    expect(handler).not.toHaveBeenCalled()
    expect(errors).toEqual([])
  })

  it('takes a guard that is made already', async () => {
    const guard = createResourceGuard(options)
    app.use(resourceGuard(guard)).get('/me', handler)
    expect((await serve().get('/me').set('authorization', await bearer())).status).toBe(200)
  })

  it('serves the metadata from the same line, without a token, also for HEAD', async () => {
    app.use(resourceGuard(options))
    const { status, body } = await serve().get(wellKnown)
    expect([status, body.resource]).toEqual([200, options.resource])
    const head = await request(app).head(wellKnown)
    expect([head.status, head.text]).toEqual([200, undefined])
    expect((await request(app).get(wellKnown).set('if-none-match', head.headers['etag'] as string)).status).toBe(304)
  })

  it('guards requests that a Lambda adapter makes up, which have parsed headers alone', async () => {
    app.use(resourceGuard(options)).get('/photos', requireScope('photos:read'), (req, res) => void res.json(principalOf(req).subject))
    const statusFor = (headers: Record<string, string>): Promise<number> => {
      const req = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/photos', headers })
      const res = new ServerResponse(req)
      return new Promise((resolve) => {
        res.end = () => (resolve(res.statusCode), res)
        app(req as Request, res as Response)
      })
    }
    const authorization = await bearer({ scope: 'photos:read' })
    expect([await statusFor({ authorization }), await statusFor({}), await statusFor({ authorization: `${authorization}, ${authorization}` })]).toEqual([200, 401, 400])
  })

  describe('requireScope', () => {
    it('lets a token with every scope pass, and answers 403 to the others', async () => {
      app.use(resourceGuard(options)).get('/photos', requireScope('photos:read', 'photos:list'), handler)
      const scope = 'photos:list other photos:read'
      expect((await serve().get('/photos').set('authorization', await bearer({ scope }))).status).toBe(200)
      const { status, headers } = await request(app).get('/photos').set('authorization', await bearer({ scope: 'photos:read' }))
      expect(status).toBe(403)
      expect(headers['www-authenticate']).toContain('scope="photos:read photos:list"')
      expect(handler).toHaveBeenCalledTimes(1)
      expect(errors).toEqual([])
    })

    it.each([[[]], [['two scopes']], [['']]])('throws where it is written for %j', (scopes) => {
      expect(() => requireScope(...(scopes as unknown as [string]))).toThrow(ConfigurationError)
    })

    it('without a guard in front is a ConfigurationError, and the handler does not run', async () => {
      app.get('/photos', requireScope('photos:read'), handler)
      expect((await serve().get('/photos').set('authorization', await bearer())).status).toBe(500)
      expect(errors).toEqual([expect.any(ConfigurationError)])
      expect(handler).not.toHaveBeenCalled()
    })

    it('asks the guard that it was given, also where that is one around another', async () => {
      const guard = createResourceGuard(options)
      const authorize = vi.fn(() => ({ status: 418, headers: [], body: '' }))
      app.use(resourceGuard({ ...guard, authorize })).get('/photos', requireScope('photos:read'), handler)
      expect((await serve().get('/photos').set('authorization', await bearer())).status).toBe(418)
      expect(authorize).toHaveBeenCalledWith(expect.objectContaining({ resource: options.resource }), ['photos:read'], expect.anything())
      expect(handler).not.toHaveBeenCalled()
    })

    it('trusts no principal of another request, nor one of another guard', async () => {
      const saved: Express.Request[] = []
      const restore: RequestHandler = (req, _res, next) => {
        Object.assign(req, { principal: saved[0]?.principal })
        next()
      }
      app.get('/unguarded', restore, requireScope('photos:read'), handler)
      app.use('/saved', resourceGuard({ ...options, metadata: 'elsewhere' }), (req, res) => void res.json(saved.push(req)))
      app.use(resourceGuard(options)).get('/guarded', restore, requireScope('photos:read'), handler).get('/asked', restore, handler)
      const authorization = await bearer({ scope: 'photos:read' })
      expect((await serve().get('/saved').set('authorization', authorization)).status).toBe(200)
      for (const path of ['/unguarded', '/guarded', '/asked']) expect((await serve().get(path).set('authorization', await bearer({ scope: 'other' }))).status).toBe(500)
      expect(errors).toEqual(Array.from({ length: 3 }, () => expect.any(ConfigurationError)))
      expect(handler).toHaveBeenCalledTimes(1) // for /asked
    })

    it('trusts no principal that another middleware has put in the place of the guard\'s', async () => {
      const forge: RequestHandler = (req, _res, next) => {
        Object.assign(req, { principal: { subject: 'mallory', scopes: ['photos:read'] } })
        next()
      }
      app.get('/forged', forge, requireScope('photos:read'), handler)
      const copy: RequestHandler = (req, _res, next) => {
        Object.assign(req, { principal: { ...req.principal } })
        next()
      }
      app.use(resourceGuard(options)).get('/replaced', forge, requireScope('photos:read'), handler).get('/asked', forge, handler)
      app.get('/copied', copy, requireScope('photos:read'), handler)
      const authorization = await bearer()
      for (const path of ['/forged', '/replaced', '/copied', '/asked']) {
        expect((await serve().get(path).set('authorization', authorization)).status).toBe(500)
      }
      expect(errors).toEqual(Array.from({ length: 4 }, () => expect.any(ConfigurationError)))
      expect(handler).toHaveBeenCalledTimes(1)
    })
  })

  describe('a request that was let through open', () => {
    const open = { ...options, resource: 'https://api.example.com/{tenant}/v1', tenants: { tenant: ['acme'] }, outside: 'pass' } as const

    it('has no principal: principalOf is a ConfigurationError, and requireScope asks for somebody', async () => {
      app.use(resourceGuard(open))
      app.get('/public', (req, res) => void res.json({ principal: req.principal ?? null }))
      app.get('/asked', handler).get('/scoped', requireScope('photos:read'), handler)
      const authorization = await bearer({ aud: 'https://api.example.com/acme/v1' })
      expect((await serve().get('/public').set('authorization', authorization)).body).toEqual({ principal: null })
      expect((await request(app).get('/asked').set('authorization', authorization)).status).toBe(500)
      expect((await request(app).get('/scoped').set('authorization', authorization)).status).toBe(404)
      expect(errors).toEqual([expect.any(ConfigurationError)])
      expect(handler).toHaveBeenCalledTimes(1) // for /asked
    })

    it('is a preflight: then requireScope wants a token, and lets one with the scope in', async () => {
      app.use(resourceGuard({ ...options, preflight: 'pass' })).use(requireScope('photos:read'), handler)
      const preflight = (authorization?: string) => serve().options('/photos').set({ origin: 'https://app.example.com', 'access-control-request-method': 'GET', ...(authorization && { authorization }) })
      expect((await preflight()).status).toBe(401)
      expect((await preflight(await bearer({ scope: 'other' }))).status).toBe(403)
      expect(handler).not.toHaveBeenCalled()
      expect((await preflight(await bearer({ scope: 'photos:read' }))).status).toBe(200)
      expect(handler).toHaveBeenCalledTimes(1)
    })

    it('has none either where another guard, or anything else, has attached one before', async () => {
      app.use(resourceGuard(options), resourceGuard(open)).get('/public', (req, res) => void res.json({ principal: req.principal ?? null }))
      app.get('/scoped', requireScope('photos:read'), handler)
      const authorization = await bearer()
      expect((await serve().get('/public').set('authorization', authorization)).body).toEqual({ principal: null })
      expect((await request(app).get('/scoped').set('authorization', authorization)).status).toBe(404)
      expect(handler).not.toHaveBeenCalled()
    })
  })

  describe('mounted where it cannot see the well-known path', () => {
    const mistakes: Record<string, (guard: RequestHandler, app: Express) => unknown> = {
      'under a path': (guard, app) => app.use('/api', guard, handler),
      'on a mounted router': (guard, app) => app.use('/api', express.Router().use(guard).get('/me', handler)),
      'on a mounted application': (guard, app) => app.use('/api', express().use(guard).get('/me', handler)),
      'on one route': (guard, app) => app.get('/api/me', guard, handler),
      'on one route, in a list': (guard, app) => app.get('/api/me', [guard], handler),
      'on one route of a router': (guard, app) => app.use(express.Router().get('/api/me', guard, handler)),
    }

    it.each(Object.entries(mistakes))('%s: a ConfigurationError that names both ways out, and no handler runs', async (_, mount) => {
      mount(resourceGuard(options), app)
      // Express keeps a mounted application's errors in that application unless it has no error handler of its own: it has none.
      expect((await serve().get('/api/me').set('authorization', await bearer())).status).toBe(500)
      expect(errors).toEqual([expect.any(ConfigurationError)])
      expect(String(errors[0])).toMatch(/app\.use\(resourceGuard.*metadata: 'elsewhere'.*resourceMetadata/)
      expect(handler).not.toHaveBeenCalled()
    })

    it.each(Object.entries(mistakes))('%s: fine with metadata elsewhere', async (_, mount) => {
      app.use(resourceMetadata(options))
      mount(resourceGuard({ ...options, metadata: 'elsewhere' }), app)
      const authorization = await bearer()
      expect((await serve().get('/api/me').set('authorization', authorization)).status).toBe(200)
      expect((await request(app).get('/api/me')).status).toBe(401)
      expect((await request(app).get(wellKnown)).body.resource).toBe(options.resource)
      expect((await request(app).get('/elsewhere')).status).toBe(404)
    })

    it('a router at the root is no mistake, nor is a route that called next() before', async () => {
      app.all(/.*/, (_req, _res, next) => next())
      app.use(express.Router().use(resourceGuard(options)).get('/me', handler))
      expect((await serve().get('/me').set('authorization', await bearer())).status).toBe(200)
    })
  })

  describe('the path that is judged', () => {
    const seenBy = (guard: ResourceGuard) => {
      const seen: string[] = []
      return { seen, guard: { ...guard, handle: (asked, route) => (seen.push(asked.url), guard.handle(asked, route)) } satisfies ResourceGuard }
    }

    it('is what the router dispatches on, after other middleware has rewritten it', async () => {
      const { seen, guard } = seenBy(createResourceGuard(options))
      app.use((req, _res, next) => {
        req.url = req.url.replace('/old', '/new')
        next()
      })
      app.use(resourceGuard(guard)).get('/new/me', handler)
      expect((await serve().get('/old/me?x=/y?z').set('authorization', await bearer())).status).toBe(200)
      expect(seen).toEqual(['/new/me?x=/y?z'])
    })

    it('has the path that the guard is mounted under', async () => {
      const { seen, guard } = seenBy(createResourceGuard({ ...options, metadata: 'elsewhere' }))
      app.use('/api', express.Router().use('/v1', resourceGuard(guard), handler))
      await serve().get('/api/v1/me?x=1').set('authorization', await bearer())
      await request(app).get('/api/v1?x').set('authorization', await bearer())
      expect(seen).toEqual(['/api/v1/me?x=1', '/api/v1/?x'])
    })

    it('is the router\'s path of a request target in absolute form', async () => {
      const { seen, guard } = seenBy(createResourceGuard({ ...options, metadata: 'elsewhere' }))
      app.use('/api', resourceGuard(guard)).get('/api/me', handler)
      const server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const asked = get({ port, path: 'http://elsewhere.example/api/me?x=1', headers: { authorization: await bearer() } })
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      server.close()
      expect(answer.statusCode).toBe(200)
      expect(seen).toEqual(['/api/me?x=1'])
    })

    it('sees two Authorization lines as two', async () => {
      app.use(resourceGuard(options)).get('/me', handler)
      const authorization = await bearer()
      const { status } = await serve().get('/me').set('authorization', [authorization, authorization] as unknown as string)
      expect(status).toBe(400)
      expect(handler).not.toHaveBeenCalled()
    })
  })

  describe('beside the application\'s own', () => {
    it('challenges and CORS headers: both are sent', async () => {
      app.use((_req, res, next) => {
        res.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'X-Total', 'Cache-Control': 'public' })
        res.append('WWW-Authenticate', 'Basic realm="legacy"')
        next()
      })
      app.use(resourceGuard(options))
      const { status, headers } = await serve().get('/me')
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toMatch(/^Basic realm="legacy", Bearer /)
      expect(headers['access-control-expose-headers']).toBe('X-Total, WWW-Authenticate')
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['cache-control']).toBe('no-store')
    })

    it('errors: those of a handler reach its error handler untouched', async () => {
      const error = new Error('the handler\'s own')
      app.use(resourceGuard(options)).get('/me', () => {
        throw error
      })
      expect((await serve().get('/me').set('authorization', await bearer())).status).toBe(500)
      expect(errors).toEqual([error])
    })

    it('guard that fails, against its promise: the error handler hears of it once, and no handler runs', async () => {
      const broken = { ...createResourceGuard(options), handle: () => Promise.reject(new Error('broken')), metadata: () => Promise.reject(new Error('broken')) }
      app.use('/guarded', resourceGuard({ ...broken, servesMetadata: false }), handler).use(resourceMetadata(broken), handler)
      expect((await serve().get('/guarded')).status).toBe(500)
      expect((await request(app).get('/else')).status).toBe(500)
      expect(errors).toEqual([new Error('broken'), new Error('broken')])
      expect(handler).not.toHaveBeenCalled()
    })
  })
})
