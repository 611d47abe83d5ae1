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
}

/** Judges one claim. `now` is in seconds since the epoch. */
export type Rule = (claims: Claims, expected: Expectation, now: number) => Problem | undefined

/** The claims that a JWT access token is judged by (RFC 9068 §2.2, RFC 7519 §4.1). A set of rules without one of them does not compile. */
export type JudgedClaim = 'iss' | 'aud' | 'exp' | 'nbf' | 'iat' | 'sub' | 'client_id' | 'jti' | 'scope'

export type RuleSet = Readonly<Record<JudgedClaim, Rule>>
