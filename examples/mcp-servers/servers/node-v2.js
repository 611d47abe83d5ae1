// @ts-check
import { createServer } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp/node'
import { notesV2 } from '../notes.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnNodeV2(options, port = 0) {
  return createServer(protectMcp(toNodeHandler(createMcpHandler(notesV2)), options)).listen(port, '127.0.0.1')
}
