// @ts-check
import assert from 'node:assert/strict'
import { once } from 'node:events'
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
import { freePort } from '../free-port.js'

/** @typedef {typeof notesOnExpressV2 | typeof notesOnFastifyV2 | typeof notesOnHonoV2} Start */

/** @type {Readonly<Record<string, Start>>} */
export const servers = {
  'Express, SDK v2': notesOnExpressV2, 'Express, SDK v1': notesOnExpressV1,
  'Fastify, SDK v2': notesOnFastifyV2, 'Fastify, SDK v1': notesOnFastifyV1,
  'Hono, SDK v2': notesOnHonoV2, 'Hono, SDK v1': notesOnHonoV1,
  'node:http, SDK v2': notesOnNodeV2, 'node:http, SDK v1': notesOnNodeV1,
  'fetch, SDK v2': notesOnFetchV2, 'fetch, SDK v1': notesOnFetchV1,
}

/** An authorization server where clients register themselves, for MCP servers on 127.0.0.1. */
export const startNotesIssuer = async () => startAuthorizationServer({
  port: await freePort(4410),
  scopes: ['notes:read', 'notes:write'],
  isResource: (resource) => /^http:\/\/127\.0\.0\.1:\d+\/mcp$/.test(resource),
})

/** @param {Start} start @param {string} issuer @param {Partial<import('@resource-guard/mcp').McpOptions>} [more] */
export async function startNotes(start, issuer, preferredPort = 4411, more = {}) {
  const port = await freePort(preferredPort)
  const url = `http://127.0.0.1:${port}/mcp`
  const server = await start({
    resource: url,
    authorizationServers: [issuer],
    challengeScopes: ['notes:read'],
    scopesSupported: ['notes:read', 'notes:write'],
    scopeImplies: { 'notes:write': ['notes:read'] },
    toolScopes,
    ...more,
  }, port)
  if (!server.listening) await once(server, 'listening')
  return { url, server }
}

/**
 * The story of the official client, which is told nothing but a URL. Throws where it does not go as told.
 *
 * @param {string} url
 * @param {'legacy' | 'auto'} era of the protocol
 * @param {(line: string) => void} tell
 */
export async function playNotes(url, era, tell) {
  const refused = await fetch(url, { method: 'POST' })
  assert.equal(refused.status, 401)
  const metadataUrl = url.replace(/\/mcp$/, '/.well-known/oauth-protected-resource/mcp')
  assert.equal(refused.headers.get('www-authenticate'), `Bearer resource_metadata="${metadataUrl}", scope="notes:read"`)
  tell(`401 without a token, and where to read on: ${metadataUrl}`)

  const client = createNotesClient(url, era, browse)
  assert.equal(await client.call('list_notes'), 'no notes')
  assert.equal(client.asked.length, 1)
  assert.match(client.asked[0] ?? '', /^notes:read( offline_access)?$/, 'the client asks for what the challenge says')
  tell('the client registers itself, signs in with PKCE for the scope of the challenge, and lists its notes')

  assert.equal(await client.call('add_note', { note: 'buy milk' }), 'noted')
  assert.equal(client.asked.length, 2, 'the client steps up once')
  assert.match(client.asked[1] ?? '', /notes:write/)
  tell('403 for a tool that needs notes:write; the client asks for it and adds a note')

  assert.equal(await client.call('list_notes'), 'buy milk')
  assert.equal(client.asked.length, 2, 'a broader scope does for a narrower one')
  tell('notes:write implies notes:read, so that it can still list them; they are its own')
}
