import { resourceGuard } from '@resource-guard/fetch'
import type { GuardOptions, Principal, Reply } from '@resource-guard/core'
import type { AuthInfo } from './auth-info.js'
import { asMcpGuard, type McpGuard } from './mcp-guard.js'
import type { McpOptions } from './options.js'
import { refuseWebCalls, withoutAuthorization } from './web-request.js'

/** What a handler is told beside the request. */
export interface McpCall {
  /** For the SDK. */
  readonly authInfo: AuthInfo
  readonly principal: Principal
}

/** Nothing, for a request that the options let through open (`outside`, `preflight`). */
export type McpCallUnder<Opening> = 'pass' extends Opening ? Partial<McpCall> : McpCall

/** What answers an MCP request. */
export type McpFetch<Call> = (request: Request, call: Call) => Response | Promise<Response>

/** An McpFetch; or an object with one, called as its method, like what `createMcpHandler` of SDK v2 makes. */
export type McpHandler<Call> = McpFetch<Call> | { readonly fetch: McpFetch<Call> }

/**
 * Puts a fetch handler behind the guard: it gets only requests with an access token for this MCP server, and is told who is calling.
 *
 * ```ts
 * export default { fetch: protectMcp(createMcpHandler(createServer), options) }                             // SDK v2
 * const fetch = protectMcp((request, { authInfo }) => transport.handleRequest(request, { authInfo }), options)   // SDK v1
 * ```
 *
 * What else the platform passes (`env`, `ctx`) does not reach the handler. Throws a ConfigurationError for wrong options.
 */
export function protectMcp(handler: McpHandler<Partial<McpCall>>, guard: McpGuard): (request: Request) => Promise<Response>
export function protectMcp<
  const Outside extends GuardOptions['outside'] & string = 'refuse',
  const Preflight extends GuardOptions['preflight'] & string = 'guard',
>(
  handler: McpHandler<McpCallUnder<Outside | Preflight>>,
  options: McpOptions & { readonly outside?: Outside; readonly preflight?: Preflight },
): (request: Request) => Promise<Response>
export function protectMcp(
  handler: McpHandler<Partial<McpCall>> | McpHandler<McpCall>,
  from: McpOptions | McpGuard,
): (request: Request) => Promise<Response> {
  const guard = asMcpGuard(from)
  const answer: McpFetch<any> = typeof handler === 'function' ? handler : (request, call) => handler.fetch(request, call)
  return resourceGuard(guard)<Request, readonly []>(async (request, principal) => {
    if (!principal) return answer(request, {})
    const refusal = await refuseWebCalls(guard, principal, request)
    if (refusal) return asResponse(refusal)
    const authInfo = guard.authInfoOf(principal, request.headers.get('authorization'))
    // Servers that are handed a Request alone look for it there.
    const seen = Object.assign(guard.exposesToken ? request : withoutAuthorization(request), { auth: authInfo })
    const response = await answer(seen, { authInfo, principal })
    const session = response.headers.get('mcp-session-id')
    if (session !== null) guard.bindSession(session, principal, request)
    return response
  })
}

const asResponse = ({ status, headers, body }: Reply): Response =>
  // A Response of 204 or 304 must have none, not an empty one.
  new Response(body || null, { status, headers: headers.map(([name, value]): [string, string] => [name, value]) })
