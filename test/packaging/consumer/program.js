// @ts-check
// Runs on Node, Bun and Deno in a folder where nothing but the packages is installed. Guards the same small API with each
// adapter, asks it, and prints what it saw as one line of JSON. `--web-crypto` hides node:crypto before the guard is loaded.
import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { createTestIssuer } from '@resource-guard/testing'
import { algorithms, checkGuardedApi, resource } from './checks.js'

if (process.argv.includes('--web-crypto')) Reflect.deleteProperty(process, 'getBuiltinModule')

let webCryptoChecks = 0
const { verify } = crypto.subtle
crypto.subtle.verify = (...given) => {
  webCryptoChecks += 1
  return verify.apply(crypto.subtle, given)
}

const [core, express, fastify, hono, fetchHandler, mcp, { default: createExpress }, { default: createFastify }, { Hono }] = await Promise.all([
  import('@resource-guard/core'), import('@resource-guard/express'), import('@resource-guard/fastify'), import('@resource-guard/hono'),
  import('@resource-guard/fetch'), import('@resource-guard/mcp'), import('express'), import('fastify'), import('hono'),
])
const issuer = await (await createTestIssuer({ algorithms })).listen()
const options = { resource, authorizationServers: [issuer.issuer] }

/** @type {Record<string, () => Promise<number>>} */
const apis = {
  async core() {
    const guard = core.createResourceGuard(options)
    return checkGuardedApi(async (path, headers = {}) => {
      const outcome = await guard.handle(new Request(`https://api.example.com${path}`, { headers }))
      if (outcome.kind !== 'reply') return new Response(outcome.kind === 'granted' ? outcome.principal.subject : null)
      return new Response(outcome.body, { status: outcome.status, headers: outcome.headers.map(([name, value]) => [name, value]) })
    }, issuer)
  },
  async express() {
    const app = createExpress()
    app.use(express.resourceGuard(options))
    app.get('/photos', (request, response) => void response.send(express.principalOf(request).subject))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    return overHttp(port)
  },
  async fastify() {
    const app = createFastify()
    await app.register(fastify.resourceGuard, options)
    app.get('/photos', (request, reply) => void reply.send(fastify.principalOf(request).subject))
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    return overHttp(Number(new URL(address).port))
  },
  async hono() {
    const app = new Hono().use(hono.resourceGuard(options)).get('/photos', (c) => c.text(c.var.principal.subject ?? ''))
    return checkGuardedApi(async (path, headers = {}) => app.request(`https://api.example.com${path}`, { headers }), issuer)
  },
  async fetch() {
    const handler = fetchHandler.resourceGuard(options)((_request, principal) => new Response(principal.subject))
    return checkGuardedApi((path, headers = {}) => handler(new Request(`https://api.example.com${path}`, { headers })), issuer)
  },
  async mcp() {
    const handler = mcp.protectMcp((_request, { principal }) => new Response(principal?.subject), options)
    return checkGuardedApi((path, headers = {}) => handler(new Request(`https://api.example.com${path}`, { headers })), issuer)
  },
}

/** @param {number} port */
async function overHttp(port) {
  const checks = await checkGuardedApi((path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers }), issuer)
  const good = `Authorization: Bearer ${await issuer.token({ aud: resource })}\r\n`
  // RFC 9110 §5.3: a runtime that joins or drops the second line must not make one good line of two.
  const statuses = [await statusOf(port, good), await statusOf(port, good + good), await statusOf(port, `Authorization: Bearer abc\r\n${good}`)]
  if (statuses.join() !== '200,400,400') throw new Error(`one and two Authorization lines: expected 200,400,400, received ${statuses.join()}`)
  return checks + statuses.length
}

/** @param {number} port @param {string} lines */
async function statusOf(port, lines) {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET /photos HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${lines}\r\n`)
  const [chunk] = await once(socket, 'data')
  socket.destroy()
  return Number(String(chunk).split(' ')[1])
}

/** @type {Record<string, number>} */
const checks = {}
/** @type {Record<string, string>} */
const failures = {}
for (const [name, run] of Object.entries(apis)) {
  try {
    checks[name] = await run()
  } catch (error) {
    failures[name] = error instanceof Error ? error.message : String(error)
  }
}
// Some of it listens still: runtimes differ on when a server with idle connections is closed.
process.stdout.write(`${JSON.stringify({ checks, failures, engine: webCryptoChecks > 0 ? 'jose' : 'node:crypto' })}\n`, () => process.exit(0))
