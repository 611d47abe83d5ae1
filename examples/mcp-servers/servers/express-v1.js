// @ts-check
import { protectMcp } from '@resource-guard/mcp/express'
import express from 'express'
import { nodeSessions } from '../sessions.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnExpressV1(options, port = 0) {
  const app = express()
  app.use(protectMcp(options))

  const transportOf = nodeSessions()
  app.all('/mcp', (req, res) => transportOf(req.get('mcp-session-id')).then((transport) => transport.handleRequest(req, res, req.body)))

  return app.listen(port, '127.0.0.1')
}
