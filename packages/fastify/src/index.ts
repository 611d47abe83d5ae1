import {
  asResourceGuard, checkScopes, ConfigurationError, fromNode, hasLeft, isListHeader, passFurther, passThrough, principalIn, whileHeld,
} from '@resource-guard/core'
import type {
  AccessRequest, NeededScopes, NodeRequest, Passage, Principal, Reply, ResourceGuard, ResourceGuardOptions, Route, WaitingRequest,
} from '@resource-guard/core'
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

export { ConfigurationError, createResourceGuard, memoryStore, StoreError } from '@resource-guard/core'
export type { AuthorizationServer, IsRevoked, Principal, Problem, RefusalContext, ResourceGuard, ResourceGuardOptions, Store } from '@resource-guard/core'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling. Undefined on a public route, and where the guard let the request through open; `principalOf(request)` never is. */
    principal: Principal | undefined
  }
  interface FastifyContextConfig {
    /** Scopes that this route needs, every one of them; else 403 `insufficient_scope`. Read by the guard: without one it does nothing. */
    scope?: string | readonly string[]
    /** No token is asked for, and none is looked at. */
    public?: boolean
  }
}

const passage = Symbol('resource-guard')
/** What is used of a FastifyRequest and a FastifyReply, whatever their type parameters. */
interface Incoming { readonly raw: WaitingRequest; principal: Principal | undefined; [passage]?: Passage | undefined }
interface Outgoing {
  readonly sent: boolean
  hijack(): unknown
  code(status: number): unknown
  getHeader(name: string): unknown
  header(name: string, value: unknown): unknown
  send(body?: any): unknown
}
type Scopes = [scope: string, ...more: string[]]
type PreHandler = (request: Incoming, reply: Outgoing) => Promise<unknown>

/**
 * Guards every route of the instance, wherever it is defined, and the 404 handler: only requests with an access token for
 * this API reach them, and `principalOf(request)` says who is calling. Takes options, or a guard from `createResourceGuard`.
 *
 * ```ts
 * await app.register(resourceGuard, { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] })
 * app.get('/photos', { config: { scope: 'photos:read' } }, (request) => photosOf(principalOf(request).subject))
 * app.get('/health', { config: { public: true } }, () => 'ok')
 * ```
 *
 * Register it on the root instance, because it also answers the metadata of RFC 9728 §3. Registration rejects with a ConfigurationError in an
 * encapsulated plugin without `metadata: 'elsewhere'`, with a `prefix`, for a second guard on one instance, and for wrong options.
 */
export const resourceGuard = fastifyPlugin(async (app: FastifyInstance, from: ResourceGuardOptions | ResourceGuard): Promise<void> => {
  const guard = readGuard(from)
  if (guard.servesMetadata) checkRoot(app)
  if (app.hasRequestDecorator(passage)) {
    throw new ConfigurationError('resourceGuard', 'guards this instance already: give one guard all of them, { resources: […] }')
  }
  app.decorateRequest('principal', undefined).decorateRequest(passage, undefined)
  app.addHook('onRoute', ({ config }) => void demandOf(config))
  app.addHook('onRequest', async (incoming, reply) => {
    const request = accessRequest(incoming.raw, incoming.params)
    const demand = demandOf(incoming.routeOptions.config)
    if (demand === 'public') return send(reply, guard.servesMetadata ? await guard.metadata(request) : undefined)
    return settle(incoming, reply, await whileHeld(incoming.raw, passThrough(guard, request, demand)))
  })
}, { name: '@resource-guard/fastify', fastify: '5.x' })

/**
 * A preHandler that lets a request pass whose token has every one of these scopes, else 403 `insufficient_scope` (RFC 6750
 * §3.1): as `config.scope`, and loud where there is no guard. Throws a ConfigurationError for no scope, and for what is not one.
 */
export const requireScope = (...scopes: Scopes): PreHandler => demand(checkScopes('requireScope', scopes))

