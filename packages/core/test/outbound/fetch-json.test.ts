import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { withDeadline } from '../../src/outbound/deadline.js'
import { fetchJson, type JsonAnswer, type JsonRequest } from '../../src/outbound/fetch-json.js'

// Over real sockets, because streams, redirects and aborts are where stand-ins for fetch differ from it.
let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(listener: RequestListener): Promise<URL> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`)
}

const get = (url: URL, request: Partial<JsonRequest> = {}): Promise<JsonAnswer> =>
  withDeadline(2, (signal) => fetchJson(url, { fetch, accept: 'application/json', maxBytes: 1000, signal, ...request }))

const answer = (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Promise<URL> =>
  listen((_, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body))

describe('JSON is taken', () => {
  it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/jwk-set+json', 'application/problem.x+json ; a="b;c"'])('as %s', async (type) => {
    expect(await get(await answer('{"keys":[]}', { 'content-type': type }))).toMatchObject({ status: 200, value: { keys: [] } })
  })
  it('as nothing at all, where it is JSON', async () => {
    expect(await get(await listen((_, response) => response.writeHead(200).end('{"keys":[]}')))).toMatchObject({ value: { keys: [] } })
    await expect(get(await listen((_, response) => response.writeHead(200).end('<html>')))).rejects.toThrow('not JSON')
  })
  it('up to the last byte of the bound', async () => {
    expect(await get(await answer(JSON.stringify('x'.repeat(998))))).toMatchObject({ value: 'x'.repeat(998) })
  })
})

describe('refused is', () => {
  it.each(['text/html', 'text/json', 'application/javascript', 'application/jsonp', 'application/x-json', 'application/+json', ''])('content of the type "%s"', async (type) => {
    await expect(get(await answer('{}', { 'content-type': type }))).rejects.toThrow('content type that is not JSON')
  })
  it.each([201, 204, 304, 400, 401, 404, 500, 503])('status %d', async (status) => {
    await expect(get(await answer(status === 204 || status === 304 ? '' : '{}', {}, status))).rejects.toThrow(`/jwks answered ${status}`)
  })
  it.each(['', '{', '<html>', '{} {}', '[[[['])('a body %j', async (body) => {
    await expect(get(await answer(body))).rejects.toThrow(/\/jwks answered with what is not JSON$/)
  })
  it('a body that is not UTF-8', async () => {
    await expect(get(await answer(Uint8Array.of(0x22, 0xff, 0x22)))).rejects.toThrow('not JSON')
  })
  it('a body that says it is too long, before it comes', async () => {
    const url = await listen((_, response) => response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1001 }).flushHeaders())
    await expect(get(url)).rejects.toThrow('more than 1000 bytes')
  })
  it('a body that never ends, at the bound, and the connection is closed', async () => {
    let closed: (value: unknown) => void = () => {}
    const ended = new Promise((resolve) => {
      closed = resolve
    })
    const url = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = setInterval(() => response.write('x'.repeat(100)), 1)
      response.on('close', () => closed(clearInterval(more)))
    })
    await expect(get(url)).rejects.toThrow('more than 1000 bytes')
    await ended
  })
  it('a small body that unpacks to a large one', async () => {
    const packed = gzipSync(JSON.stringify('x'.repeat(1_000_000)))
    await expect(get(await answer(packed, { 'content-encoding': 'gzip' }), { maxBytes: 10_000 })).rejects.toThrow('more than 10000 bytes')
  })
  it('a port where nobody listens', async () => {
    const url = await answer('{}')
    await new Promise((resolve) => server?.close(resolve))
    await expect(get(url)).rejects.toThrow(`${url.href}: ECONNREFUSED`)
  })
})

describe('the deadline', () => {
  it.each<[string, RequestListener]>([
    ['no answer', () => {}],
    ['headers alone', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()],
    ['half a body', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":')],
  ])('ends the wait for %s, and the connection', async (_, listener) => {
    let closed: (value: unknown) => void = () => {}
    const ended = new Promise((resolve) => {
      closed = resolve
    })
    const url = await listen((request, response) => {
      request.socket.on('close', closed)
      listener(request, response)
    })
    const failure = withDeadline(0.1, (signal) => fetchJson(url, { fetch, accept: 'application/json', maxBytes: 1000, signal }))
    await expect(failure).rejects.toThrow('no complete answer within 0.1 s')
    await ended
  })

  it('holds also where fetch and body do not listen', async () => {
    const body = new ReadableStream({ pull: () => new Promise(() => {}) })
    const deaf = async (): Promise<Response> => new Response(body, { headers: { 'content-type': 'application/json' } })
    const failure = withDeadline(0.05, (signal) => fetchJson(new URL('https://a.example'), { fetch: deaf, accept: '', maxBytes: 1000, signal }))
    await expect(failure).rejects.toThrow('no complete answer within 0.05 s')
  })
})

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%d is followed within the origin', async (status) => {
    const url = await listen((request, response) => {
      if (request.url === '/jwks') response.writeHead(status, { location: '/keys/' }).end('moved')
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.url))
    })
    expect(await get(url)).toMatchObject({ value: '/keys/' })
  })
  it('is followed three times, not four', async () => {
    const url = await listen((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end('"here"')
    })
    expect(await get(new URL('/3', url))).toMatchObject({ value: 'here' })
    await expect(get(new URL('/4', url))).rejects.toThrow('redirects more than 3 times')
  })
  it.each([
    (url: URL) => `https://${url.host}/keys`,
    (url: URL) => `http://localhost:${url.port}/keys`,
    (url: URL) => `//127.0.0.1:${Number(url.port) - 1}/keys`,
    (url: URL) => `http://user:secret@${url.host}/keys`,
    () => 'http://169.254.169.254/latest/meta-data',
    () => 'file:///etc/passwd',
    () => 'https://[',
    () => '',
  ])('to somewhere else is not followed: %#', async (location) => {
    const requested: (string | undefined)[] = []
    const url = await listen((request, response) => {
      requested.push(request.url)
      const to = location(url)
      response.writeHead(302, to === '' ? {} : { location: to }).end()
    })
    await expect(get(url)).rejects.toThrow('another origin')
    expect(requested).toEqual(['/jwks'])
  })
})

describe('a request', () => {
  it('carries what it asks for and no credentials', async () => {
    const url = await listen((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' }).end(JSON.stringify(request.headers))
    })
    await get(url)
    const { value } = (await get(url, { etag: '"v1"' })) as { value: Record<string, string> }
    expect(value).toMatchObject({ accept: 'application/json', 'if-none-match': '"v1"' })
    expect(value).not.toHaveProperty('cookie')
    expect(value).not.toHaveProperty('authorization')
  })
  it('is answered with 304 only where it named an ETag', async () => {
    const url = await answer('', { etag: '"v1"' }, 304)
    expect(await get(url, { etag: '"v1"' })).toMatchObject({ status: 304 })
    await expect(get(url)).rejects.toThrow('answered 304')
  })
  it('leaves texts of a foreign fetch out of its failure', async () => {
    const failing = async (): Promise<Response> => {
      throw new TypeError('Failed to parse URL from https://user:secret@a.example')
    }
    await expect(get(new URL('https://a.example/jwks?key=secret'), { fetch: failing })).rejects.toThrow(/^https:\/\/a\.example\/jwks: TypeError$/)
  })
})
