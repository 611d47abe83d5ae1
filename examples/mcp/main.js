// @ts-check
// `node examples/mcp/main.js`: the same MCP server behind the guard, on five platforms and two SDKs, an authorization server,
// and the official client, which is told nothing but a URL. Exits 0 only if everything went as told.
// `node examples/mcp/main.js --serve` starts the first server, for clients of your own, and the authorization server.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { startAuthorizationServer } from './authorization-server.js'
import { browse, createNotesClient } from './client.js'
import { toolScopes } from './notes.js'
import { notesOnExpressV1 } from './servers/express-v1.js'
import { notesOnExpressV2 } from './servers/express-v2.js'
import { notesOnFastifyV1 } from './servers/fastify-v1.js'
import { notesOnFastifyV2 } from './servers/fastify-v2.js'
import { notesOnFetchV1 } from './servers/fetch-v1.js'
import { notesOnFetchV2 } from './servers/fetch-v2.js'
import { notesOnHonoV1 } from './servers/hono-v1.js'
import { notesOnHonoV2 } from './servers/hono-v2.js'
import { notesOnNodeV1 } from './servers/node-v1.js'
import { notesOnNodeV2 } from './servers/node-v2.js'

const starts = { notesOnExpressV2, notesOnExpressV1, notesOnFastifyV2, notesOnFastifyV1, notesOnHonoV2, notesOnHonoV1, notesOnNodeV2, notesOnNodeV1, notesOnFetchV2, notesOnFetchV1 }
const serving = process.argv.includes('--serve')

const { issuer, server: authorizationServer } = await startAuthorizationServer({
  port: await freePort(4410),
  scopes: ['notes:read', 'notes:write'],
  isResource: (resource) => /^http:\/\/127\.0\.0\.1:\d+\/mcp$/.test(resource),
})

for (const [index, [name, start]] of Object.entries(starts).entries()) {
  const port = await freePort(4411 + index)
  const url = `http://127.0.0.1:${port}/mcp`
  const server = await start({
    resource: url,
    authorizationServers: [issuer],
    challengeScopes: ['notes:read'],
    scopesSupported: ['notes:read', 'notes:write'],
    scopeImplies: { 'notes:write': ['notes:read'] },
    toolScopes,
    ...(serving && { onRefused: (problem, { request, status }) => console.log(request?.method, request?.url, status, problem.reason) }),
  }, port)
  if (!server.listening) await once(server, 'listening')
  if (serving) {
    console.log(`MCP server ${url}, authorization server ${issuer}; Ctrl-C ends them`)
    break
  }

  const refused = await fetch(url, { method: 'POST' })
  assert.equal(refused.status, 401)
  assert.equal(refused.headers.get('www-authenticate'), `Bearer resource_metadata="http://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp", scope="notes:read"`)

  for (const mode of /** @type {const} */ (['legacy', 'auto'])) {
    const client = createNotesClient(url, mode, browse)
    assert.equal(await client.call('list_notes'), 'no notes')
    assert.equal(client.asked.length, 1)
    assert.match(client.asked[0] ?? '', /^notes:read( offline_access)?$/, 'the client asks for what the challenge says')
    assert.equal(await client.call('add_note', { note: 'buy milk' }), 'noted')
    assert.equal(client.asked.length, 2, 'the client steps up once')
    assert.match(client.asked[1] ?? '', /notes:write/)
    assert.equal(await client.call('list_notes'), 'buy milk')
    assert.equal(client.asked.length, 2, 'a broader scope does for a narrower one')
  }
  console.log(`${name}: 401, registration, code and PKCE, a note refused, stepped up and written, each client with its own notes`)
  server.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
}
if (!serving) authorizationServer.close().closeAllConnections()

/** The port, or any free one if somebody else has it. */
async function freePort(/** @type {number} */ preferred) {
  const probe = createServer()
  try {
    await once(probe.listen(preferred, '127.0.0.1'), 'listening')
  } catch {
    await once(probe.listen(0, '127.0.0.1'), 'listening')
  }
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  await once(probe.close(), 'close')
  return port
}