/** The same for any one of these scopes. The challenge names the first alone, because a client asks for all it is told: put that one first. */
export const requireAnyScope = (...scopes: Scopes): PreHandler => demand({ anyOf: checkScopes('requireAnyScope', scopes) })

const demand = (needed: NeededScopes): PreHandler => async (incoming, reply) =>
  settle(incoming, reply, await whileHeld(incoming.raw, passFurther(incoming[passage], incoming.principal, needed)))

/** The request ends here where nobody waits for it any more: the client has left, or another hook has answered. */
function settle<R extends Outgoing>(incoming: Incoming, reply: R, passed: Reply | Passage): R | undefined {
  if (reply.sent || hasLeft(incoming.raw)) {
    reply.hijack()
    return reply
  }
  if ('status' in passed) return send(reply, passed)
  incoming.principal = passed.principal
  incoming[passage] = passed
  return undefined
}

/** Who is calling. Throws a ConfigurationError if no guard ran, or if it let the request through open: there is nobody then. */
export const principalOf = (request: Incoming): Principal => principalIn(request[passage], request.principal)

/** The metadata of RFC 9728 alone, for guards that say `metadata: 'elsewhere'`. Register it on the root instance, before any of them. */
export const resourceMetadata = fastifyPlugin(async (app: FastifyInstance, from: ResourceGuardOptions | ResourceGuard): Promise<void> => {
  const guard = readGuard(from)
  checkRoot(app)
  app.addHook('onRequest', async (incoming, reply) => send(reply, await guard.metadata(accessRequest(incoming.raw, {}))))
}, { name: '@resource-guard/fastify/metadata', fastify: '5.x' })

/**
 * `raw.url` is what the router dispatches on, after `rewriteUrl`. It takes `/t/` for `/t/:tenant` with an empty tenant: two slashes at the
 * end say so to the guard, and are under no resource where there are tenants.
 */
function accessRequest(raw: NodeRequest & { readonly url?: string | undefined }, params: unknown): AccessRequest {
  const isEmpty = Object.entries(params ?? {}).some(([name, value]) => name !== '*' && value === '')
  return fromNode(raw, isEmpty ? (raw.url ?? '/').replace(/\/?(?=\?|$)/, '//') : raw.url ?? '/')
}

function demandOf(config: FastifyContextConfig = {}): Route | 'public' {
  const { scope, public: open = false } = config
  if (typeof open !== 'boolean') throw new ConfigurationError('config.public', 'must be true or false')
  if ('scopes' in config) throw new ConfigurationError('config.scopes', 'is spelt config.scope')
  if (!('scope' in config)) return open ? 'public' : {}
  if (open) throw new ConfigurationError('config.public', 'contradicts config.scope: drop one of them')
  return { scopes: checkScopes('config.scope', [scope].flat()) }
}

function readGuard(from: ResourceGuardOptions | ResourceGuard): ResourceGuard {
  if (from && 'prefix' in from) throw new ConfigurationError('prefix', 'has no effect on a guard: register it in the plugin that has the prefix')
  return asResourceGuard(from)
}

/** An encapsulated instance has the instance around it as its prototype. */
function checkRoot(app: FastifyInstance): void {
  if (!('register' in Object.getPrototypeOf(app))) return
  throw new ConfigurationError('resourceGuard', 'cannot see the well-known path from an encapsulated plugin: '
    + "register it on the root instance, or say metadata: 'elsewhere' and register resourceMetadata there")
}

/** An async hook that answers must return the reply, or Fastify goes on to the handler. To a string it would add a charset. */
function send<R extends Outgoing>(to: R, reply: Reply | undefined): R | undefined {
  if (reply === undefined) return undefined
  to.code(reply.status)
  for (const [name, value] of reply.headers) {
    const present = isListHeader(name) ? to.getHeader(name) : undefined
    to.header(name, present === undefined ? value : [present, value].flat())
  }
  to.send(reply.body === '' ? undefined : Buffer.from(reply.body))
  return to
}
