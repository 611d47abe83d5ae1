import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type Express } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import * as onExpress from '@resource-guard/express'
import * as onFastify from '@resource-guard/fastify'
import * as onFetch from '@resource-guard/fetch'
import * as onHono from '@resource-guard/hono'
import { createTestIssuer } from '@resource-guard/testing'

const issuer = await createTestIssuer()
const options = {
  resource: 'https://api.example.com',
  authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }],
  scopeImplies: { 'photos:admin': ['photos:write'] },
}
const needed = ['photos:read', 'photos:write'] as const

type Ask = (path: string, authorization: string) => Promise<{ status: number; challenge: string | null }>
const over = (app: (request: Request) => Response | Promise<Response>): Ask => async (path, authorization) => {
  const response = await app(new Request(`https://host.internal${path}`, { headers: { authorization } }))
  return { status: response.status, challenge: response.headers.get('www-authenticate') }
}

/** `/any` is behind the guard and asks for any of the scopes; `/unguarded` asks without a guard. */
const apps: Readonly<Record<string, () => Promise<Ask>>> = {
  Express: async () => {
    const any = onExpress.requireAnyScope(...needed)
    const app: Express = express()
    app.set('env', 'test').get('/unguarded', any)
    app.use(onExpress.resourceGuard(options)).get('/any', any, (_req, res) => void res.send('ok'))
    return async (path, authorization) => {
      const server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers: { authorization } })
      await response.text()
      server.close().closeAllConnections()
      return { status: response.status, challenge: response.headers.get('www-authenticate') }
    }
  },
  Fastify: async () => {
    const preHandler = onFastify.requireAnyScope(...needed)
    const [app, unguarded] = [fastify(), fastify()]
    await app.register(onFastify.resourceGuard, options)
    app.get('/any', { preHandler }, () => 'ok')
    unguarded.get('/unguarded', { preHandler: preHandler as never }, () => 'ok')
    return async (url, authorization) => {
      const { statusCode, headers } = await (url === '/any' ? app : unguarded).inject({ url, headers: { authorization } })
      return { status: statusCode, challenge: (headers['www-authenticate'] as string | undefined) ?? null }
    }
  },
  Hono: async () => {
    const any = onHono.requireAnyScope(...needed)
    const app = new Hono().get('/unguarded', any).use(onHono.resourceGuard(options)).get('/any', any, (c) => c.text('ok'))
    return over(app.onError(() => new Response('', { status: 500 })).fetch)
  },
  fetch: async () => {
    const any = onFetch.requireAnyScope(needed, () => new Response('ok'))
    const guarded = onFetch.resourceGuard(options)(any)
    return over((incoming) => (incoming.url.endsWith('/any') ? guarded(incoming) : any(incoming).catch(() => new Response('', { status: 500 }))))
  },
}

describe.each(Object.entries(apps))('requireAnyScope on %s', (_name, create) => {
  const ask = async (scope: string, path = '/any') => (await create())(path, `Bearer ${await issuer.token({ scope })}`)

  it.each(['photos:read', 'photos:write', 'other photos:write', 'photos:admin'])('lets in %s', async (scope) => {
    expect(await ask(scope)).toEqual({ status: 200, challenge: null })
  })

  it.each(['other', 'photos', ''])('refuses "%s" and names the first', async (scope) => {
    const { status, challenge } = await ask(scope)
    expect(status).toBe(403)
    expect(challenge).toMatch(/^Bearer resource_metadata="[^"]+", error="insufficient_scope", .*scope="photos:read"$/)
  })

  it('lets nobody through where there is no guard', async () => expect((await ask('photos:read', '/unguarded')).status).toBe(500))
})

describe('requireAnyScope of nothing', () => {
  it.each(Object.entries({
    Express: () => onExpress.requireAnyScope(...([] as unknown as [string])),
    Fastify: () => onFastify.requireAnyScope(...([] as unknown as [string])),
    Hono: () => onHono.requireAnyScope(...([] as unknown as [string])),
    fetch: () => onFetch.requireAnyScope([], () => new Response()),
  }))('is an error on %s', (_name, make) => expect(make).toThrow('at least one scope'))
})
