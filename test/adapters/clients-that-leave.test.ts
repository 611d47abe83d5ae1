import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { requireScope as expressScope, resourceGuard as expressGuard } from '@resource-guard/express'
import { requireScope as fastifyScope, resourceGuard as fastifyGuard, type ResourceGuardOptions } from '@resource-guard/fastify'
import { protectMcp } from '@resource-guard/mcp/node'
import { createTestIssuer } from '@resource-guard/testing'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const issuer = await createTestIssuer()
const authorization = `Bearer ${await issuer.token({ scope: 'photos:read' })}`

/** What `isRevoked` waits for. */
let decided: () => Promise<unknown>
/** What became of requests: with which body a handler ran, or what an application's error handler saw. */
let seen: unknown[]
let server: Server | Http2Server
const options: ResourceGuardOptions = {
  resource: 'https://api.example.com', authorizationServers: [issuer.issuer], fetch: issuer.fetch,
  isRevoked: async () => (await decided(), false),
}

function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {}
  return { promise: new Promise<void>((done) => void (resolve = done)), resolve: () => resolve() }
}

type Before = (req: IncomingMessage, res: ServerResponse) => void
type App = (before: Before) => Promise<Server>

const onExpress = (express: typeof express5): App => async (before) => {
  const app = express()
  app.use((req, res, next) => (before(req, res), next()))
  app.use(expressGuard(options), expressScope('photos:read'), express.json())
  app.all('/photos', (req, res) => (seen.push(req.body), void res.send('photos')))
  app.use(((error, _req, res, _next) => (seen.push(error), void res.status(500).end())) as express5.ErrorRequestHandler)
  return createServer(app)
}

const apps: Readonly<Record<string, App>> = {
  'Express 5': onExpress(express5),
  'Express 4': onExpress(express4 as unknown as typeof express5),
  'Fastify': async (before) => {
    const app = fastify()
    app.addHook('onRequest', ({ raw }, reply, done) => (before(raw, reply.raw), done()))
    await app.register(fastifyGuard, options)
    app.all('/photos', { preHandler: fastifyScope('photos:read') }, async ({ body }) => (seen.push(body), 'photos'))
    app.setErrorHandler((error) => (seen.push(error), error))
    await app.ready()
    return app.server
  },
  'MCP on node:http': async (before) => {
    const guarded = protectMcp(async (req, res) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of req) chunks.push(chunk as Uint8Array)
      seen.push(chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString()))
      res.end('photos')
    }, options)
    return createServer((req, res) => (before(req, res), void guarded(req, res)))
  },
}

async function listen(made: Server | Http2Server): Promise<number> {
  server = made
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const text = (method: string, body = ''): string =>
  `${method} /photos HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`

beforeEach(() => {
  seen = []
  decided = async () => {}
  vi.spyOn(console, 'error').mockImplementation((error) => void seen.push(error))
})
afterEach(() => {
  vi.restoreAllMocks()
  server.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
})

describe.each(Object.keys(apps))('%s', (name) => {
  it.each(['GET', 'POST'])('runs no handler for a %s whose client has left while it was judged', async (method) => {
    const asked = signal()
    const gone = signal()
    decided = () => (asked.resolve(), gone.promise)
    const port = await listen(await apps[name]!(() => {}))
    server.once('connection', (socket) => void socket.once('close', () => gone.resolve()))
    const client = connect(port, '127.0.0.1').on('error', () => {})
    client.write(text(method, method === 'POST' ? '{"a":1}' : '').slice(0, method === 'POST' ? -2 : undefined))
    await asked.promise
    client.resetAndDestroy()
    await gone.promise
    await after(20)
    expect(seen).toEqual([])
  })

  it('keeps the body of a request that middleware in front reads along with', async () => {
    let counted = 0
    const port = await listen(await apps[name]!((req) => void req.on('data', (chunk: Uint8Array) => (counted += chunk.length))))
    for (const wait of [0, 5]) {
      decided = () => after(wait)
      const client = connect(port, '127.0.0.1')
      client.write(text('POST', '{"a":1}'))
      expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1.1 200 /)
      client.destroy()
    }
    expect([seen, counted]).toEqual([[{ a: 1 }, { a: 1 }], 14])
  })

  it.each(['lets in', 'refuses'])('says nothing where other middleware has answered before the guard %s', async (verdict) => {
    const answered = signal()
    decided = async () => {
      await answered.promise
      if (verdict === 'refuses') throw new Error('the application does not know')
    }
    const port = await listen(await apps[name]!((_req, res) => void setImmediate(() => res.writeHead(504).end(() => answered.resolve()))))
    const client = connect(port, '127.0.0.1')
    client.write(text('GET'))
    expect(String(await once(client, 'data'))).toMatch(/^HTTP\/1.1 504 /)
    await after(20)
    expect([seen, client.readyState]).toEqual([[], 'open'])
    client.destroy()
  })
})

describe.each<[string, (handler: Before) => Promise<Http2Server>]>([
  ['Fastify', async (handler) => {
    const app = fastify({ http2: true })
    await app.register(fastifyGuard, options)
    app.get('/photos', (request, reply) => (reply.hijack(), handler(request.raw as never, reply.raw as never)))
    await app.ready()
    return app.server
  }],
  ['MCP', async (handler) => createHttp2Server(protectMcp(handler, options) as never)],
])('%s over HTTP/2', (_, create) => {
  it('runs no handler for a stream that was reset while it was judged', async () => {
    const asked = signal()
    const gone = signal()
    decided = () => (asked.resolve(), gone.promise)
    const port = await listen(await create((_req, res) => (seen.push('handler'), void res.end())))
    server.once('stream', (stream: NodeJS.EventEmitter) => void stream.once('close', () => gone.resolve()))
    const client = connectHttp2(`http://127.0.0.1:${port}`)
    const stream = client.request({ ':path': '/photos', authorization }).on('error', () => {})
    await asked.promise
    stream.close(8)
    await gone.promise
    await after(20)
    expect(seen).toEqual([])
    decided = async () => {}
    const [headers] = (await once(client.request({ ':path': '/photos', authorization }), 'response')) as [Record<string, unknown>]
    expect([headers[':status'], seen]).toEqual([200, ['handler']])
    client.destroy()
  })
})
