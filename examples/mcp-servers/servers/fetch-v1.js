// @ts-check
import { serve } from '@hono/node-server'
import { protectMcp } from '@resource-guard/mcp'
import { webSessions } from '../sessions.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnFetchV1(options, port = 0) {
  const transportOf = webSessions()
  const fetch = protectMcp(async (request, { authInfo }) => {
    const transport = await transportOf(request.headers.get('mcp-session-id'))
    return transport.handleRequest(request, { authInfo })
  }, options)

  return serve({ fetch, port, hostname: '127.0.0.1' })
}
