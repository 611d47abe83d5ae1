// @ts-check
import { serve } from '@hono/node-server'
import { protectMcp } from '@resource-guard/mcp/hono'
import { Hono } from 'hono'
import { webSessions } from '../sessions.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnHonoV1(options, port = 0) {
  const transportOf = webSessions()
  const app = new Hono()
    .use(protectMcp(options))
    .all('/mcp', async (c) => {
      const transport = await transportOf(c.req.header('mcp-session-id'))
      return transport.handleRequest(c.req.raw, { authInfo: c.var.authInfo })
    })

  return serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
}
