// @ts-check
import { serve } from '@hono/node-server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp'
import { notesV2 } from '../notes.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export function notesOnFetchV2(options, port = 0) {
  const fetch = protectMcp(createMcpHandler(notesV2), options)

  return serve({ fetch, port, hostname: '127.0.0.1' })
}
