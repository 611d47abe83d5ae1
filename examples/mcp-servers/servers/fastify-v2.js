// @ts-check
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp/fastify'
import fastify from 'fastify'
import { notesV2 } from '../notes.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export async function notesOnFastifyV2(options, port = 0) {
  const app = fastify()
  await app.register(protectMcp, options)

  const handler = toNodeHandler(createMcpHandler(notesV2))
  app.all('/mcp', async (request, reply) => {
    // What hooks have set, those of @fastify/cors above all, would be lost.
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')
    reply.hijack()
    await handler(request.raw, reply.raw, request.body)
  })

  await app.listen({ port, host: '127.0.0.1' })
  return app.server
}
