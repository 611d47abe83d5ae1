// @ts-check
import { createServer } from 'node:http'
import { protectMcp } from '@resource-guard/mcp/node'
import { nodeSessions } from '../sessions.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnNodeV1(options, port = 0) {
  const transportOf = nodeSessions()
  return createServer(protectMcp(async (req, res, body) => {
    const transport = await transportOf(req.headers['mcp-session-id'])
    await transport.handleRequest(req, res, body)
  }, options)).listen(port, '127.0.0.1')
}
