// @ts-check
import { protectMcp } from '@resource-guard/mcp/fastify'
import fastify from 'fastify'
import { nodeSessions } from '../sessions.js'

/** @param {import('@resource-guard/mcp').McpOptions} options */
export async function notesOnFastifyV1(options, port = 0) {
  const app = fastify()
  await app.register(protectMcp, options)

  const transportOf = nodeSessions()
  app.all('/mcp', async (request, reply) => {
    const transport = await transportOf(request.headers['mcp-session-id'])
    // What hooks have set, those of @fastify/cors above all, would be lost.
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')
    reply.hijack()
    await transport.handleRequest(request.raw, reply.raw, request.body)
  })

  await app.listen({ port, host: '127.0.0.1' })
  return app.server
}
