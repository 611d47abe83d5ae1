// One server in a process of its own, so that its CPU time is its own: node server.js <name> <issuer>.
import { createRequire } from 'node:module'
import { audience } from './issuer.js'

const [name, issuer] = process.argv.slice(2)
const jwksUri = `${issuer}/.well-known/jwks.json`
const options = { resource: audience, authorizationServers: [{ issuer, jwksUri }] }
const body = { photos: ['sunrise', 'sunset'] }
const require = createRequire(import.meta.url)

/** In milliseconds. A server waits while others are measured, and one that closed its connections meanwhile would fail the run. */
const keepAliveTimeout = 600_000

/** @param {(app: any) => unknown} protect */
async function onExpress(protect) {
  const { default: express } = await import('express')
  const app = express()
  await protect(app)
  app.get('/photos', (_, response) => void response.json(body))
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port))
    server.keepAliveTimeout = keepAliveTimeout
  })
}

async function onFastify(protect) {
  const { default: fastify } = await import('fastify')
  const app = fastify({ keepAliveTimeout })
  await protect(app)
  app.get('/photos', () => body)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}

async function onHono(protect) {
  const [{ Hono }, { serve }] = await Promise.all([import('hono'), import('@hono/node-server')])
  const app = new Hono()
  await protect(app)
  app.get('/photos', (c) => c.json(body))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(port))
    server.keepAliveTimeout = keepAliveTimeout
  })
}

const unguarded = () => {}

const servers = {
  'express, unguarded': () => onExpress(unguarded),
  'express, resource-guard': () =>
    onExpress(async (app) => {
      const { resourceGuard } = await import('@resource-guard/express')
      app.use(resourceGuard(options))
    }),
  'express, express-oauth2-jwt-bearer': () =>
    onExpress(async (app) => {
      const { auth } = await import('express-oauth2-jwt-bearer')
      app.use(auth({ issuer, jwksUri, audience, tokenSigningAlg: 'RS256' }))
      // It leaves its refusals to the application; Express would log each.
      app.use((error, _request, response, next) => (error.status ? response.status(error.status).set(error.headers).end() : next(error)))
    }),
  'express, jsonwebtoken + jwks-rsa': () =>
    onExpress(async (app) => {
      const jsonwebtoken = require('jsonwebtoken')
      const { default: jwksClient } = await import('jwks-rsa')
      const client = jwksClient({ jwksUri, cache: true, rateLimit: true })
      const key = (header, callback) => client.getSigningKey(header.kid, (error, found) => callback(error, found?.getPublicKey()))
      app.use((request, response, next) => {
        jsonwebtoken.verify((request.headers.authorization ?? '').slice(7), key, { issuer, audience, algorithms: ['RS256'] }, (error, claims) => {
          if (error) return response.status(401).end()
          request.user = claims
          return next()
        })
      })
    }),
  // It brings the middleware and leaves the verification to its user: jose, as most write it.
  'express, MCP SDK bearer guard + jose': () =>
    onExpress(async (app) => {
      const { requireBearerAuth } = await import('@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js')
      const { InvalidTokenError } = await import('@modelcontextprotocol/sdk/server/auth/errors.js')
      const { createRemoteJWKSet, jwtVerify } = await import('jose')
      const keys = createRemoteJWKSet(new URL(jwksUri))
      const verifyAccessToken = async (token) => {
        const { payload } = await jwtVerify(token, keys, { issuer, audience }).catch(() => { throw new InvalidTokenError('invalid token') })
        return { token, clientId: `${payload.client_id}`, scopes: `${payload.scope}`.split(' '), expiresAt: payload.exp }
      }
      app.use(requireBearerAuth({ verifier: { verifyAccessToken } }))
    }),
  'fastify, unguarded': () => onFastify(unguarded),
  'fastify, resource-guard': () =>
    onFastify(async (app) => {
      const { resourceGuard } = await import('@resource-guard/fastify')
      await app.register(resourceGuard, options)
    }),
  'fastify, @fastify/jwt + get-jwks': () => onFastify((app) => protectWithFastifyJwt(app, false)),
  'fastify, @fastify/jwt + get-jwks, cache 10,000': () => onFastify((app) => protectWithFastifyJwt(app, 10_000)),
  'fastify, fastify-jwt-jwks': () => onFastify((app) => protectWithFastifyJwtJwks(app, {})),
  'fastify, fastify-jwt-jwks, cache 10,000': () => onFastify((app) => protectWithFastifyJwtJwks(app, { cache: 10_000 })),
  'hono, unguarded': () => onHono(unguarded),
  'hono, resource-guard': () =>
    onHono(async (app) => {
      const { resourceGuard } = await import('@resource-guard/hono')
      app.use(resourceGuard(options))
    }),
  'hono, hono/jwk': () =>
    onHono(async (app) => {
      const { jwk } = await import('hono/jwk')
      app.use(jwk({ jwks_uri: jwksUri, alg: ['RS256'], verification: { iss: issuer, aud: audience, typ: 'at+jwt' } }))
    }),
}

async function protectWithFastifyJwt(app, cache) {
  const { default: jwt } = await import('@fastify/jwt')
  const { default: buildGetJwks } = await import('get-jwks')
  const jwks = buildGetJwks({ issuersWhitelist: [issuer] })
  await app.register(jwt, {
    decode: { complete: true },
    secret: (_, { header, payload }) => jwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: payload.iss }),
    verify: { allowedIss: issuer, allowedAud: audience, algorithms: ['RS256'], cache },
  })
  app.addHook('onRequest', async (request) => {
    await request.jwtVerify()
  })
}

async function protectWithFastifyJwtJwks(app, options) {
  const { default: jwtJwks } = await import('fastify-jwt-jwks')
  await app.register(jwtJwks, { jwksUrl: jwksUri, issuer, audience, ...options })
  app.addHook('preValidation', app.authenticate)
}

if (!process.send) throw new Error('server.js is started by the benchmark')
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
process.send({ port: await servers[name]() })
