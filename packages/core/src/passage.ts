import type { NeededScopes } from './claims/scope.js'
import { ConfigurationError } from './configuration-error.js'
import type { Principal } from './principal.js'
import type { AccessRequest } from './request/access-request.js'
import type { ResourceGuard, Route } from './resource-guard.js'
import type { Reply } from './response/reply.js'
import { endOfTurn } from './turn.js'

/** What an adapter keeps with a request that a guard has let through, under a key of its own that no other middleware can know. */
export interface Passage {
  readonly guard: ResourceGuard
  readonly request: AccessRequest
  /** Undefined for a request that was let through open. */
  readonly principal: Principal | undefined
}

/**
 * Has the guard decide about a request: the reply to send, or what to keep with the request, in the place of what a guard before has said of it.
 *
 * What is let through goes on after this turn of the event loop, so that requests that arrived together are all judged before the first of
 * them is answered: each kind of work then finds its code in the processor's caches, which under load saves more than most else (decision 025).
 */
export async function passThrough(guard: ResourceGuard, request: AccessRequest, route?: Route): Promise<Reply | Passage> {
  const outcome = await guard.handle(request, route)
  if (outcome.kind === 'reply') return outcome
  await endOfTurn?.()
  return { guard, request, principal: outcome.kind === 'granted' ? outcome.principal : undefined }
}

/**
 * The same for `requireScope`, on what was kept. A request that was let through open does not stay so: it is judged now, as one to a
 * route that asks for somebody. Rejects as `principalIn` throws where no guard ran.
 */
export async function passFurther(passage: Passage | undefined, attached: unknown, scopes: NeededScopes): Promise<Reply | Passage> {
  const kept = checkPassage(passage, attached)
  const { guard, request, principal } = kept
  if (principal === undefined) return passThrough(guard, request, { scopes })
  return guard.authorize(principal, scopes, request) ?? kept
}

/**
 * Who is calling, for `principalOf`. `attached` is what handlers see as the principal. Throws a ConfigurationError if no guard ran,
 * if it let the request through open, and if `attached` is not the guard's principal any more.
 */
export function principalIn(passage: Passage | undefined, attached: unknown): Principal {
  const { principal } = checkPassage(passage, attached)
  if (principal === undefined) throw nobody()
  return principal
}

function checkPassage(passage: Passage | undefined, attached: unknown): Passage {
  if (passage === undefined) throw nobody()
  if (attached !== passage.principal) {
    throw new ConfigurationError('resourceGuard', 'is not the only one that sets the principal of this request: the other middleware must use another name')
  }
  return passage
}

const nobody = (): ConfigurationError =>
  new ConfigurationError(
    'resourceGuard',
    'let nobody in here: it must stand before this handler; and where it lets requests through open '
      + '(a public route, "pass" in its options), handlers must ask whether there is a principal',
  )

/** A handler's principal, under what the options say in `outside` and `preflight`: never undefined unless one of them may be `'pass'`. */
export type PrincipalUnder<Opening> = 'pass' extends Opening ? Principal | undefined : Principal
