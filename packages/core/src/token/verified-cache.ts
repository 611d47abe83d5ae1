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
  /** Where it last passed every rule whose verdict time cannot change: the identity of an issuer as one resource trusts it. */
  approvedAt: object | undefined
}

export interface VerifiedCacheOptions {
  /** Most tokens that are remembered. */
  readonly entries: number
  /** Most memory that they may take, in bytes, as estimated from the lengths of the tokens: 8 MiB are about 8,300 tokens with the claims of RFC 9068 alone. */
  readonly bytes: number
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

// What the parsed token, its digest, its place and the principal made of it take in V8, measured with 250 to 1100 characters; a little is added.
const bytesPerEntry = 430
const bytesPerCharacter = 1.35

/** Of the tokens that come back after they were evicted, one in so many is let in again. */
const admitOneIn = 16

/** What a token is taken to need. */
const bytesOf = ({ size }: VerifiedToken): number => bytesPerEntry + Math.ceil(size * bytesPerCharacter)

/**
 * A clock: a hand goes round the places, passes over what was asked for since it last came by, and evicts what was not. A token
 * never seen before is always let in, so that live tokens soon take the place of dead ones.
 *
 * A token that comes back after its eviction shows that there are more live tokens than there is room. To let in every one
 * would then evict each just before it is needed again (a cyclic scan has no hits at all), so that only a sample of those is let in.
 */
export function createVerifiedCache({ entries: mostEntries, bytes: mostBytes }: VerifiedCacheOptions): VerifiedCache {
  const places = new Map<string, number>()
  // By place. An object for each would take a third of a MiB more for 10,000 tokens.
  const tokens: (VerifiedToken | undefined)[] = []
  const digests: string[] = []
  const visited: boolean[] = [] // Asked for since the hand last came by.
  const free: number[] = []
  let bytes = 0
  let hand = 0
  let returned = 0
  let evicted: Evicted | undefined

  function remove(place: number, token: VerifiedToken): void {
    places.delete(digests[place] as string)
    tokens[place] = undefined
    free.push(place)
    bytes -= bytesOf(token)
  }

  function evictOne(): void {
    for (;;) {
      const place = hand
      const token = tokens[place]
      hand = (hand + 1) % tokens.length
      if (token !== undefined && !visited[place]) {
        evicted ??= createEvicted(Math.min(mostEntries, Math.ceil(mostBytes / bytesPerEntry)))
        evicted.add(digests[place] as string)
        return remove(place, token)
      }
      visited[place] = false
    }
  }

  return {
    get(digest) {
      const place = places.get(digest)
      if (place === undefined) return undefined
      visited[place] = true
      return tokens[place]
    },
    set(digest, token) {
      const needed = bytesOf(token)
      const known = places.get(digest)
      if (known !== undefined) remove(known, tokens[known] as VerifiedToken)
      if (mostEntries < 1 || needed > mostBytes) return
      const isFull = (): boolean => places.size >= mostEntries || bytes + needed > mostBytes
      if (known === undefined && isFull() && evicted?.has(digest) && ++returned % admitOneIn !== 0) return
      while (isFull()) evictOne()
      const place = free.pop() ?? tokens.length
      tokens[place] = token
      digests[place] = digest
      visited[place] = false
      places.set(digest, place)
      bytes += needed
    },
    delete(digest) {
      const place = places.get(digest)
      if (place !== undefined) remove(place, tokens[place] as VerifiedToken)
    },
    get entries() {
      return places.size
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
