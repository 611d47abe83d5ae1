import { asResourceGuard, checkScopes, ConfigurationError, isListHeader, passFurther, passThrough, principalIn, printable } from '@resource-guard/core'
import type { GuardOptions, NeededScopes, Passage, Principal, PrincipalUnder, Reply, ResourceGuard, ResourceGuardOptions } from '@resource-guard/core'
import type { Context, MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'

export { ConfigurationError, createResourceGuard, memoryStore, StoreError } from '@resource-guard/core'
export type { AuthorizationServer, IsRevoked, Principal, Problem, RefusalContext, ResourceGuard, ResourceGuardOptions, Store } from '@resource-guard/core'

/** The variables of a guarded app, where handlers are not chained to the guard: `new Hono<{ Variables: Guarded }>()`. */
export interface Guarded<P extends Principal | undefined = Principal | undefined> {
  principal: P
}

const passage = Symbol('resource-guard')
type Passing = Context & { [passage]?: Passage | undefined }

/**
 * Guards every route that is defined after it: only requests with an access token for this API reach them, and
 * `c.var.principal` says who is calling. It is typed `Principal`, or `Principal | undefined` where the options let requests
 * through open, or cannot be seen (a guard from `createResourceGuard`).
 *
 * ```ts
 * const app = new Hono()
 *   .use(resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }))
 *   .get('/me', (c) => c.text(c.var.principal.subject ?? ''))
 * ```
 *
 * Mount it at the root, because it also answers the metadata of RFC 9728 §3. Under a path, every request ends in a
 * ConfigurationError unless the options say `metadata: 'elsewhere'`. It cannot notice that it stands in an app that is mounted by
 * `app.mount`, and sees nothing but `/` under `app.use('/', …)`. Throws a ConfigurationError for wrong options. Judged is
 * the path of the request's URL: an application with a `getPath` of its own must not make another resource's path of it.
 */
export function resourceGuard(guard: ResourceGuard): MiddlewareHandler<{ Variables: Guarded }>
export function resourceGuard<
  const Outside extends GuardOptions['outside'] & string = 'refuse',
  const Preflight extends GuardOptions['preflight'] & string = 'guard',
>(
  options: ResourceGuardOptions & { readonly outside?: Outside; readonly preflight?: Preflight },
): MiddlewareHandler<{ Variables: Guarded<PrincipalUnder<Outside | Preflight>> }>
export function resourceGuard(from: ResourceGuardOptions | ResourceGuard): MiddlewareHandler {
  const guard = asResourceGuard(from)
  return async (c, next) => {
    if (guard.servesMetadata) checkMount(c.req.routePath)
    return settle(c, next, await passThrough(guard, printable(c.req.raw)))
  }
}

/**
 * Lets a request pass whose token has every one of these scopes, else 403 `insufficient_scope` (RFC 6750 §3.1).
 * Throws a ConfigurationError for no scope, and for what is not one; without a guard in front, each request ends in one.
 *
 * ```ts
 * app.get('/photos', requireScope('photos:read'), (c) => c.json(photosOf(c.var.principal.subject)))
 * ```
 */
export const requireScope = (...scopes: [scope: string, ...more: string[]]): MiddlewareHandler<{ Variables: Guarded<Principal> }> =>
  demand(checkScopes('requireScope', scopes))

/**
 * Lets a request pass whose token has any one of these scopes, else 403 `insufficient_scope`. A client asks for whatever the
 * challenge names, so it names the first alone: put the one to ask for first. Throws as `requireScope` does.
 */
export const requireAnyScope = (...scopes: [scope: string, ...more: string[]]): MiddlewareHandler<{ Variables: Guarded<Principal> }> =>
  demand({ anyOf: checkScopes('requireAnyScope', scopes) })

const demand = (needed: NeededScopes): MiddlewareHandler<{ Variables: Guarded<Principal> }> => async (c, next) => {
  return settle(c as Context, next, await passFurther((c as Passing)[passage], c.get('principal'), needed))
}

async function settle(c: Passing, next: () => Promise<void>, passed: Reply | Passage): Promise<Response | void> {
  if ('status' in passed) return answer(c, passed)
  c[passage] = passed
  c.set('principal', passed.principal)
  await next()
}

/** Who is calling. Throws a ConfigurationError if no guard ran, or if it let the request through open: there is nobody then. */
export const principalOf = (c: Context): Principal => principalIn((c as Passing)[passage], c.get('principal'))

/**
 * The metadata of RFC 9728 alone, for a guard that says `metadata: 'elsewhere'`. Mount it at the root, before any guard.
 *
 * ```ts
 * app.use(resourceMetadata(options))
 * app.use('/api/*', resourceGuard({ ...options, metadata: 'elsewhere' }))
 * ```
 */
export function resourceMetadata(from: ResourceGuardOptions | ResourceGuard): MiddlewareHandler {
  const guard = asResourceGuard(from)
  return async (c, next) => {
    const metadata = await guard.metadata(c.req.raw)
    if (metadata) return answer(c, metadata)
    await next()
  }
}

/** The path is the one that the guard was registered under: with that of a sub-app, of `basePath`, and of `use` itself. */
function checkMount(path: string): void {
  if (path === '/*' || path === '*') return
  throw new ConfigurationError(
    'resourceGuard',
    `cannot see the well-known path from "${path}": use app.use(resourceGuard(…)) on the root app, without a path, `
      + `or say metadata: 'elsewhere' and put app.use(resourceMetadata(…)) there`,
  )
}

/** Built through the context: of a plain Response Hono would replace the headers that earlier middleware has set too. */
function answer(c: Context, reply: Reply): Response {
  for (const [name, value] of reply.headers) c.header(name, value, { append: isListHeader(name) })
  return c.newResponse(reply.body === '' ? null : reply.body, reply.status as StatusCode)
}
