import { claimedIssuer, isJwtShaped, isToken68 } from './format.js'
import type { TokenClaims, Trust, TrustedIssuer, Verifier } from './verifier.js'
import type { Claims, Rule } from '../claims/rule.js'
import { isProblem, problem, type Problem } from '../response/problem.js'

export interface IntrospectionSettings {
  /** What JWTs are verified by. */
  readonly verifyJwt: Verifier
  /** The rules for a reply. */
  readonly judgeReply: Rule
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Decides who judges a token. What is shaped like a JWT is verified here, and only then perhaps asked about, at its own issuer; nothing that
 * was refused here is asked about. What is not goes to the one issuer that recognises it, and to no other: the token may be alive.
 */
export function createTokenVerifier({ verifyJwt, judgeReply, now: clock }: IntrospectionSettings): Verifier {
  const merged = new WeakMap<object, TokenClaims>()

  return (token, trust, now) => (trust.introspecting.length === 0 ? verifyJwt(token, trust, now) : verify(token, trust, now))

  async function verify(token: string, trust: Trust, now: number): Promise<TokenClaims | Problem> {
    const candidates = candidatesFor(token, trust)
    if (candidates !== undefined) {
      if (!isToken68(token)) return problem('credentials_malformed')
      const issuer = theOne(candidates, token)
      return isProblem(issuer) ? issuer : introspect(token, issuer, now, undefined)
    }
    const verified = await verifyJwt(token, trust, now)
    return isProblem(verified) || verified.issuer.introspector?.when !== 'always' ? verified : introspect(token, verified.issuer, now, verified.claims)
  }

  /** Asks the issuer, and holds its reply to the rules on every request. Of a JWT, `jwt` are its claims. */
  async function introspect(token: string, issuer: TrustedIssuer, now: number, jwt: Claims | undefined): Promise<TokenClaims | Problem> {
    const judge = (reply: Claims, at: number): Problem | undefined => {
      const read = issuer.audienceProof?.kind === 'jwt' && jwt !== undefined ? { aud: jwt['aud'], ...reply } : reply
      return judgeReply(read, namedAsIn(reply, issuer), at)
    }
    const answer = await (issuer.introspector as NonNullable<TrustedIssuer['introspector']>).ask(token, (reply) => judge(reply, now) === undefined)
    if (isProblem(answer)) return answer
    // The answer may have taken its time.
    return judge(answer.claims, Math.max(now, clock() / 1000)) ?? tokenOf(answer.claims, issuer, jwt)
  }

  /** A remembered reply gives the same object each time, and so the same principal. */
  function tokenOf(reply: Claims, issuer: TrustedIssuer, jwt: Claims | undefined): TokenClaims {
    const known = merged.get(reply)
    if (known?.jwt === jwt && known?.issuer.identity === issuer.identity) return known
    const claims = jwt === undefined ? reply : Object.freeze({ ...jwt, ...reply, exp: earlier(jwt['exp'], reply['exp']) })
    const token = { claims, issuer: namedAsIn(reply, issuer), jwt }
    merged.set(reply, token)
    return token
  }
}

/** The issuers of which one may be asked about this token; undefined for a token to be verified as a JWT. */
function candidatesFor(token: string, { issuers, introspecting }: Trust): readonly TrustedIssuer[] | undefined {
  if (!isJwtShaped(token)) return introspecting
  const opaque = introspecting.filter((issuer) => issuer.opaque)
  if (opaque.length === 0) return undefined
  const iss = claimedIssuer(token)
  if (iss === undefined) return opaque
  const named = issuers.get(iss as string)
  return named?.opaque === true ? [named] : undefined
}

function theOne(candidates: readonly TrustedIssuer[], token: string): TrustedIssuer | Problem {
  let recognised: readonly TrustedIssuer[]
  try {
    recognised = candidates.filter(({ introspector }) => introspector?.recognises(token) === true)
  } catch {
    return problem('introspection_unavailable', { detail: 'recognises threw' })
  }
  const [issuer] = recognised
  if (issuer === undefined || recognised.length > 1) {
    return problem('issuer_untrusted', { detail: `${recognised.length} of the issuers here recognise this token, and it has to be one` })
  }
  return issuer
}

/** Each was judged: a JWT has one, and a reply may. */
const earlier = (own: unknown, said: unknown): number => Math.min(own as number, (said ?? Infinity) as number)

/** RFC 7662 §2.2 names the members for client and scopes, whatever they are called in the issuer's JWTs; those are read where the reply has none. */
const namedAsIn = (reply: Claims, issuer: TrustedIssuer): TrustedIssuer => ({
  ...issuer,
  clientIdClaim: reply['client_id'] === undefined ? issuer.clientIdClaim : 'client_id',
  scopeClaim: reply['scope'] === undefined ? issuer.scopeClaim : 'scope',
})
