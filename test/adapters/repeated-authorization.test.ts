import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { getRequestListener } from '@hono/node-server'
import { createResourceGuard, fromNode, type ResourceGuardOptions } from '@resource-guard/core'
import { resourceGuard as fastifyGuard } from '@resource-guard/fastify'
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
import { createTestIssuer } from '@resource-guard/testing'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { statusOverHttp2 } from './http2-request.js'

// RFC 9110 §5.3: Authorization is a singleton. The contract shows it over HTTP/1.1; runtimes join, drop or keep the
// second line in ways of their own elsewhere.
const issuer = await createTestIssuer()
const options: ResourceGuardOptions = { resource: 'https://api.example.com', authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }] }
const good = `Bearer ${await issuer.token()}`
const cases = [
  { what: 'one good line', lines: [good], status: 200 },
  { what: 'no line', lines: [], status: 401 },
  { what: 'the same good line twice', lines: [good, good], status: 400 },
  { what: 'a bad line and a good one', lines: ['Bearer abc', good], status: 400 },
  { what: 'a good line and a bad one', lines: [good, 'Bearer abc'], status: 400 },
  { what: 'a good line and Basic', lines: [good, 'Basic YWxpY2U6c2VjcmV0'], status: 400 },
]

const listener = (fetch: (request: Request) => Response | Promise<Response>) =>
  createServer(getRequestListener(fetch) as (request: Http2ServerRequest, response: Http2ServerResponse) => void)

async function fastifyApp<O extends object>(server: O) {
  const app = fastify(server)
  await app.register(fastifyGuard, options)
  app.get('/photos', async () => 'photos')
  await app.ready()
  return app
}

const servers: Readonly<Record<string, () => Http2Server | Promise<Http2Server>>> = {
  Hono: () => listener(new Hono().use(honoGuard(options)).get('/photos', (c) => c.text('photos')).fetch),
  fetch: () => listener(fetchGuard(options)(() => new Response('photos'))),
  Fastify: async () => (await fastifyApp({ http2: true })).server as unknown as Http2Server,
  'an adapter over fromNode': () => {
    const guard = createResourceGuard(options)
    return createServer(async (request, response) => {
      const outcome = await guard.handle(fromNode(request, request.url))
      response.statusCode = outcome.kind === 'reply' ? outcome.status : 200
      response.end()
    })
  },
}

describe.each(Object.entries(servers))('HTTP/2 on %s', (_name, create) => {
  it.each(cases)('answers $what with $status', async ({ lines, status }) => {
    expect(await statusOverHttp2(await create(), lines.map((line) => ['authorization', line]))).toBe(status)
  })
})

describe('inject on Fastify', () => {
  it.each(cases)('answers $what with $status', async ({ lines, status }) => {
    const app = await fastifyApp({})
    const response = await app.inject({ url: '/photos', headers: lines.length === 0 ? {} : { authorization: lines as unknown as string } })
    expect(response.statusCode).toBe(status)
    await app.close()
  })
})
