// @ts-check
import { serve } from '@hono/node-server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp/hono'
import { Hono } from 'hono'
import { notesV2 } from '../notes.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnHonoV2(options, port = 0) {
  const handler = createMcpHandler(notesV2)
  const app = new Hono()
    .use(protectMcp(options))
    .all('/mcp', (c) => handler.fetch(c.req.raw, { authInfo: c.var.authInfo }))

  return serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
}
