// An introspection endpoint (RFC 7662) in a process of its own, so that its work is not timed as a contender's: node introspection-endpoint.js <issuer>.
import { createServer } from 'node:http'
import { audience, client, introspectedTokens } from './introspected-tokens.js'

if (!process.send) throw new Error('introspection-endpoint.js is started by the benchmark')

const [issuer] = process.argv.slice(2)
let calls = 0

/** What is said of a token goes by the word that it begins with. */
function replyTo(token) {
  const now = Math.floor(Date.now() / 1000)
  const difference = introspectedTokens[token.split('-')[0]]?.(now)
  if (difference === undefined) return { active: false }
  return {
    active: true, iss: issuer, aud: audience, sub: 'd1a1f3b5-7c0e-4a86-9a52-52f2f3a1c0de', client_id: 's6BhdRkqt3', token_type: 'Bearer', iat: now, exp: now + 7200,
    scope: 'photos:read photos:write profile', ...difference,
  }
}

/** RFC 6749 §2.3.1: both halves are form-urlencoded, and how much of them is escaped is up to the caller. */
function isClient(authorization = '') {
  const [id, secret] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString().split(':').map(decodeURIComponent)
  return id === client.id && secret === client.secret
}

const server = createServer(async (request, response) => {
  calls++
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const known = request.method === 'POST' && isClient(request.headers.authorization)
  response.writeHead(known ? 200 : 401, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(known ? replyTo(new URLSearchParams(body).get('token') ?? '') : { error: 'invalid_client' }))
})
// Connections are kept for good: a contender must not find one closed that it was about to use.
Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 })
server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () => process.send?.({ port: server.address().port }))
process.on('message', () => process.send?.({ calls }))
process.on('disconnect', () => process.exit())
