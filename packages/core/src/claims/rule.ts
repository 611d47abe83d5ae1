import type { OmittableClaim } from '../options.js'
import type { Problem } from '../response/problem.js'

export type Claims = Readonly<Record<string, unknown>>

/** What the claims of a token are held against: one issuer, at one target, now. */
export interface Expectation {
  readonly issuer: string
  /** The audiences that mean this resource. Never empty. */
  readonly audiences: ReadonlySet<string>
  /** Whether scheme and host of an audience are lower-cased before it is looked up. */
  readonly foldsAudienceHost: boolean
  readonly omits: ReadonlySet<OmittableClaim>
  readonly clientIdClaim: string
  readonly scopeClaim: string
  /** Seconds. */
  readonly clockTolerance: number
  /** What proves the audience where an introspection reply has no `aud`. Undefined: nothing does. */
  readonly audienceProof?: AudienceProof | undefined
}

/** What stands in for the audience in an introspection reply that names none. `jwt`: the token does, so the reply is not read alone. */
export type AudienceProof =
  | { readonly kind: 'jwt' | 'issuer' }
  | { readonly kind: 'scope'; readonly scope: string }
  | { readonly kind: 'clients'; readonly clientIds: readonly string[] }

/** For the log: a claim that issuers use in the place of one that is not there, and the option that says so. */
export function hintAt(claims: Claims, others: readonly string[], option: string): string | undefined {
  const other = others.find((name) => claims[name] !== undefined)
  return other && `the token has ${other}: perhaps ${option}: '${other}'`
}

/** Judges one claim. `now` is in seconds since the epoch. */
export type Rule = (claims: Claims, expected: Expectation, now: number) => Problem | undefined

/** The claims that a JWT access token is judged by (RFC 9068 §2.2, RFC 7519 §4.1). A set of rules without one of them does not compile. */
export type JudgedClaim = 'iss' | 'aud' | 'exp' | 'nbf' | 'iat' | 'sub' | 'client_id' | 'jti' | 'scope'

export type RuleSet = Readonly<Record<JudgedClaim, Rule>>

/** The same for an introspection reply (RFC 7662 §2.2). */
export type ReplyRuleSet = Readonly<Record<JudgedClaim | 'active' | 'token_type', Rule>>
