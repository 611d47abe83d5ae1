import type { KeySource } from './keys.js'
import type { VerificationKey } from './signature.js'

/** The one fact that is remembered: the token with this digest says this, and carries a valid signature by this key. Not whether it is accepted anywhere. */
export interface VerifiedToken {
  /** Deeply frozen, like the claims. */
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly key: VerificationKey
  /** Where the key came from. The entry is worth nothing at another source, nor once the key is gone from this one. */
  readonly source: KeySource
  /** Length of the part that is signed, header and claims, in characters. */
  readonly size: number
}

export interface VerifiedCacheOptions {
  /** Most tokens that are remembered. Default 10,000. */
  readonly entries?: number
  /**
   * Most memory that they may take, in bytes, as estimated from the lengths of the tokens. Default 8 MiB: about 8,300 tokens
   * with the claims of RFC 9068 alone.
   */
  readonly bytes?: number
}

/** Remembers verified tokens by the digest of the whole token. Knows nothing of time, targets or keys: its owner asks those. */
export interface VerifiedCache {
  get(digest: string): VerifiedToken | undefined
  set(digest: string, verified: VerifiedToken): void
  delete(digest: string): void
  /** What is held now. */
  readonly entries: number
  readonly bytes: number
}

interface Slot {
  readonly digest: string
  readonly verified: VerifiedToken
  readonly bytes: number
  readonly index: number
  /** Asked for since the hand last came by. */
  visited: boolean
}

// What the parsed token, its digest, its place and the principal made of it take in V8, measured with 250 to 1100 characters; a little is added.
const bytesPerEntry = 430
const bytesPerCharacter = 1.35

/** Of the tokens that come back after they were evicted, one in so many is let in again. */
const admitOneIn = 16

/**
 * A clock: a hand goes round the slots, passes over what was asked for since it last came by, and evicts what was not. A token
 * never seen before is always let in, so that live tokens soon take the place of dead ones.
 *
 * A token that comes back after its eviction shows that there are more live tokens than there is room. To let in every one
 * would then evict each just before it is needed again (a cyclic scan has no hits at all), so that only a sample of those is let in.
 */
export function createVerifiedCache({ entries: mostEntries = 10_000, bytes: mostBytes = 8 * 1024 * 1024 }: VerifiedCacheOptions = {}): VerifiedCache {
  const found = new Map<string, Slot>()
  const slots: (Slot | undefined)[] = []
  const free: number[] = []
  let bytes = 0
  let hand = 0
  let returned = 0
  let evicted: Evicted | undefined

  function remove(slot: Slot): void {
    found.delete(slot.digest)
    slots[slot.index] = undefined
    free.push(slot.index)
    bytes -= slot.bytes
  }

  function evictOne(): void {
    for (;;) {
      const slot = slots[hand]
      hand = (hand + 1) % slots.length
      if (slot?.visited === false) {
        evicted ??= createEvicted(Math.min(mostEntries, Math.ceil(mostBytes / bytesPerEntry)))
        evicted.add(slot.digest)
        return remove(slot)
      }
      if (slot) slot.visited = false
    }
  }

  return {
    get(digest) {
      const slot = found.get(digest)
      if (slot === undefined) return undefined
      slot.visited = true
      return slot.verified
    },
    set(digest, verified) {
      const needed = bytesPerEntry + Math.ceil(verified.size * bytesPerCharacter)
      const known = found.get(digest)
      if (known) remove(known)
      if (mostEntries < 1 || needed > mostBytes) return
      const isFull = (): boolean => found.size >= mostEntries || bytes + needed > mostBytes
      if (!known && isFull() && evicted?.has(digest) && ++returned % admitOneIn !== 0) return
      while (isFull()) evictOne()
      const index = free.pop() ?? slots.length
      const slot: Slot = { digest, verified, bytes: needed, index, visited: false }
      slots[index] = slot
      found.set(digest, slot)
      bytes += needed
    },
    delete(digest) {
      const slot = found.get(digest)
      if (slot) remove(slot)
    },
    get entries() {
      return found.size
    },
    get bytes() {
      return bytes
    },
  }
}

/**
 * Which tokens were evicted lately: 31 bits of each digest, in a table where the later takes the place of the earlier.
 * May err; nothing but admission depends on it.
 */
interface Evicted {
  add(digest: string): void
  has(digest: string): boolean
}

function createEvicted(entries: number): Evicted {
  const marks = new Int32Array(2 ** Math.ceil(Math.log2(entries * 4)))
  const place = (digest: string): number => word(digest, 0) & (marks.length - 1)
  const mark = (digest: string): number => word(digest, 4) | 1 // never 0, which is an empty place
  return {
    add: (digest) => void (marks[place(digest)] = mark(digest)),
    has: (digest) => marks[place(digest)] === mark(digest),
  }
}

const word = (digest: string, from: number): number =>
  digest.charCodeAt(from) | (digest.charCodeAt(from + 1) << 8) | (digest.charCodeAt(from + 2) << 16) | (digest.charCodeAt(from + 3) << 24)
