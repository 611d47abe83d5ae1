import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromNode, hasLeft, isListHeader, passThrough, whileHeld, type Reply } from '@resource-guard/core'
import { jsonRpcError } from './json-rpc.js'
import { asMcpGuard, type McpGuard } from './mcp-guard.js'
import { admit, refuseCalls, type McpMessage } from './node-message.js'
import type { McpOptions } from './options.js'

export type { McpMessage } from './node-message.js'

const failed = jsonRpcError(500, -32_603, 'Internal error')

/** What `toNodeHandler` of SDK v2 makes, and what a `StreamableHTTPServerTransport` of either SDK can be wrapped in. */
export type McpListener = (req: McpMessage, res: ServerResponse, parsedBody?: unknown) => unknown

/**
 * Puts a Node listener behind the guard: it gets only requests with an access token for this MCP server, with `req.auth` for the SDK.
 *
 * ```ts
 * createServer(protectMcp(toNodeHandler(handler), options)).listen(3000)
 * ```
 *
 * Under `toolScopes` the guard has read the body: the listener finds it, parsed, in its third argument and in `req.body`, and
 * must not read the stream again. Throws a ConfigurationError for wrong options.
 *
 * A listener that throws or rejects does not end the process, and its client does not wait forever: the answer is 500, or the
 * connection is closed where an answer has begun. Its error is printed by `console.error`, as Express does, and goes no further:
 * catch in the listener what you want to log otherwise. What `protectMcp` returns never rejects.
 */
export function protectMcp(
  listener: McpListener,
  from: McpOptions | McpGuard,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const guard = asMcpGuard(from)
  const answer = async (req: McpMessage, res: ServerResponse): Promise<void> => {
    const passed = await whileHeld(req, passThrough(guard, fromNode(req, req.url)))
    if (res.writableEnded || hasLeft(req)) return
    if ('status' in passed) return sendReply(res, passed)
    const { principal } = passed
    if (principal) {
      const refusal = await refuseCalls(guard, principal, req)
      if (refusal) return sendReply(res, refusal)
      admit(guard, principal, req, res)
    }
    await listener(req, res, req.body)
  }
  return async (req, res) => {
    try {
      await answer(req as McpMessage, res)
    } catch (error) {
      // oxlint-disable-next-line no-console -- there is no framework here that would say so
      console.error(error)
      if (res.headersSent) res.destroy()
      else sendReply(res, failed)
    }
  }
}

/** Sends a Reply, beside what is set already. */
export function sendReply(res: ServerResponse, reply: Reply): void {
  res.statusCode = reply.status
  for (const [name, value] of reply.headers) {
    if (isListHeader(name)) res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
  res.end(reply.body)
}
