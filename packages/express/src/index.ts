import {
  asResourceGuard, checkScopes, ConfigurationError, fromNode, hasLeft, isListHeader, passFurther, passThrough, principalIn, whileHeld,
} from '@resource-guard/core'
import type { AccessRequest, NeededScopes, Passage, Principal, Reply, ResourceGuard, ResourceGuardOptions } from '@resource-guard/core'
import type { Request } from 'express'
import type { ServerResponse } from 'node:http'

export { ConfigurationError, createResourceGuard, memoryStore, StoreError } from '@resource-guard/core'
export type { AuthorizationServer, IsRevoked, Principal, Problem, RefusalContext, ResourceGuard, ResourceGuardOptions, Store } from '@resource-guard/core'

declare global {
  namespace Express {
    interface Request {
      /** Who is calling. Undefined where no guard ran, or where it let the request through open; `principalOf(req)` is never undefined. */
      principal?: Principal | undefined
    }
  }
}

const passage = Symbol('resource-guard')
/** It stands on the request's own array of headers: on a request of Express each property more costs microseconds (docs/performance.md). */
type Passing = Express.Request & { readonly rawHeaders: readonly string[] & { [passage]?: Passage } }
const passageOf = (req: Express.Request): Passage | undefined => (req as Partial<Passing>).rawHeaders?.[passage]

/** A RequestHandler without type parameters: those of a route stay what its path says, `req.params` above all. */
type Middleware = (req: Express.Request, res: Sendable, next: (error?: unknown) => void) => void
type Scopes = [scope: string, ...more: string[]]
type Sendable = ServerResponse & { append(name: string, value: string): unknown }

/**
 * Guards every route that is defined after it: only requests with an access token for this API reach them, and
 * `principalOf(req)` says who is calling. The guard sends refusals itself; they never reach the application's error handler.
 *
 * ```ts
 * app.use(resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }))
 * ```
 *
 * Mount it at the root, because it also answers the metadata of RFC 9728 §3. Under a path, or on a single route, every
 * request ends in a ConfigurationError unless the options say `metadata: 'elsewhere'`. Throws a ConfigurationError for wrong options.
 */
export function resourceGuard(from: ResourceGuardOptions | ResourceGuard): Middleware {
  const guard = asResourceGuard(from)
  const guardRequest = caught(async (req, res, next) => {
    if (guard.servesMetadata) checkMount(req, guardRequest)
    settle(req, res, next, await whileHeld(req, passThrough(guard, accessRequest(req))))
  })
  return guardRequest
}

/**
 * Lets a request pass whose token has every one of these scopes, else 403 `insufficient_scope` (RFC 6750 §3.1).
 * Throws a ConfigurationError for no scope, and for what is not one; without a guard in front, each request ends in one.
 *
 * ```ts
 * app.get('/photos', requireScope('photos:read'), (req, res) => res.json(photosOf(principalOf(req).subject)))
 * ```
 */
export const requireScope = (...scopes: Scopes): Middleware => demand(checkScopes('requireScope', scopes))

/** The same for any one of these scopes. The challenge names the first alone, because a client asks for all it is told: put that one first. */
export const requireAnyScope = (...scopes: Scopes): Middleware => demand({ anyOf: checkScopes('requireAnyScope', scopes) })

const demand = (needed: NeededScopes): Middleware =>
  caught(async (req, res, next) => settle(req, res, next, await whileHeld(req, passFurther(passageOf(req), req.principal, needed))))

/** Nothing is done where nobody waits for it any more: the client has left, or other middleware has answered. */
function settle(req: Passing & Request, res: Sendable, next: () => void, passed: Reply | Passage): void {
  if (res.writableEnded || hasLeft(req)) return
  if ('status' in passed) return send(res, passed)
  req.principal = passed.principal
  req.rawHeaders[passage] = passed
  next()
}

/** Who is calling. Throws a ConfigurationError if no guard ran, or if it let the request through open: there is nobody then. */
export const principalOf = (req: Express.Request): Principal => principalIn(passageOf(req), req.principal)

/**
 * The metadata of RFC 9728 alone, for a guard that says `metadata: 'elsewhere'`. Mount it at the root, before any guard.
 *
 * ```ts
 * app.use(resourceMetadata(options))
 * app.use('/api', resourceGuard({ ...options, metadata: 'elsewhere' }))
 * ```
 */
export function resourceMetadata(from: ResourceGuardOptions | ResourceGuard): Middleware {
  const guard = asResourceGuard(from)
  return caught(async (req, res, next) => {
    const metadata = await whileHeld(req, guard.metadata(accessRequest(req)))
    return metadata ? send(res, metadata) : next()
  })
}

/** Express 4 does not see to rejections itself. */
const caught = (handler: (req: Request, res: Sendable, next: () => void) => Promise<void>): Middleware => (req, res, goOn) => {
  handler(req as Request, res, goOn).catch(goOn)
}

/** The path is the one that the router dispatches on, which earlier middleware may have rewritten: not `originalUrl`. */
const accessRequest = (req: Request): AccessRequest =>
  fromNode(req, req.baseUrl + (plain.test(req.url) ? req.url : req.path + (/\?.*/s.exec(req.url)?.[0] ?? '')))

const plain = /^\/[!-"$-~]*$/ // Of these URLs, `req.path` is all that stands before the question mark.

/** `req.route` stays set after a route has called `next()`, so it is this handler that is looked for in it. */
function checkMount(req: Request, handler: Middleware): void {
  if (req.baseUrl === '' && !req.route?.stack.some((layer: { handle: unknown }) => layer.handle === handler)) return
  const seen = req.baseUrl || 'a single route'
  throw new ConfigurationError('resourceGuard', `cannot see the well-known path from ${seen}: use app.use(resourceGuard(…)) `
    + "without a path, or say metadata: 'elsewhere' and put app.use(resourceMetadata(…)) at the root")
}

function send(res: Sendable, reply: Reply): void {
  res.statusCode = reply.status
  for (const [name, value] of reply.headers) {
    if (isListHeader(name)) res.append(name, value)
    else res.setHeader(name, value)
  }
  res.end(reply.body)
}
