import type { GuardOptions, Introspection } from '@resource-guard/core'

/** What each of the four APIs is started with. */
export interface Settings {
  /** Scheme, host and port by which clients know the API. */
  readonly origin: string
  readonly issuer: string
  /** How the API asks the issuer about tokens that are not JWTs. */
  readonly introspection: Introspection
  /** Where it listens, on 127.0.0.1. */
  readonly port: number
  /** Seconds; 0 here, so that the story need not wait longer for a token to expire. */
  readonly clockTolerance: number
  /** What an operator would log. */
  readonly onRefused: NonNullable<GuardOptions['onRefused']>
}
