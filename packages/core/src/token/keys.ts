import type { Problem } from '../response/problem.js'
import type { VerificationKey } from './signature.js'

export type { KeyPolicy } from './key-policy.js'

/** An issuer's keys at one moment. Immutable. */
export interface KeySnapshot {
  /** The keys that are for this `alg`, one of those that the issuer is `allowed`, and, where the token names one, have this `kid`. */
  candidates(alg: string, kid: string | undefined, allowed: ReadonlySet<string>): readonly VerificationKey[]
  /** True if the key is in this snapshot. A key that stays the same from one snapshot to the next is the same object. */
  has(key: VerificationKey): boolean
}

/** Why newer keys are wanted: no key has the token's `kid`, or those that have it did not make the signature. */
export type ReloadCause = 'key_unknown' | 'signature_invalid'

/** Where one issuer's keys come from: the seam between verification and whatever keeps the keys current. */
export interface KeySource {
  /**
   * The keys that may be used now without waiting, if there are any. Cheap: for every request. Starts a refresh in the
   * background when one is due. `undefined` sends the request to `load()`.
   */
  snapshot(): KeySnapshot | undefined
  /** The keys, waiting for them where it must; else `keys_unavailable`. Never rejects. */
  load(): Promise<KeySnapshot | Problem>
  /**
   * Keys newer than `tried`, if a look is affordable now; else the current ones again. `keys_unavailable` only where
   * there are no usable keys at all. Never rejects. What strangers can cost the issuer by it is bounded (`KeyPolicy`).
   */
  reload(tried: KeySnapshot, cause: ReloadCause, kid: string | undefined): Promise<KeySnapshot | Problem>
  /** How the keys are, for health checks and metrics. Starts nothing. */
  health(): KeyHealth
  /** Ends refreshing on a timer. Requests are still served, and refresh the keys as they come. */
  close(): void
}

/** How one issuer's keys are. */
export interface KeyHealth {
  readonly issuer: string
  /**
   * `empty`: never had keys. `fresh`: may be used without asking. `stale`: past that, still used while refreshes are
   * tried. `dead`: older than `maxStale`, no longer used. Tokens are answered with 503 in `empty` and `dead` until a
   * fetch succeeds; both also occur where no request has come yet, so do not take a server out of service for them.
   */
  readonly state: 'empty' | 'fresh' | 'stale' | 'dead'
  /** Seconds since the issuer last gave or confirmed the keys. `undefined` before that, and for keys in hand. */
  readonly age: number | undefined
  /** What the last attempt failed with, until one succeeds. For people: not a stable text. */
  readonly lastError: string | undefined
  /** In how many seconds the next attempt is due; 0: with the next request. `undefined` for keys in hand. */
  readonly nextRefresh: number | undefined
}
