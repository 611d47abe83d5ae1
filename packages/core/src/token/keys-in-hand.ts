import { ConfigurationError } from '../configuration-error.js'
import { problem } from '../response/problem.js'
import { privateMembers } from './jwk.js'
import { readKeySet } from './key-snapshot.js'
import type { KeySource } from './keys.js'

/**
 * The keys of one issuer, given by the operator: no network, no timer, and never any others. A set without a usable key
 * is `keys_unavailable` at each request; `checkJwks` says so at start-up.
 */
export function createKeysInHand(issuer: string, jwks: unknown): KeySource {
  const set = readKeySet(jwks, Infinity)
  const keys = typeof set === 'string' ? undefined : set
  const answer = keys ?? problem('keys_unavailable', { detail: `jwks of ${issuer.slice(0, 96)} ${String(set)}` })
  return {
    snapshot: () => keys,
    load: () => Promise.resolve(answer),
    reload: () => Promise.resolve(answer),
    health: () => ({
      issuer,
      state: keys === undefined ? 'empty' : 'fresh',
      age: undefined,
      lastError: typeof set === 'string' ? set : undefined,
      nextRefresh: undefined,
    }),
    close: () => {},
  }
}

/** Checks keys in hand. Throws a ConfigurationError where they hold a secret, or no key that can verify a token. */
export function checkJwks(option: string, jwks: unknown): void {
  const set = readKeySet(jwks, Infinity)
  const entries = (jwks as { keys?: unknown } | null | undefined)?.keys
  const secret = Array.isArray(entries) ? entries.findIndex(holdsSecret) : -1
  if (secret !== -1) {
    throw new ConfigurationError(`${option}.keys[${secret}]`, 'holds a private or symmetric key: give the public members only, and consider the key disclosed')
  }
  if (typeof set === 'string') {
    throw new ConfigurationError(option, `${set}. Give public keys: RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519, for signatures`)
  }
}

const holdsSecret = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && privateMembers.some((member) => Object.hasOwn(entry, member))
