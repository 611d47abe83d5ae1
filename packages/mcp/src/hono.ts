import { isListHeader, type GuardOptions, type PrincipalUnder } from '@resource-guard/core'
import { resourceGuard, type Guarded, type Principal } from '@resource-guard/hono'
import type { MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { AuthInfo } from './auth-info.js'
import { asMcpGuard, type McpGuard } from './mcp-guard.js'
import type { McpOptions } from './options.js'
import { refuseWebCalls, withoutAuthorization } from './web-request.js'

type GuardContext = Parameters<ReturnType<typeof resourceGuard>>[0]

/** The variables of a guarded app. */
export interface GuardedMcp<P extends Principal | undefined = Principal | undefined> extends Guarded<P> {
  /** For the SDK. Undefined where the options let a request through open. */
  authInfo: P extends Principal ? AuthInfo : undefined
  /** The same, where `@hono/mcp` looks for it. */
  auth: P extends Principal ? AuthInfo : undefined
}

/**
 * Guards an MCP server on Hono: behind it come only requests with an access token for it, with `c.var.authInfo` to hand to
 * the SDK, and `c.var.principal`.
 *
 * ```ts
 * const app = new Hono()
 *   .use(protectMcp(options))
 *   .all('/mcp', (c) => handler.fetch(c.req.raw, { authInfo: c.var.authInfo }))
 * ```
 *
 * It is `resourceGuard` of `@resource-guard/hono` and more: use it at the root; `requireScope` and `principalOf` are
 * there for other routes. Throws a ConfigurationError for wrong options.
 */
export function protectMcp(guard: McpGuard): MiddlewareHandler<{ Variables: GuardedMcp }>
export function protectMcp<
  const Outside extends GuardOptions['outside'] & string = 'refuse',
  const Preflight extends GuardOptions['preflight'] & string = 'guard',
>(
  options: McpOptions & { readonly outside?: Outside; readonly preflight?: Preflight },
): MiddlewareHandler<{ Variables: GuardedMcp<PrincipalUnder<Outside | Preflight>> }>
export function protectMcp(from: McpOptions | McpGuard): MiddlewareHandler<{ Variables: GuardedMcp }> {
  const guard = asMcpGuard(from)
  const guardRequest = resourceGuard(guard)
  return (c, next) =>
    guardRequest(c as unknown as GuardContext, async () => {
      const principal = c.get('principal')
      if (!principal) return next()
      const request = c.req.raw
      const refusal = await refuseWebCalls(guard, principal, request)
      if (refusal) {
        for (const [name, value] of refusal.headers) c.header(name, value, { append: isListHeader(name) })
        c.res = c.newResponse(refusal.body || null, refusal.status as StatusCode)
        return
      }
      const authInfo = guard.authInfoOf(principal, request.headers.get('authorization'))
      c.set('authInfo', authInfo)
      c.set('auth', authInfo)
      if (!guard.exposesToken) c.req.raw = withoutAuthorization(request)
      await next()
      const session = c.res.headers.get('mcp-session-id')
      if (session !== null) guard.bindSession(session, principal, request)
    })
}
