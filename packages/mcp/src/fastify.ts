import { fromNode, isListHeader } from '@resource-guard/core'
import { resourceGuard } from '@resource-guard/fastify'
import type { FastifyInstance } from 'fastify'
import { parsedJson } from './body.js'
import { asMcpGuard, type McpGuard } from './mcp-guard.js'
import { admit } from './node-message.js'
import type { McpOptions } from './options.js'

/**
 * Guards an MCP server on Fastify: its routes get only requests with an access token for it, with `request.raw.auth` for the
 * SDK, and `request.principal`.
 *
 * ```ts
 * await app.register(protectMcp, options)
 * app.all('/mcp', async (request, reply) => {
 *   for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')   // those of @fastify/cors
 *   reply.hijack()
 *   await nodeHandler(request.raw, reply.raw, request.body)
 * })
 * ```
 *
 * It is `resourceGuard` of `@resource-guard/fastify` and more: register it on the root instance; `config.scope`,
 * `config.public` and `principalOf` are there for other routes. Registration rejects with a ConfigurationError for wrong options.
 */
export const protectMcp = inPlace(async (app: FastifyInstance, from: McpOptions | McpGuard): Promise<void> => {
  const guard = asMcpGuard(from)
  await app.register(resourceGuard, guard)
  app.addHook('onRequest', async (request, reply) => {
    if (request.principal) admit(guard, request.principal, request.raw, reply.raw)
  })
  if (!guard.judgesTools) return
  app.addHook('preHandler', async (request, reply) => {
    if (!request.principal || request.method !== 'POST') return undefined
    const body = parsedJson(request.body)
    const asked = fromNode(request.raw, request.raw.url ?? '/')
    const refusal = 'reply' in body ? body.reply : guard.authorizeCalls(request.principal, body.json, asked)
    if (!refusal) return undefined
    reply.code(refusal.status)
    for (const [name, value] of refusal.headers) {
      const present = isListHeader(name) ? reply.getHeader(name) : undefined
      reply.header(name, present === undefined ? value : [present, value].flat())
    }
    return reply.send(Buffer.from(refusal.body))
  })
})

/** Fastify's mark for a plugin whose hooks hold for the instance that registers it. */
function inPlace<P extends object>(plugin: P): P {
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true })
}
