import type { Problem } from '../response/problem.js'
import type { VerificationKey } from './signature.js'

/** An issuer's keys at one moment. Immutable. */
export interface KeySnapshot {
  /** The keys that may have made a signature with this `alg` and, where the token names one, this `kid`. */
  candidates(alg: string, kid: string | undefined): readonly VerificationKey[]
  /** True if the key is in this snapshot. A key that stays the same from one snapshot to the next is the same object. */
  has(key: VerificationKey): boolean
}

/** Where one issuer's keys come from: the seam between verification and whatever keeps the keys current. */
export interface KeySource {
  readonly issuer: string
  /** The keys that may be used now without waiting, if there are any. */
  snapshot(): KeySnapshot | undefined
  /** The keys, waiting for them where it must; else `keys_unavailable`. */
  load(): Promise<KeySnapshot | Problem>
  /** Keys newer than `tried`, if a look is affordable now; else the current ones again. */
  reload(tried: KeySnapshot, cause: 'key_unknown' | 'signature_invalid', kid: string | undefined): Promise<KeySnapshot | Problem>
}
