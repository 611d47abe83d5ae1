import type { Claims } from '../claims/rule.js'
import { problem, type Problem } from '../response/problem.js'

/**
 * A token with a `cnf` (RFC 7800 §3.1) is bound to a key, and whoever presents it has to prove that they hold the key. No proof can be
 * judged here yet, so such a token is refused: it must never pass as a plain bearer token (RFC 9449 §7.2, RFC 8705 §3).
 */
export const checkBinding = (claims: Claims): Problem | undefined =>
  claims['cnf'] === undefined ? undefined : problem('binding_required', { claim: 'cnf', verified: true })
