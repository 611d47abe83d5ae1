import { ConfigurationError } from './configuration-error.js'
import type { Principal } from './principal.js'
import type { AccessRequest } from './request/access-request.js'
import type { ResourceGuard } from './resource-guard.js'

/** What an adapter keeps with a request that was granted, under a key of its own that no other middleware can know. */
export interface Passage {
  readonly guard: ResourceGuard
  readonly request: AccessRequest
  readonly principal: Principal
}

/**
 * The passage of a request, for `principalOf` and `requireScope`. `attached` is what handlers see as its principal. Throws a
 * ConfigurationError if there is no passage (no guard ran, or it let the request through open), and if `attached` is not the
 * guard's principal any more.
 */
export function checkPassage(passage: Passage | undefined, attached: unknown): Passage {
  if (passage === undefined) {
    throw new ConfigurationError(
      'resourceGuard',
      'let nobody in here: it must stand before this handler; and where it lets requests through open '
        + '(a public route, "pass" in its options), handlers must ask whether there is a principal',
    )
  }
  if (attached !== passage.principal) {
    throw new ConfigurationError('resourceGuard', 'is not the only one that sets the principal of this request: the other middleware must use another name')
  }
  return passage
}

/** A handler's principal, under what the options say in `outside` and `preflight`: never undefined unless one of them may be `'pass'`. */
export type PrincipalUnder<Opening> = 'pass' extends Opening ? Principal | undefined : Principal
