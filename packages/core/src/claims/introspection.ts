import { judgeBy, rfc9068 } from './rfc9068.js'
import type { Claims, Expectation, JudgedClaim, ReplyRuleSet, Rule } from './rule.js'
import { readScopes } from './scope.js'
import { problem, type Problem } from '../response/problem.js'

/** Judged as in a JWT, where it is there: RFC 7662 §2.2 requires no claim but `active`. */
const wherePresent = (claim: JudgedClaim, nameOf: (expected: Expectation) => string = () => claim): Rule => (claims, expected, now) =>
  claims[nameOf(expected)] === undefined ? undefined : rfc9068[claim](claims, expected, now)

/**
 * The claims of an introspection reply (RFC 7662 §2.2). `active` must be true and nothing like it, and something must say that
 * the token is for this resource. Not checked here: `cnf`, and whether scopes suffice.
 */
export const introspectionReply: ReplyRuleSet = {
  active: ({ active }) => (active === true ? undefined : problem('token_inactive')),
  iss: wherePresent('iss'),
  aud: (claims, expected, now) => (claims['aud'] === undefined && proves(claims, expected) ? undefined : rfc9068.aud(claims, expected, now)),
  token_type: (claims) =>
    isAccessTokenType(claims) ? undefined : problem('type_mismatch', { claim: 'token_type', actual: claims['token_type'], expected: 'Bearer' }),
  exp: wherePresent('exp'),
  nbf: wherePresent('nbf'),
  iat: wherePresent('iat'),
  sub: wherePresent('sub'),
  client_id: wherePresent('client_id', ({ clientIdClaim }) => clientIdClaim),
  jti: wherePresent('jti'),
  scope: rfc9068.scope,
}

const judge = judgeBy(Object.values(introspectionReply))

/** The first problem of a reply. What it quotes is the issuer's word. */
export function judgeReply(claims: Claims, expected: Expectation, now: number): Problem | undefined {
  const found = judge(claims, expected, now)
  return found === undefined ? undefined : { ...found, verified: true }
}

/** Whether something else than `aud`, of which the issuer's description says that it can, proves that the token is for this resource. */
function proves(claims: Claims, { audienceProof: proof, clientIdClaim, scopeClaim }: Expectation): boolean {
  switch (proof?.kind) {
    case 'issuer':
      return true
    case 'scope':
      return readScopes(claims, scopeClaim)?.includes(proof.scope) ?? false
    case 'clients':
      return proof.clientIds.includes(claims[clientIdClaim] as string)
    default:
      return false
  }
}

/**
 * `token_type` as RFC 6749 §5.1 has it, in any case, or the plain `access_token` that some issuers say; never that of a refresh
 * token. `DPoP` and a key thumbprint in `cnf` go together (RFC 9449 §6.2): one without the other is no reply to believe.
 */
function isAccessTokenType({ token_type: type, cnf }: Claims): boolean {
  if (type === undefined) return true
  const bound = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf
  switch (typeof type === 'string' ? type.toLowerCase() : undefined) {
    case 'bearer':
      return !bound
    case 'access_token':
      return true
    case 'dpop':
      return bound
    default:
      return false
  }
}
