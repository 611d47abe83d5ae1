import { resourceGuard } from '@resource-guard/express'
import type { ServerResponse } from 'node:http'
import { asMcpGuard, type McpGuard } from './mcp-guard.js'
import { admit, refuseCalls, type McpMessage } from './node-message.js'
import { sendReply } from './node.js'
import type { McpOptions } from './options.js'

type Middleware = ReturnType<typeof resourceGuard>

/**
 * Guards an MCP server on Express: behind it come only requests with an access token for it, with `req.auth` for the SDK, and
 * `req.principal`.
 *
 * ```ts
 * app.use(protectMcp(options))
 * app.all('/mcp', express.json(), (req, res) => nodeHandler(req, res, req.body))
 * ```
 *
 * It is `resourceGuard` of `@resource-guard/express` and more: mount it at the root, or say `metadata: 'elsewhere'` and give both it and
 * `resourceMetadata` one guard from `createMcpGuard`;
 * `requireScope` and `principalOf` are there for other routes. Keep `express.json()` behind it or away: in front, bodies are
 * read, and refused, before anybody is asked for a token. Under `toolScopes` the guard reads the body itself: hand on
 * `req.body`. Throws a ConfigurationError for wrong options.
 */
export function protectMcp(from: McpOptions | McpGuard): Middleware[] {
  const guard = asMcpGuard(from)
  const admitted: Middleware = async (req, res, next) => {
    try {
      if (req.principal) {
        const message = req as unknown as McpMessage
        const refusal = await refuseCalls(guard, req.principal, message)
        if (refusal) return sendReply(res as ServerResponse, refusal)
        admit(guard, req.principal, message, res as ServerResponse)
      }
      return next()
    } catch (error) {
      return next(error)
    }
  }
  return [resourceGuard(guard), admitted]
}
