import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createTestIssuer } from '@resource-guard/testing'
import { createMcpGuard, protectMcp as protectFetch, type McpGuard, type McpOptions } from '@resource-guard/mcp'
import { protectMcp as protectExpress } from '@resource-guard/mcp/express'
import { protectMcp as protectFastify } from '@resource-guard/mcp/fastify'
import { protectMcp as protectHono } from '@resource-guard/mcp/hono'
import { protectMcp as protectNode, type McpListener, type McpMessage } from '@resource-guard/mcp/node'
import { principalOf, requireScope } from '@resource-guard/express'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import { createServer, type RequestListener } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'

const resource = 'https://mcp.example.com/mcp'
const issuer = await createTestIssuer({ audience: resource })
const options: McpOptions = { resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, toolScopes: { write: ['notes:write'] } }
const bearer = async (claims = {}) => `Bearer ${await issuer.token(claims)}`
/** The sessions of this process are told apart by the resource. */
const serverOfItsOwn = (): McpOptions & { at: string } => {
  const at = `${resource}/${crypto.randomUUID()}`
  return { at, resource: at, authorizationServers: [issuer.issuer], fetch: issuer.fetch }
}
const call = (name: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })

async function asking<T>(listener: RequestListener, ask: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close().closeAllConnections()
  }
}
const post = async (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/mcp`, { method: 'POST', body, headers: { 'content-type': 'application/json', authorization: await bearer(), ...headers } })

describe.each([['Express 5', express5], ['Express 4', express4 as unknown as typeof express5]])('%s', (_name, express) => {
  const silent = () => express().set('env', 'test')

  it.each([['in front', true], ['behind', false]])('judges tools with the body parser %s of it', async (_where, first) => {
    const app = silent()
    if (first) app.use(express.json())
    app.use(protectExpress(options))
    if (!first) app.use(express.json())
    app.post('/mcp', (req, res) => void res.json({ body: req.body as unknown, auth: (req as unknown as McpMessage).auth?.clientId }))
    await asking(app as unknown as RequestListener, async (url) => {
      expect((await post(url, call('write'))).status).toBe(403)
      const response = await post(url, call('read'))
      expect([response.status, await response.json()]).toEqual([200, { body: JSON.parse(call('read')), auth: 'test-client' }])
      // A parser that has left text or bytes has left what cannot be judged.
      expect((await post(url, call('write'), { 'content-type': 'text/plain' })).status).not.toBe(200)
    })
  })

  it('does not let a body through that was parsed as something else', async () => {
    const app = silent().use(express.text({ type: '*/*' })).use(protectExpress(options)).post('/mcp', (_req, res) => void res.send('reached'))
    await asking(app as unknown as RequestListener, async (url) => expect((await post(url, call('write'))).status).toBe(400))
  })

  it('fails loudly under a path, where it cannot see the metadata', async () => {
    const app = silent().use('/mcp', protectExpress(options)).post('/mcp', (_req, res) => void res.send('reached'))
    await asking(app as unknown as RequestListener, async (url) => expect((await post(url, call('read'))).status).toBe(500))
  })

  it('works with what else the adapter has', async () => {
    const app = silent().use(protectExpress(options)).post('/mcp', requireScope('other'), (req, res) => void res.send(principalOf(req).subject))
    await asking(app as unknown as RequestListener, async (url) => {
      expect((await post(url, call('read'))).status).toBe(403)
      expect(await (await post(url, call('read'), { authorization: await bearer({ scope: 'other' }) })).text()).toBe('alice')
    })
  })
})

describe('node:http', () => {
  it.each<[string, McpListener]>([
    ['throws', () => {
      throw new Error('no database')
    }],
    ['rejects', async () => Promise.reject(new Error('no database'))],
    ['rejects with nothing', async () => Promise.reject()],
  ])('answers 500 where the listener %s, and goes on', async (_what, listener) => {
    const print = vi.spyOn(console, 'error').mockReturnValue()
    const guarded = protectNode((req, res, body) => ((body as { method?: string }).method === 'ping' ? res.end('pong') : listener(req, res, body)), options)
    await asking((req, res) => void guarded(req, res), async (url) => {
      const response = await post(url, call('read'))
      expect([response.status, await response.json()]).toEqual([500, { jsonrpc: '2.0', error: { code: -32603, message: 'Internal error' }, id: null }])
      expect(await (await post(url, '{"method":"ping"}')).text()).toBe('pong')
    })
    expect(print).toHaveBeenCalledTimes(1)
    print.mockRestore()
  })
  it('closes the connection where the listener rejects in the middle of an answer', async () => {
    const print = vi.spyOn(console, 'error').mockReturnValue()
    const guarded = protectNode(async (_req, res) => {
      await new Promise<void>((resolve) => void res.write('half', () => resolve()))
      throw new Error('no database')
    }, options)
    await asking((req, res) => void guarded(req, res), async (url) => {
      const response = await post(url, call('read'))
      await expect(response.text()).rejects.toThrow()
    })
    expect(print.mock.calls).toMatchObject([[{ message: 'no database' }]])
    print.mockRestore()
  })
})

describe('Fastify', () => {
  it('shows onRefused the request that called the tool', async () => {
    const seen: unknown[] = []
    const app = fastify()
    await app.register(protectFastify, { ...options, onRefused: ({ reason }, { request }) => void seen.push([reason, request?.method, request?.url, request?.headers.get('x-trace')]) })
    app.post('/mcp', () => 'reached')
    const response = await app.inject({ method: 'POST', url: '/mcp?a=b', payload: call('write'), headers: { 'content-type': 'application/json', authorization: await bearer(), 'x-trace': '7' } })
    expect([response.statusCode, seen]).toEqual([403, [['scope_insufficient', 'POST', '/mcp?a=b', '7']]])
    await app.close()
  })
  it('adds its refusals to the headers that are set already', async () => {
    const app = fastify().addHook('onRequest', async (_request, reply) => void reply.header('access-control-expose-headers', 'X-Total').header('x-beside', 'kept'))
    await app.register(protectFastify, options)
    app.post('/mcp', () => 'reached')
    const response = await app.inject({ method: 'POST', url: '/mcp', payload: call('write'), headers: { 'content-type': 'application/json', authorization: await bearer() } })
    expect([response.statusCode, response.headers['x-beside'], response.headers['access-control-expose-headers']]).toEqual([403, 'kept', ['X-Total', 'WWW-Authenticate']])
    await app.close()
  })
  it('does not let a body through that was parsed as something else', async () => {
    const app = fastify()
    app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: unknown) => body)
    await app.register(protectFastify, options)
    app.post('/mcp', () => 'reached')
    const response = await app.inject({ method: 'POST', url: '/mcp', payload: call('write'), headers: { 'content-type': 'application/odd', authorization: await bearer() } })
    expect(response.statusCode).toBe(400)
    await app.close()
  })
  it('leaves bodies alone where no tool is judged', async () => {
    const app = fastify()
    app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: unknown) => body)
    await app.register(protectFastify, { ...options, toolScopes: {} })
    app.post('/mcp', ({ body }) => body)
    const response = await app.inject({ method: 'POST', url: '/mcp', payload: 'no JSON', headers: { 'content-type': 'text/odd', authorization: await bearer() } })
    expect([response.statusCode, response.body]).toEqual([200, 'no JSON'])
    await app.close()
  })
  it('does not let a body through that nobody has parsed', async () => {
    const app = fastify()
    app.addContentTypeParser('*', async (_request: unknown, payload: unknown) => payload)
    await app.register(protectFastify, options)
    app.post('/mcp', () => 'reached')
    const response = await app.inject({ method: 'POST', url: '/mcp', payload: call('write'), headers: { 'content-type': 'application/odd', authorization: await bearer() } })
    expect(response.statusCode).toBe(400)
    await app.close()
  })
  it('rejects in an encapsulated plugin', async () => {
    const app = fastify()
    app.register(async (inner) => inner.register(protectFastify, options))
    await expect(app.ready()).rejects.toThrow('encapsulated')
  })
})

describe('Hono', () => {
  const request = async (body: string) => new Request('http://host.internal/mcp', { method: 'POST', body, headers: { authorization: await bearer() } })
  it('adds its refusals to the headers that are set already', async () => {
    const app = new Hono().use(async (c, next) => {
      c.header('access-control-expose-headers', 'X-Total')
      await next()
    }).use(protectHono(options)).post('/mcp', (c) => c.text('reached'))
    const response = await app.fetch(await request(call('write')))
    expect([response.status, response.headers.get('access-control-expose-headers')]).toEqual([403, 'X-Total, WWW-Authenticate'])
  })
  it.each([true, false])('tells servers that look for `auth`, with exposeToken: %j', async (exposeToken) => {
    const app = new Hono().use(protectHono({ ...options, exposeToken })).post('/mcp', (c) => c.json([c.get('auth')?.clientId, c.get('auth') === c.var.authInfo]))
    expect(await (await app.fetch(await request(call('read')))).json()).toEqual(['test-client', true])
    const handler = protectFetch((seen, { authInfo }) => Response.json((seen as { auth?: unknown }).auth === authInfo), { ...options, exposeToken })
    expect(await (await handler(await request(call('read')))).json()).toBe(true)
  })
  it('leaves a body unread that says that it is too long', async () => {
    const tooLong = await request(call('read'))
    tooLong.headers.set('content-length', String(5 * 1024 * 1024))
    const response = await new Hono().use(protectHono(options)).post('/mcp', (c) => c.text('reached')).fetch(tooLong)
    expect([response.status, tooLong.bodyUsed]).toEqual([413, false])
  })
  it('fails loudly where the body is read before it, unless no tool is judged', async () => {
    const app = (toolScopes: object) => new Hono().use(async (c, next) => {
      await c.req.json()
      await next()
    }).use(protectHono({ ...options, toolScopes } as McpOptions)).post('/mcp', async (c) => c.json([await c.req.json(), c.var.authInfo?.clientId]))
    const quiet = app(options.toolScopes as object).onError((error, c) => c.text(error.message, 500))
    expect(await (await quiet.fetch(await request(call('read')))).text()).toContain('put the guard before')
    expect(await (await app({}).fetch(await request(call('write')))).json()).toEqual([JSON.parse(call('write')), 'test-client'])
  })
})

describe('a reply without a body', () => {
  const guard: McpGuard = { ...createMcpGuard(options), authorizeCalls: () => ({ status: 204, headers: [['x-from', 'guard']], body: '' }) }
  it.each<[string, (request: Request) => Response | Promise<Response>]>([
    ['fetch', protectFetch(() => new Response('reached'), guard)],
    ['Hono', new Hono().use(protectHono(guard)).all('/mcp', (c) => c.text('reached')).fetch],
  ])('is sent as it is on %s', async (_name, answer) => {
    const response = await answer(new Request('http://host.internal/mcp', { method: 'POST', body: call('read'), headers: { authorization: await bearer() } }))
    expect([response.status, response.headers.get('x-from'), response.body]).toEqual([204, 'guard', null])
  })
})

describe('what is let through open has no AuthInfo', () => {
  const open: McpOptions = { ...options, preflight: 'pass', allowedOrigins: '*' }
  const preflight = { method: 'OPTIONS', headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' } }
  it.each<[string, RequestListener]>([
    ['node:http', protectNode((req, res) => res.end(String(req.auth)), open)],
    ['fetch', getRequestListener(protectFetch((_request, { authInfo }) => new Response(String(authInfo)), open))],
    ['Hono', getRequestListener(new Hono().use(protectHono(open)).all('/mcp', (c) => c.text(String(c.var.authInfo))).fetch)],
    ['Express', express5().use(protectExpress(open)).all('/mcp', (req, res) => void res.send(String((req as unknown as McpMessage).auth))) as unknown as RequestListener],
  ])('on %s', async (_name, listener) => {
    await asking(listener, async (url) => expect(await (await fetch(`${url}/mcp`, preflight)).text()).toBe('undefined'))
  })
})

describe('a session that the request brought along is not given to who brought it', () => {
  // A server that remembers sessions from before a restart, and echoes what it is sent; without a session it opens `mine`.
  const [id, echo] = ['mcp-session-id', (sent: string | null | undefined) => sent ?? 'mine']
  it.each<[string, (without: McpOptions) => RequestListener | Promise<RequestListener>]>([
    ['node:http', (without) => protectNode((req, res) => res.setHeader(id, echo(req.headers[id] as string)).end(), without)],
    ['node:http, headers written at once', (without) => protectNode((req, res) => res.writeHead(200, { [id]: echo(req.headers[id] as string) }).end(), without)],
    ['node:http, headers changed by the server', (without) => protectNode((req, res) => {
      const sent = req.headers[id]
      delete req.headers[id]
      res.setHeader(id, echo(sent as string)).end()
    }, without)],
    ['fetch', (without) => getRequestListener(protectFetch((request) => new Response('', { headers: { [id]: echo(request.headers.get(id)) } }), without))],
    ['Hono', (without) => getRequestListener(new Hono().use(protectHono(without)).all('/mcp', (c) => c.text('', 200, { [id]: echo(c.req.header(id)) })).fetch)],
    ['Express', (without) => express5().use(protectExpress(without)).all('/mcp', (req, res) => void res.set(id, echo(req.get(id))).send('')) as unknown as RequestListener],
    ['Fastify', async (without) => {
      let handle: RequestListener | undefined
      const app = fastify({ serverFactory: (handler) => createServer((handle = handler as RequestListener)) })
      await app.register(protectFastify, without)
      app.all('/mcp', (request, reply) => reply.header(id, echo(request.headers[id] as string)).send(''))
      await app.ready()
      return handle as unknown as RequestListener
    }],
  ])('on %s', async (_name, listener) => {
    const { at, ...ownServer } = serverOfItsOwn()
    await asking(await listener(ownServer), async (url) => {
      const status = async (sub: string, session?: string) =>
        (await post(url, '{}', { authorization: await bearer({ sub, aud: at }), ...(session && { [id]: session }) })).status
      // Nothing was opened in this process: it is the server's to say what it knows.
      expect([await status('mallory', 'left-over'), await status('alice', 'left-over')]).toEqual([200, 200])
      expect(await status('alice')).toBe(200)
      expect([await status('mallory', 'left-over'), await status('alice', 'left-over')]).toEqual([404, 404])
      expect([await status('mallory', 'mine'), await status('alice', 'mine')]).toEqual([404, 200])
    })
  })
})

it('a session is not bound to who brings it beside another', async () => {
  const { at, ...ownServer } = serverOfItsOwn()
  const guard = createMcpGuard(ownServer)
  const ask = async (sub: string, session?: string) => {
    const headers = new Headers({ authorization: await bearer({ sub, aud: at }), ...(session && { 'mcp-session-id': session }) })
    return { request: { method: 'POST', url: '/mcp', headers }, outcome: await guard.handle({ method: 'POST', url: '/mcp', headers }) }
  }
  const bind = ({ request, outcome }: Awaited<ReturnType<typeof ask>>, session: string) => {
    if (outcome.kind === 'granted') guard.bindSession(session, outcome.principal, request)
  }
  bind(await ask('mallory', 'x, left-over'), 'left-over')
  bind(await ask('mallory'), 'mine')
  expect((await ask('mallory', 'left-over')).outcome).toMatchObject({ kind: 'reply', status: 404 })
  expect((await ask('mallory', 'mine')).outcome).toMatchObject({ kind: 'granted' })
})

describe('a session that one guard of a server has seen opened, another knows', () => {
  const id = 'mcp-session-id'
  const methods = ['POST', 'GET', 'DELETE'] as const
  it.each<[string, (own: McpOptions) => RequestListener]>([
    ['fetch', (own) => {
      const handlers = Object.fromEntries(methods.map((method) => [method, protectFetch(() => new Response('', { headers: { [id]: 'mine' } }), own)]))
      return getRequestListener((request) => handlers[request.method]!(request))
    }],
    ['node:http', (own) => {
      const handlers = Object.fromEntries(methods.map((method) => [method, protectNode((_req, res) => res.setHeader(id, 'mine').end(), own)]))
      return (req, res) => void handlers[req.method!]!(req, res)
    }],
    ['Express', (own) => {
      const app = express5()
      const answer: express5.RequestHandler = (_req, res) => void res.set(id, 'mine').send('')
      for (const method of ['post', 'get', 'delete'] as const) app[method]('/mcp', protectExpress({ ...own, metadata: 'elsewhere' } as McpOptions), answer)
      return app as unknown as RequestListener
    }],
    ['Hono', (own) => {
      const app = new Hono()
      for (const method of methods) app.on(method, '/mcp', protectHono({ ...own, metadata: 'elsewhere' } as McpOptions), (c) => c.text('', 200, { [id]: 'mine' }))
      return getRequestListener(app.fetch)
    }],
  ])('on %s, where each method has its own', async (_name, listener) => {
    const { at, ...ownServer } = serverOfItsOwn()
    await asking(listener(ownServer), async (url) => {
      const status = async (method: string, sub: string, session?: string) =>
        (await fetch(`${url}/mcp`, { method, headers: { authorization: await bearer({ sub, aud: at }), ...(session && { [id]: session }) } })).status
      expect(await status('POST', 'alice')).toBe(200)
      for (const method of methods) expect([method, await status(method, 'mallory', 'mine'), await status(method, 'alice', 'mine')]).toEqual([method, 404, 200])
    })
  })
})

it.each([['read before', true], ['read by the server', false]])('no token is left on the request, nor in headersDistinct %s', async (_when, before) => {
  const guarded = protectNode((req, res) => res.end(JSON.stringify([req.headers, req.headersDistinct, req.rawHeaders])), options)
  await asking((req, res) => {
    if (before) void req.headersDistinct
    void guarded(req, res)
  }, async (url) => {
    const response = await post(url, call('read'), { 'x-trace': '7' })
    const text = await response.text()
    expect([response.status, text.toLowerCase().includes('bearer'), text.split('"7"').length]).toEqual([200, false, 4])
  })
})

describe('an issuer that names nobody', () => {
  it('has no sessions, and stops nothing', async () => {
    const { at, ...ownServer } = serverOfItsOwn()
    const guard = createMcpGuard({ ...ownServer, authorizationServers: [{ issuer: issuer.issuer, omits: ['sub', 'client_id'] }] } as McpOptions)
    const authorization = await bearer({ sub: undefined, client_id: undefined, aud: at })
    const ask = async (session?: string) => guard.handle({ method: 'POST', url: '/mcp', headers: new Headers({ authorization, ...(session && { 'mcp-session-id': session }) }) })
    const first = await ask()
    expect(first.kind).toBe('granted')
    if (first.kind === 'granted') guard.bindSession('s', first.principal, { method: 'POST', url: '/mcp', headers: new Headers() })
    expect(await ask('s')).toMatchObject({ kind: 'reply', status: 404 })
  })
})

describe('a session', () => {
  it("that is opened for a request which brings an old one is its opener's", async () => {
    const { at, ...own } = serverOfItsOwn()
    const guard = createMcpGuard(own)
    const ask = async (sub: string, session: string) => {
      const request = { method: 'POST', url: '/mcp', headers: new Headers({ authorization: await bearer({ sub, aud: at }), 'mcp-session-id': session }) }
      return { request, outcome: await guard.handle(request) }
    }
    const { request, outcome } = await ask('alice', 'old')
    if (outcome.kind === 'granted') guard.bindSession('new', outcome.principal, request)
    expect([(await ask('alice', 'new')).outcome.kind, (await ask('mallory', 'new')).outcome.kind]).toEqual(['granted', 'reply'])
  })

  it.each<[string, unknown[]]>([
    ['an object', [{ 'Mcp-Session-Id': 'mine' }]], ['a flat list', [['Mcp-Session-Id', 'mine']]],
    ['pairs', [[['Mcp-Session-Id', 'mine']]]], ['an object with a list', [{ 'mcp-session-id': ['mine'] }]], ['a reason and an object', ['OK', { 'mcp-session-id': 'mine' }]],
  ])('is seen in headers written as %s', async (_how, args) => {
    const { at, ...own } = serverOfItsOwn()
    await asking(protectNode((_req, res) => (res.writeHead as (...all: unknown[]) => typeof res)(200, ...args).end(), own), async (url) => {
      const status = async (sub: string, session?: string) => {
        const headers = { authorization: await bearer({ sub, aud: at }), ...(session && { 'mcp-session-id': session }) }
        return (await fetch(`${url}/mcp`, { headers })).status
      }
      expect([await status('alice'), await status('mallory', 'mine'), await status('alice', 'mine')]).toEqual([200, 404, 200])
    })
  })
})

it('a session whose id is a number, or set as a list, is bound too', async () => {
  for (const id of [7, ['7']] as unknown[]) {
    const { at, ...own } = serverOfItsOwn()
    await asking(protectNode((_req, res) => res.setHeader('Mcp-Session-Id', id as string).end(), own), async (url) => {
      const status = async (sub: string, session?: string) =>
        (await fetch(`${url}/mcp`, { headers: { authorization: await bearer({ sub, aud: at }), ...(session && { 'mcp-session-id': session }) } })).status
      expect([await status('alice'), await status('mallory', '7'), await status('alice', '7')]).toEqual([200, 404, 200])
    })
  }
})

it('guards of one resource that are configured differently know the same sessions', async () => {
  const { at, ...own } = serverOfItsOwn()
  const { resource: _resource, ...shared } = own as { resource: string } & McpOptions
  const [one, other] = [createMcpGuard(own), createMcpGuard({ ...shared, resources: [{ resource: at }, { resource: `${at}/admin` }] } as McpOptions)]
  const ask = async (guard: McpGuard, sub: string) => {
    const request = { method: 'POST', url: new URL(at).pathname, headers: new Headers({ authorization: await bearer({ sub, aud: at }), 'mcp-session-id': 's' }) }
    return { request, outcome: await guard.handle(request) }
  }
  const { outcome } = await ask(other, 'alice')
  if (outcome.kind === 'granted') other.bindSession('s', outcome.principal, { method: 'POST', url: '/', headers: new Headers() })
  expect([(await ask(one, 'mallory')).outcome.kind, (await ask(one, 'alice')).outcome.kind, (await ask(other, 'mallory')).outcome.kind]).toEqual(['reply', 'granted', 'reply'])
})

describe('what a handler or a hook may print', () => {
  it('on Hono has no token in it', async () => {
    const app = new Hono().use(protectHono(options)).post('/mcp', (c) => c.text(inspect(c, { depth: 9, showHidden: true })))
    const authorization = await bearer()
    const response = await app.request('/mcp', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization } })
    const text = await response.text()
    expect([response.status, text.includes('Context'), text.includes(authorization.slice(-20))]).toEqual([200, true, false])
  })
  it('of a request that was blocked has none either', async () => {
    const seen: unknown[] = []
    const authorization = await bearer()
    const request = new Request('https://mcp.example.com/mcp', { method: 'POST', headers: { authorization, origin: 'https://evil.example' } })
    await createMcpGuard({ ...options, onBlocked: (...blocked) => void seen.push(blocked) }).handle(request)
    expect(seen).toMatchObject([['origin_not_allowed', { method: 'POST' }]])
    expect(inspect(seen, { depth: 9, showHidden: true })).not.toContain(authorization.slice(-20))
  })
})

describe('createMcpGuard', () => {
  const request = (headers: Record<string, string>, url = '/mcp', method = 'POST') => ({ method, url, headers: new Headers(headers) })

  it("judges a tool that is not listed by what is under '*'", async () => {
    const { at, ...own } = serverOfItsOwn()
    const guard = createMcpGuard({ ...own, toolScopes: { read: ['a'], '*': ['b'] } })
    const outcome = await guard.handle(request({ authorization: await bearer({ aud: at, scope: 'a' }) }))
    if (outcome.kind !== 'granted') throw new Error('refused')
    const statusOf = (message: object) => guard.authorizeCalls(outcome.principal, { jsonrpc: '2.0', id: 1, ...message })?.status
    const called = (params: unknown) => statusOf({ method: 'tools/call', params })
    expect([called({ name: ['read'] }), statusOf({ method: ['tools/call'], params: { name: 'raed' } })]).toEqual([403, 403])
    expect([called({ name: 'read' }), called({ name: 'raed' }), called({ name: '*' }), called({}), called(null), called(undefined)]).toEqual([undefined, 403, 403, 403, 403, 403])
    expect([statusOf({ method: 'tools/list' }), statusOf({ result: {} })]).toEqual([undefined, undefined])
  })

  it('needs every scope for a call of a tool whose name is none', async () => {
    const { at, ...own } = serverOfItsOwn()
    const guard = createMcpGuard({ ...own, toolScopes: { read: ['a'], write: ['b'] } })
    const statuses = []
    for (const scope of ['a', 'b', 'a b']) {
      const outcome = await guard.handle(request({ authorization: await bearer({ aud: at, scope }) }))
      if (outcome.kind === 'granted') statuses.push(guard.authorizeCalls(outcome.principal, { method: 'tools/call', params: { name: ['write'] } })?.status)
    }
    expect(statuses).toEqual([403, 403, undefined])
  })

  it('judges a tool that is called as a notification', async () => {
    const { at, ...own } = serverOfItsOwn()
    const guard = createMcpGuard({ ...own, toolScopes: { write: ['w'] } })
    const outcome = await guard.handle(request({ authorization: await bearer({ aud: at }) }))
    if (outcome.kind !== 'granted') throw new Error('refused')
    expect(guard.authorizeCalls(outcome.principal, { jsonrpc: '2.0', method: 'tools/call', params: { name: 'write' } })?.status).toBe(403)
  })

  it('reads the host of HTTP/2', async () => {
    const guard = createMcpGuard({ ...options, allowedHosts: ['mcp.example.com'] })
    const at = async (authority: string) =>
      guard.handle({ method: 'GET', url: '/mcp', headers: { get: (name) => (name === ':authority' ? authority : null) } })
    expect(await at('mcp.example.com')).toMatchObject({ kind: 'reply', status: 401 })
    expect(await at('evil.example')).toMatchObject({ kind: 'reply', status: 403 })
  })

  it('has what it blocks not stored by anybody', async () => {
    const outcome = await createMcpGuard({ ...options, allowedOrigins: [] }).handle(request({ origin: 'https://evil.example' }))
    expect(outcome).toMatchObject({ status: 403, headers: expect.arrayContaining([['cache-control', 'no-store']]) as unknown })
  })

  it("leaves the metadata alone that are served elsewhere", async () => {
    const guard = createMcpGuard({ ...options, metadata: 'elsewhere' })
    expect(await guard.handle(request({}, '/.well-known/oauth-protected-resource/mcp', 'GET'))).toMatchObject({ status: 401 })
  })
})
