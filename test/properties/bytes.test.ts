import { Buffer } from 'node:buffer'
import { connect } from 'node:net'
import { createResourceGuard } from '@resource-guard/core'
import { createTestIssuer, createTestKey } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adapters, type App } from './apps.js'
import { patience, runs } from './runs.js'

// No byte sequence, in the request line or in any header, makes the guard throw, answer 5xx, or let somebody in.
const resource = 'https://api.example.com'
const issuer = await createTestIssuer()
const options = { resource, authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }] }
const several = {
  authorizationServers: options.authorizationServers,
  resources: [{ resource: `${resource}/admin` }, { resource: `${resource}/t/{tenant}`, tenants: { tenant: ['acme'] } }],
}

/** Tokens that are good in all but one way. */
const nearly = await Promise.all([
  issuer.token({ exp: 1 }), issuer.token({ aud: 'https://api.example.co' }),
  issuer.token({}, { key: await createTestKey('ES256', { kid: issuer.keys[0]?.kid as string }) }),
  issuer.token({}, { header: { alg: 'none' }, edit: { signature: () => new Uint8Array() } }), issuer.token({ cnf: {} }),
])

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const bytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
/** Bytes that a header field value may hold (RFC 9110 §5.5), so that they get past the HTTP parser. */
const fieldByte = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.constant(0x09), fc.integer({ min: 0x80, max: 0xff }))
const fieldBytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.array(fieldByte, { maxLength }).map((array) => Buffer.from(array))
const scheme = fc.constantFrom('Bearer ', 'bearer  ', 'BEARER ', 'DPoP ', '')
const credentials = fc.tuple(scheme, fc.constantFrom(...nearly)).map((parts) => latin1(parts.join('')))

/** A few bytes of it replaced, left out or put in. */
const damaged = (whole: fc.Arbitrary<Buffer>, piece: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.tuple(whole, fc.array(fc.tuple(fc.nat(), piece, fc.nat(3)), { maxLength: 3 })).map(([start, edits]) =>
    edits.reduce((text, [at, inserted, removed]) => {
      const index = at % (text.length + 1)
      return Buffer.concat([text.subarray(0, index), inserted, text.subarray(index + removed)])
    }, start),
  )

const headerName = fc.constantFrom('Authorization', 'authorization', 'Host', 'Origin', 'Access-Control-Request-Method', 'If-None-Match',
  'X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded', 'Cookie', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'Expect',
  'Upgrade', 'Connection', 'Accept', 'DPoP', 'X-HTTP-Method-Override').map(latin1)
const header = (value: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> => fc.tuple(headerName, fc.constant(latin1(': ')), value).map(Buffer.concat)
const target = fc.oneof(
  fc.constantFrom('/photos', '/admin/photos', '/t/acme/photos', '/t/%61cme/photos', '//', '/%', '/%ff', '*', 'http://x/', 'http://[',
    '/\\', '/?%', '/.well-known/oauth-protected-resource/%', '/.well-known/oauth-protected-resource/t/%ff').map(latin1),
  fc.array(fc.integer({ min: 0x21, max: 0xff }), { maxLength: 20 }).map((array) => Buffer.concat([latin1('/'), Buffer.from(array)])),
)
const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'OPTIONS', 'HEAD', 'DELETE', 'PATCH', 'QUERY', 'get').map(latin1)
const line = (end: string) => (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [latin1(end), part])))

/** Requests that the HTTP parser takes, with any bytes that a field may hold; and heads that are damaged anywhere. */
const proper = fc.tuple(
  fc.tuple(method, target, fc.constant(latin1('HTTP/1.1'))).map(line(' ')),
  fc.constant(latin1('Host: api.example.com')), fc.constant(latin1('Connection: close')),
  fc.oneof(header(fieldBytes(40)), damaged(credentials, fieldBytes(4)).map((value) => Buffer.concat([latin1('Authorization: '), value]))),
  fc.oneof(header(fieldBytes(20)), credentials.map((value) => Buffer.concat([latin1('Authorization: '), value])), fc.constant(latin1('A: b'))),
).map(line('\r\n')).map((head) => Buffer.concat([head, latin1('\r\n\r\n')]))
const request = fc.oneof({ weight: 3, arbitrary: proper }, damaged(proper, bytes(6)), bytes(200))

/** Sends it all, half-closes, and reads what comes until the other side closes. */
function exchange(port: number, sent: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('no end within 5 s')), 5000)
    socket.on('data', (chunk) => received.push(chunk)).on('end', () => socket.destroy())
    // A server may reset what is no HTTP at all.
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error)))
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(received).toString('latin1'))
    })
    socket.end(sent)
  })
}

describe('over a socket, on each adapter', () => {
  let apps: readonly App[]
  beforeAll(async () => {
    apps = await Promise.all([options, several].flatMap((from) => adapters.map((start) => start(from))))
  })
  afterAll(() => Promise.all(apps.map((app) => app.close())))

  it('no bytes get through to a handler, and none get an answer of 2xx, 3xx or 5xx', async () => {
    const statuses = new Map<string, number>()
    await fc.assert(fc.asyncProperty(request, async (sent) => {
      await Promise.all(apps.map(async (app) => {
        const received = await exchange(app.port, sent)
        for (const [, status = ''] of received.matchAll(/(?:^|\r\n)HTTP\/1\.1 (\d{3}) /g)) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          expect(status, `${app.name} answered ${received}`).toMatch(/^(?:4\d\d|100)$/)
        }
        expect(app.served(), app.name).toBe(0)
      }))
    }), runs(125))
    expect(statuses.get('401')).toBeGreaterThan(100)
  }, patience)

  it('and the same bytes undamaged do', async () => {
    const token = await issuer.token({ aud: [resource, `${resource}/admin`] })
    const sent = latin1(`GET /admin/photos HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    for (const app of apps) expect(await exchange(app.port, sent), app.name).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('in process', () => {
  const asking = { resource, authorizationServers: [{ issuer: issuer.issuer, introspection: issuer.introspection }], fetch: issuer.fetch }
  const guards = [options, several, { ...options, preflight: 'pass' as const }, asking].map((from) => createResourceGuard(from))
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }),
    fieldBytes(40).map((buffer) => buffer.toString('latin1')), damaged(credentials, bytes(4)).map((buffer) => buffer.toString('latin1')),
    fc.stringMatching(/^Bearer [A-Za-z0-9\-._~+/]{0,20}={0,2}$/))
  const url = fc.oneof(text, text.map((rest) => `/${rest}`), text.map((rest) => `https://api.example.com/${rest}`),
    text.map((rest) => `/.well-known/oauth-protected-resource/${rest}`))

  it('no text makes the guard reject, and none lets somebody in', async () => {
    const fields = fc.dictionary(fc.constantFrom('authorization', 'origin', 'if-none-match', 'access-control-request-headers'), text)
    await fc.assert(fc.asyncProperty(text, url, fields, async (verb, target, headers) => {
      for (const guard of guards) {
        const outcome = await guard.handle({ method: verb, url: target, headers: { get: (name) => headers[name] ?? null } })
        if (outcome.kind !== 'reply') throw new Error(`${outcome.kind}, not a reply`)
        expect(outcome.status).toSatisfy((status: number) => status >= 400 && status < 500)
        for (const [name, value] of outcome.headers) expect([name, value].join()).toMatch(/^[\x20-\x7e]*$/)
      }
    }), runs(750))
  }, patience)
})
