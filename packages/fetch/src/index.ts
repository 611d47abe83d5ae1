import { asResourceGuard, checkObject, checkScopes, passFurther, passThrough, principalIn } from '@resource-guard/core'
import type { GuardOptions, NeededScopes, Passage, Principal, PrincipalUnder, Reply, ResourceGuard, ResourceGuardOptions } from '@resource-guard/core'

export { ConfigurationError, createResourceGuard, memoryStore, StoreError } from '@resource-guard/core'
export type { AuthorizationServer, IsRevoked, Principal, Problem, RefusalContext, ResourceGuard, ResourceGuardOptions, Store } from '@resource-guard/core'

/** A handler behind the guard. `extra` is whatever else the platform passes: Next.js' context, Workers' `env` and `ctx`. */
export type GuardedHandler<R extends Request, P, Extra extends readonly unknown[]> = (request: R, principal: P, ...extra: Extra) => Response | Promise<Response>

/** A handler as platforms call it. */
export type FetchHandler<R extends Request, Extra extends readonly unknown[]> = (request: R, ...extra: Extra) => Promise<Response>

/** Puts a handler behind the guard; with `scope`, every one of these scopes is needed too, else 403 `insufficient_scope`. */
export interface Guarded<P> {
  <R extends Request, Extra extends readonly unknown[]>(
    handler: GuardedHandler<R, Principal, Extra>,
    route: { readonly scope: string | readonly string[] },
  ): FetchHandler<R, Extra>
  <R extends Request, Extra extends readonly unknown[]>(handler: GuardedHandler<R, P, Extra>): FetchHandler<R, Extra>
}

const passage = Symbol('resource-guard')
type Passing = Request & { [passage]?: Passage | undefined }

/**
 * Guards handlers of a Request: they run only with an access token for this API, and are told who is calling. `principal` is
 * typed `Principal`, or `Principal | undefined` where the options let requests through open, or cannot be seen (a guard from
 * `createResourceGuard`). What a handler returns or throws is passed on untouched. Throws a ConfigurationError for wrong options.
 *
 * ```ts
 * const guarded = resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] })
 * export default { fetch: guarded((request, principal) => Response.json(photosOf(principal.subject))) }
 * ```
 *
 * The guard also answers the metadata of RFC 9728 §3, if it is asked for that path. In Next.js each file sees its own path
 * only, which the guard cannot notice: say `metadata: 'elsewhere'` there, export `GET = guarded(handler, { scope: 'photos:read' })`,
 * and serve the metadata from a file of its own, as `resourceMetadata` shows.
 */
export function resourceGuard(guard: ResourceGuard): Guarded<Principal | undefined>
export function resourceGuard<
  const Outside extends GuardOptions['outside'] & string = 'refuse',
  const Preflight extends GuardOptions['preflight'] & string = 'guard',
>(
  options: ResourceGuardOptions & { readonly outside?: Outside; readonly preflight?: Preflight },
): Guarded<PrincipalUnder<Outside | Preflight>>
export function resourceGuard(from: ResourceGuardOptions | ResourceGuard): Guarded<Principal | undefined> {
  const guard = asResourceGuard(from)
  return <R extends Request, Extra extends readonly unknown[]>(
    handler: GuardedHandler<R, Principal, Extra> | GuardedHandler<R, Principal | undefined, Extra>,
    demanded: { readonly scope?: string | readonly string[] } = {},
  ): FetchHandler<R, Extra> => {
    checkObject('route', demanded, { scope: true })
    const route = Object.keys(demanded).length === 0 ? {} : { scopes: checkScopes('scope', [demanded.scope].flat()) }
    return async (request: R & Passing, ...extra) => {
      const passed = await passThrough(guard, request, route)
      if ('status' in passed) return respond(passed)
      request[passage] = passed
      return handler(request, passed.principal as Principal, ...extra)
    }
  }
}

/**
 * A handler for requests whose token has every one of these scopes; the others get 403 `insufficient_scope` (RFC 6750 §3.1).
 * For a router inside a guarded handler. Throws a ConfigurationError for no scope, and for what is not one; called outside
 * the guard, each call ends in one.
 *
 * ```ts
 * guarded(requireScope('photos:read', (request, principal) => Response.json(photosOf(principal.subject))))
 * ```
 */
export function requireScope<R extends Request, Extra extends readonly unknown[]>(
  scope: string | readonly string[],
  handler: GuardedHandler<R, Principal, Extra>,
): DemandingHandler<R, Extra> {
  return demand(checkScopes('requireScope', [scope].flat()), handler)
}

/** The same for any one of these scopes. The challenge names the first alone, because a client asks for all it is told: put that one first. */
export function requireAnyScope<R extends Request, Extra extends readonly unknown[]>(
  scopes: readonly string[],
  handler: GuardedHandler<R, Principal, Extra>,
): DemandingHandler<R, Extra> {
  return demand({ anyOf: checkScopes('requireAnyScope', scopes) }, handler)
}

/** Finds the principal with the request by itself. */
export type DemandingHandler<R extends Request, Extra extends readonly unknown[]> = (request: R, principal?: Principal, ...extra: Extra) => Promise<Response>

const demand = <R extends Request, Extra extends readonly unknown[]>(
  needed: NeededScopes, handler: GuardedHandler<R, Principal, Extra>,
): DemandingHandler<R, Extra> => async (incoming: R & Passing, _principal, ...extra) => {
  const passed = await passFurther(incoming[passage], incoming[passage]?.principal, needed)
  if ('status' in passed) return respond(passed)
  incoming[passage] = passed
  return handler(incoming, passed.principal as Principal, ...extra)
}

/** Who is calling. Throws a ConfigurationError if no guard ran, or if it let the request through open: there is nobody then. */
export const principalOf = (request: Passing): Principal => principalIn(request[passage], request[passage]?.principal)

/**
 * The metadata of RFC 9728 alone, for a guard that says `metadata: 'elsewhere'`; 404 for every other path. In Next.js:
 *
 * ```ts
 * // app/.well-known/oauth-protected-resource/[[...resource]]/route.ts
 * export const GET = resourceMetadata(options)
 * export { GET as HEAD, GET as OPTIONS }
 * ```
 */
export function resourceMetadata(from: ResourceGuardOptions | ResourceGuard): (request: Request) => Promise<Response> {
  const guard = asResourceGuard(from)
  return async (request) => respond((await guard.metadata(request)) ?? { status: 404, headers: [], body: '' })
}

/** A Response to 204 or 304 must not have a body, not even an empty one (Fetch, "initialize a response"). */
function respond({ status, headers, body }: Reply): Response {
  return new Response(body === '' ? null : body, { status, headers: headers.map(([name, value]): [string, string] => [name, value]) })
}
