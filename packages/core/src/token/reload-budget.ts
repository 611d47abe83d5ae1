import type { CompleteKeyPolicy } from './key-policy.js'
import type { ReloadCause } from './keys.js'

/** Why a token had the keys fetched. */
export interface Reload {
  readonly cause: ReloadCause
  readonly kid: string | undefined
}

/** How many key fetches tokens may cause, whatever they hold. Times are in milliseconds, of a clock that never goes back. */
export interface ReloadBudget {
  /** Takes the slot for one fetch, which is gone whatever the fetch brings. False: there is none, or the last fetch was for this `kid`, in vain. */
  take(reload: Reload, now: number): boolean
  /**
   * To be told of every successful fetch: the public keys that it brought and, if a token caused it, why. A key that was
   * never seen before is worth a slot; keys that only come and go, as behind two servers that disagree, are not.
   */
  fetched(keys: Iterable<string>, reload: Reload | undefined, now: number): void
}

/** How many public keys are remembered as seen. An issuer that goes through more has forgotten ones count as new. */
const mostSeen = 256
const minute = 60_000

export function createReloadBudget(policy: CompleteKeyPolicy): ReloadBudget {
  const slots: Readonly<Record<ReloadCause, Bucket>> = {
    key_unknown: createBucket(policy.unknownKidReloads, policy.unknownKidInterval * 1000),
    signature_invalid: createBucket(policy.badSignatureReloads, policy.badSignatureInterval * 1000),
  }
  const seen = new Set<string>()
  let refunds: readonly number[] = []
  // One is enough: every fetch may bring what the one before did not, so each ends what was known to be missing.
  let missing: { readonly kid: string | undefined; readonly until: number } | undefined

  return {
    take({ cause, kid }, now) {
      if (cause === 'key_unknown' && missing?.kid === kid && now < (missing?.until ?? -Infinity)) return false
      return slots[cause].take(now)
    },
    fetched(keys, reload, now) {
      const news = addTo(seen, keys)
      missing = reload?.cause === 'key_unknown' ? { kid: reload.kid, until: now + policy.unknownKidMemory * 1000 } : undefined
      refunds = refunds.filter((at) => now - at < minute)
      if (reload === undefined || !news || refunds.length >= policy.newKeyRefunds) return
      refunds = [...refunds, now]
      slots[reload.cause].giveBack()
    },
  }
}

/** True if one was not there yet. The set is a queue: what was longest in no key set is forgotten first. */
function addTo(seen: Set<string>, keys: Iterable<string>): boolean {
  let news = false
  for (const key of keys) {
    if (!seen.delete(key)) news = true
    seen.add(key)
    if (seen.size > mostSeen) seen.delete(seen.values().next().value as string)
  }
  return news
}

interface Bucket {
  take(now: number): boolean
  giveBack(): void
}

/** Full at first; one more after each `interval` milliseconds, never more than `capacity`. */
function createBucket(capacity: number, interval: number): Bucket {
  let level = capacity
  let filledAt = -Infinity
  return {
    take(now) {
      level = Math.min(capacity, level + (now - filledAt) / interval)
      filledAt = now
      if (level < 1) return false
      level -= 1
      return true
    },
    giveBack: () => {
      level = Math.min(capacity, level + 1)
    },
  }
}
