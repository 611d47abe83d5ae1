// @ts-check
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp/express'
import express from 'express'
import { notesV2 } from '../notes.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnExpressV2(options, port = 0) {
  const app = express()
  app.use(protectMcp(options))

  const handler = toNodeHandler(createMcpHandler(notesV2))
  app.all('/mcp', (req, res) => handler(req, res, req.body))

  return app.listen(port, '127.0.0.1')
}
