import { checkObject, ConfigurationError } from '../configuration-error.js'
import { createExpiryHeap } from './expiry-heap.js'
import { StoreError } from './store-error.js'
import type { Store } from './store.js'

/** How much a `memoryStore` may hold, and by which clock things expire. */
export interface MemoryStoreOptions {
  /** Most entries at a time, 1 or more. Default 100,000. */
  readonly entries?: number
  /** Most memory that they may take, in bytes, 1 or more, as estimated from the lengths of keys and values. Default 32 MiB: about 100,000 marks. */
  readonly bytes?: number
  /** The time in milliseconds since the epoch: the guard's clock, if that is not the default either. Default `Date.now`. */
  readonly now?: () => number
}

interface Entry {
  readonly key: string
  readonly value: string
  readonly expires: number
  readonly bytes: number
  place: number
}

// What an entry takes in V8 beside its characters (measured: 120 to 200), and the most that a character takes: one byte, or two
// where the string goes beyond Latin-1.
const bytesPerEntry = 200
const bytesPerCharacter = 2

/** The longest `ttl`, in seconds: 100 years. */
const longestTtl = 100 * 365 * 24 * 3600

/** How many expired entries a write clears away beside those whose room it needs, so that no single write has to clear them all. */
const clearedByWrite = 4

/**
 * A Store in the memory of this process: for one instance. Others do not see what it holds, and a restart empties it.
 *
 * It never drops what has not expired, because a forgotten revocation or replay mark would let a refused token in again. When it
 * is full, `set` and `add` reject with a StoreError (`STORE_FULL`) until something expires, and the guard answers 503
 * where safety depends on it. `get` goes on, and `add` still returns false for what is there.
 *
 * Throws a ConfigurationError for wrong options.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  checkObject('options', options as unknown, { entries: true, bytes: true, now: true })
  const { entries: mostEntries = 100_000, bytes: mostBytes = 32 * 1024 * 1024, now = () => Date.now() } = options
  checkBound('entries', mostEntries)
  checkBound('bytes', mostBytes)
  if (typeof now !== 'function') throw new ConfigurationError('now', 'must be a function')
  const found = new Map<string, Entry>()
  const byExpiry = createExpiryHeap<Entry>()
  let bytes = 0

  function remove(entry: Entry): void {
    found.delete(entry.key)
    byExpiry.remove(entry)
    bytes -= entry.bytes
  }

  function live(key: string, time: number): Entry | undefined {
    const entry = found.get(key)
    return entry && entry.expires > time ? entry : undefined
  }

  function keep(key: string, value: string, time: number, ms: number): void {
    const needed = bytesPerEntry + bytesPerCharacter * (key.length + value.length)
    const hasRoom = (): boolean => {
      const replaced = found.get(key)
      return found.size - (replaced ? 1 : 0) < mostEntries && bytes - (replaced?.bytes ?? 0) + needed <= mostBytes
    }
    let first = byExpiry.first()
    for (let cleared = 0; first && first.expires <= time && (cleared < clearedByWrite || !hasRoom()); cleared++) {
      remove(first)
      first = byExpiry.first()
    }
    if (!hasRoom()) throw new StoreError('STORE_FULL', `the memory store is full: it may hold ${mostEntries} entries and ${mostBytes} bytes`)
    const replaced = found.get(key)
    if (replaced) remove(replaced)
    const entry: Entry = { key, value, expires: time + ms, bytes: needed, place: 0 }
    found.set(key, entry)
    byExpiry.add(entry)
    bytes += needed
  }

  return {
    async get(key) {
      return live(key, now())?.value
    },
    async set(key, value, ttl) {
      const ms = millisecondsOf(ttl)
      keep(key, value, now(), ms)
    },
    async add(key, value, ttl) {
      const ms = millisecondsOf(ttl)
      const time = now()
      if (live(key, time)) return false
      keep(key, value, time, ms)
      return true
    },
  }
}

function checkBound(option: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw new ConfigurationError(option, 'must be a whole number, 1 or more')
}

/** Rounded up: a mark may be kept a little longer than asked, never shorter. */
function millisecondsOf(ttl: number): number {
  if (typeof ttl !== 'number' || !(ttl > 0 && ttl <= longestTtl)) throw new RangeError(`ttl must be a number of seconds greater than 0, at most ${longestTtl}`)
  return Math.ceil(ttl * 1000)
}
