// @ts-check
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServerV2, requireScopes } from '@modelcontextprotocol/server'
import { principalKey, principalOf } from '@resource-guard/mcp'
import * as z from 'zod'

// Notes of whoever calls: nothing here knows about tokens, and nobody can reach another's notes.

/** @type {Map<string, string[]>} */
const notes = new Map()
const text = (/** @type {string} */ value) => ({ content: [{ type: /** @type {const} */ ('text'), text: value }] })

/** @param {import('@resource-guard/mcp').ToolContext} context what SDK v1 calls `extra`, and v2 `ctx` */
const mine = (context) => {
  const key = principalKey(principalOf(context))
  return notes.get(key) ?? notes.set(key, []).get(key) ?? []
}
const list = (/** @type {import('@resource-guard/mcp').ToolContext} */ context) => text(mine(context).join(', ') || 'no notes')
const add = (/** @type {string} */ note, /** @type {import('@resource-guard/mcp').ToolContext} */ context) => {
  mine(context).push(note)
  return text('noted')
}

/** What each tool needs, for the guard to see to. */
export const toolScopes = { add_note: ['notes:write'] }

/** On SDK v1. */
export function notesV1() {
  const server = new McpServerV1({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', { description: 'Lists your notes.' }, (extra) => list(extra))
  server.registerTool('add_note', { description: 'Adds a note.', inputSchema: { note: z.string() } }, ({ note }, extra) => add(note, extra))
  return server
}

/** On SDK v2, whose tools can also say themselves what they need: it is answered in the same way. */
export function notesV2() {
  const server = new McpServerV2({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', { description: 'Lists your notes.' }, (ctx) => list(ctx))
  server.registerTool('add_note', {
    description: 'Adds a note.',
    inputSchema: z.object({ note: z.string() }),
    scopeChallenge: requireScopes('notes:write'),
  }, ({ note }, ctx) => add(note, ctx))
  return server
}
