import type { ResourceGuardOptions } from './options.js'
import type { Principal } from './principal.js'
import type { AccessRequest } from './request/access-request.js'
import type { Reply } from './response/reply.js'

/** What became of a request. */
export type Outcome =
  /** Run the handler: every check has passed. */
  | { readonly kind: 'granted'; readonly principal: Principal }
  /** Run the handler **without a principal**: only under `outside: 'pass'` or `preflight: 'pass'`. */
  | { readonly kind: 'open' }
  /** Send this and nothing else; the handler must not run. */
  | ({ readonly kind: 'reply' } & Reply)

/** What a route asks for, where the adapter knows the route before the guard runs. */
export interface Route {
  /** Every one of these scopes is needed, else 403 `insufficient_scope`. */
  readonly scopes?: readonly string[]
}

/** Framework-free: an adapter reads a request, calls `handle`, and does what the Outcome says. */
export interface ResourceGuard {
  /** Decides about one request. Never rejects and never throws, whatever the request holds. */
  handle(request: AccessRequest, route?: Route): Promise<Outcome>
  /**
   * Decides about scopes that become known after `handle`. `undefined` means yes; otherwise the 403 to send.
   * Throws a ConfigurationError for a principal that this guard did not make, and for what is not a scope.
   */
  authorize(principal: Principal, scopes: readonly string[], request?: AccessRequest): Reply | undefined
  /** Answers the RFC 9728 well-known paths of this guard's resources, also where `metadata` is `'elsewhere'`; `undefined` for every other path. Never rejects. */
  metadata(request: AccessRequest): Promise<Reply | undefined>
  /** False under `metadata: 'elsewhere'`. */
  readonly servesMetadata: boolean
  /** Fetches metadata and keys of every issuer that is known without a request, so that the first request need not wait. Rejects with what failed; requests are served all the same. */
  ready(): Promise<void>
}

/** Makes a guard. Throws a ConfigurationError for anything wrong in the options. No network is used until the first token, or `ready()`. */
export declare function createResourceGuard(options: ResourceGuardOptions): ResourceGuard

/** A guard, from a guard or from what one is made of: adapters take either. */
export declare function asResourceGuard(from: ResourceGuard | ResourceGuardOptions): ResourceGuard
