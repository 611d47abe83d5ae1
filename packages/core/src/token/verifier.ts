import type { Claims, Expectation } from '../claims/rule.js'
import type { Problem } from '../response/problem.js'
import type { Introspector } from './introspector.js'
import type { KeySource } from './keys.js'

/** One issuer, as one resource trusts it. */
export interface TrustedIssuer extends Expectation {
  readonly algorithms: ReadonlySet<string>
  /** Media types in lower case, without `application/`; `undefined` stands for a token without `typ`. */
  readonly types: ReadonlySet<string | undefined>
  readonly keys: KeySource
  /** Asks this issuer about tokens; undefined where it is not to be asked. */
  readonly introspector: Introspector | undefined
  /** Stands for this issuer at this resource where it is remembered, and holds nothing of it. */
  readonly identity: object
  /** No token of this issuer is a JWT, whatever it looks like. */
  readonly opaque: boolean
}

/** The issuers of the resource that a token is presented at, by `iss`. */
export type TrustedIssuers = ReadonlyMap<string, TrustedIssuer>

/** Who is trusted where a token is presented. */
export interface Trust {
  readonly issuers: TrustedIssuers
  /** Those of them that are asked about opaque tokens. */
  readonly introspecting: readonly TrustedIssuer[]
}

/** What a token says, all of it verified and validated, and who vouches for it. */
export interface TokenClaims {
  readonly claims: Claims
  readonly issuer: TrustedIssuer
  /** What a JWT says itself, where `claims` have those of its introspection reply in their place. */
  readonly jwt?: Claims | undefined
  /** Not one that was remembered: what is made of it is not worth keeping yet. */
  readonly isNew?: boolean
}

export type Verdict = TokenClaims | Problem

/** Turns an access token into claims, or says why not; without a promise where it knows at once. `now` is in seconds since the epoch. */
export type Verifier = (token: string, trust: Trust, now: number) => Verdict | Promise<Verdict>
