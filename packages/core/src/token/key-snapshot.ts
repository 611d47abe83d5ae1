import { createVerificationKey, type VerificationKey } from './signature.js'
import type { KeySnapshot } from './keys.js'

/** A snapshot, as the step that replaces it sees it. */
export interface KeySet extends KeySnapshot {
  readonly keys: ReadonlyMap<string, VerificationKey>
}

/**
 * Reads a JWK set (RFC 7517 §5). Entries that cannot be used are passed over; a set without any that can is no set, and
 * the answer is why. `previous` lends its key objects where a key is the same, and itself where all of them are.
 */
export function readKeySet(value: unknown, maxKeys: number, previous?: KeySet): KeySet | string {
  const entries: unknown = typeof value === 'object' && value !== null ? (value as { keys?: unknown }).keys : undefined
  if (!Array.isArray(entries)) return 'is not a key set (RFC 7517 §5)'
  if (entries.length > maxKeys) return `has ${entries.length} keys, more than maxKeys (${maxKeys})`
  const keys = new Map<string, VerificationKey>()
  for (const entry of entries) {
    const key = createVerificationKey(entry)
    if (key === undefined) continue
    const identity = JSON.stringify([key.kid, (entry as { alg?: unknown }).alg, key.canonical])
    keys.set(identity, previous?.keys.get(identity) ?? key)
  }
  if (keys.size === 0) return entries.length === 0 ? 'is an empty key set' : `has ${entries.length} keys, none of which can verify a token`
  return previous !== undefined && sameKeys(keys, previous.keys) ? previous : keySet(keys)
}

const sameKeys = (a: ReadonlyMap<string, VerificationKey>, b: ReadonlyMap<string, VerificationKey>): boolean =>
  a.size === b.size && [...a.keys()].every((identity) => b.has(identity))

function keySet(keys: ReadonlyMap<string, VerificationKey>): KeySet {
  const all = [...keys.values()]
  const members = new Set(all)
  const byKid = new Map(all.map(({ kid }) => [kid, all.filter((key) => key.kid === kid)]))
  return {
    keys,
    // A token that names a key means that key: one without `kid` is then no candidate. A token that names none may mean any.
    candidates: (alg, kid, allowed) => (kid === undefined ? all : (byKid.get(kid) ?? [])).filter((key) => key.serves(alg, allowed)),
    has: (key) => members.has(key),
  }
}
