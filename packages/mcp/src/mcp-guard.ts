import { ConfigurationError, createResourceGuard, printable } from '@resource-guard/core'
import type { AccessRequest, Outcome, Principal, Reply, ResourceGuard } from '@resource-guard/core'
import { createAuthInfo, type AuthInfo } from './auth-info.js'
import { checkBoundary } from './boundary.js'
import { jsonRpcError } from './json-rpc.js'
import { splitOptions, type BlockedReason, type McpOptions } from './options.js'
import { isAnybody, principalKey } from './principal-key.js'
import { createSessions, type Sessions } from './sessions.js'
import { scopesFor } from './tool-scopes.js'

/** A ResourceGuard, with what an MCP server needs beside it. */
export interface McpGuard extends ResourceGuard {
  /** What tool handlers see of a principal. `authorization` is the header of its request, read only under `exposeToken`. */
  authInfoOf(principal: Principal, authorization: string | null | undefined): AuthInfo
  /** Decides about the tools that a JSON-RPC message, or a batch, calls: `undefined` means yes, else it is what to send. */
  authorizeCalls(principal: Principal, body: unknown, request?: AccessRequest): Reply | undefined
  /**
   * Binds the session of a response to the principal that it is for. Not one that the request itself carried: that was opened
   * before, perhaps by somebody else and before a restart, and echoing it must not give it away.
   */
  bindSession(id: string, principal: Principal, request: AccessRequest): void
  /** Whether bodies have to be read for `authorizeCalls`. */
  readonly judgesTools: boolean
  /** Whether the server may see the access token (`exposeToken`). If not, take `Authorization` off the request before it does. */
  readonly exposesToken: boolean
}

/** How many sessions are remembered, and how many of them may be one principal's. */
const mostSessions = 10_000
const mostSessionsOfOne = 100

const blocked: Readonly<Record<BlockedReason, Reply>> = {
  host_not_allowed: jsonRpcError(403, -32_000, 'Requests for this host are not served here.'),
  origin_not_allowed: jsonRpcError(403, -32_000, 'Requests from this origin are not served here.'),
  // As an unknown session is answered, so that nobody learns which there are.
  session_of_another: jsonRpcError(404, -32_001, 'Session not found'),
}

/**
 * Makes the guard of an MCP server, to share between several `protectMcp`, or to ask for its `health()`. It decides in this order:
 * metadata, `Host` and `Origin`, the token, the session. Throws a ConfigurationError for anything wrong in the options.
 */
export function createMcpGuard(options: McpOptions): McpGuard {
  const { guard: guardOptions, settings } = splitOptions(options)
  const { boundary, toolScopes, exposesToken, bindsSessions, onBlocked } = settings
  const guard = createResourceGuard(guardOptions)

  const block = (reason: BlockedReason, request: AccessRequest): Outcome => {
    try {
      const result: unknown = onBlocked?.(reason, printable(request))
      if (result instanceof Promise) result.catch(() => {})
    } catch {
      // An observer has no say.
    }
    return { kind: 'reply', ...blocked[reason], ...(request.method === 'HEAD' && { body: '' }) }
  }

  return {
    ...guard,
    handle: async (request, route) => {
      const metadata = guard.servesMetadata ? await guard.metadata(request) : undefined
      if (metadata !== undefined) return { kind: 'reply', ...metadata }
      const foreign = checkBoundary(boundary, request)
      if (foreign !== undefined) return block(foreign, request)
      const outcome = await guard.handle(request, route)
      const session = bindsSessions && outcome.kind === 'granted' ? request.headers.get('mcp-session-id') : null
      if (session === null || outcome.kind !== 'granted' || sessionsOf(outcome.principal).mayUse(session, ownerOf(outcome.principal))) return outcome
      return block('session_of_another', request)
    },
    authInfoOf: (principal, authorization) =>
      createAuthInfo(principal, guard.grantOf(principal), exposesToken ? authorization?.replace(/^\S+ +/, '') : undefined),
    authorizeCalls: (principal, body, request) => {
      const scopes = scopesFor(toolScopes, body)
      return scopes.length === 0 ? undefined : guard.authorize(principal, scopes, request)
    },
    bindSession: (id, principal, request) => {
      // A header that is there twice is read as one list, whichever of them the server takes.
      const carried = request.headers.get('mcp-session-id')?.includes(id)
      if (bindsSessions && !carried) sessionsOf(principal).open(id, ownerOf(principal))
    },
    judgesTools: toolScopes.size > 0,
    exposesToken,
  }
}

/** Of this process, by the resource: guards of one server know the same sessions, however each is configured, as where each method has its own. */
const sessionsAt = new Map<string, Sessions>()

function sessionsOf({ resource }: Principal): Sessions {
  const sessions = sessionsAt.get(resource) ?? createSessions(mostSessions, mostSessionsOfOne)
  sessionsAt.set(resource, sessions)
  return sessions
}

/** `undefined` is nobody, and has no sessions. */
const ownerOf = (principal: Principal): string | undefined => (isAnybody(principal) ? undefined : principalKey(principal))

/** A guard, from a guard or from what one is made of. */
export function asMcpGuard(from: McpGuard | McpOptions): McpGuard {
  if (typeof from !== 'object' || from === null || !('handle' in from)) return createMcpGuard(from)
  if (!('authInfoOf' in from)) throw new ConfigurationError('options', 'is a guard of createResourceGuard: make it with createMcpGuard(options)')
  return from
}
