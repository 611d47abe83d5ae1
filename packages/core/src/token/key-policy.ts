import { checkObject, ConfigurationError } from '../configuration-error.js'

/**
 * How an issuer's keys are kept current, and what strangers and issuers can make the guard do about it. All times are in
 * seconds and may be fractions. Ages count from the moment the issuer was last asked and gave or confirmed its keys.
 *
 * Without a fault, a withdrawn key is refused and a new one accepted after at most `maxFresh`; a new one usually at its
 * first token. In an outage, a withdrawn key may be accepted until `maxStale`.
 */
export interface KeyPolicy {
  /** Keys are used this long without asking again, even if `Cache-Control` says less. Default 300, or `maxFresh` where that is less. */
  readonly minFresh?: number
  /**
   * Keys are used this long without asking again, even if `Cache-Control` says more, or there is none. The refresh
   * starts in the background, at a random moment in the last quarter of the time. Default 600, or `minFresh` where that is more.
   */
  readonly maxFresh?: number
  /** The last good keys are used up to this age while refreshes fail; after that 503. Default 3600, or `maxFresh` where that is more. */
  readonly maxStale?: number
  /**
   * Where keys are no longer fresh and no refresh was tried since (a process that slept), requests wait this long for
   * the refresh before they are served with the keys at hand. Default 0.3.
   */
  readonly staleWait?: number
  /** Past this long after the end of freshness, such requests wait up to the whole `deadline`. Default 600. */
  readonly longStale?: number
  /** Longest time from one failed attempt to the start of the next; it grows up to this from half a second, doubling. Default 8. */
  readonly maxBackoff?: number
  /**
   * For one refresh as a whole: discovery, redirects, keys, and all bodies. Default 3. Where the runtime has dropped it, it is given up for
   * lost after up to a second more.
   */
  readonly deadline?: number
  /** How long a discovered `jwks_uri` is used without looking it up again. Looked up earlier after a failure. Default 3600. */
  readonly metadataFresh?: number
  /** Largest metadata document or key set, in bytes after decompression. Default 524288. */
  readonly maxBytes?: number
  /** Most entries in a key set, usable or not. A longer one is a failed refresh. Default 64. */
  readonly maxKeys?: number
  /** How many times in a row tokens with unknown `kid` values may have the keys fetched. Default 2. */
  readonly unknownKidReloads?: number
  /** One more such fetch is allowed after each this long. Default 30. */
  readonly unknownKidInterval?: number
  /** A `kid` that the last fetch did not bring is not fetched for again for this long. Default 5. */
  readonly unknownKidMemory?: number
  /** How many times in a row wrong signatures under a known `kid` may have the keys fetched. Default 1. */
  readonly badSignatureReloads?: number
  /** One more such fetch is allowed after each this long. Default 30. */
  readonly badSignatureInterval?: number
  /** How many times a minute a fetch for a token costs nothing because it brought a key never seen before. Default 3. */
  readonly newKeyRefunds?: number
  /**
   * Most issuers (or rather key sources) in memory; the least recently used one goes, and with it what limits how often it is asked: where each
   * tenant has an issuer of its own, more than there are tenants. Default 1000.
   */
  readonly maxSources?: number
}

export type CompleteKeyPolicy = Required<KeyPolicy>

type Range = readonly [byDefault: number, from: number, to: number, whole?: true]

const hour = 3600
const day = 24 * hour

const ranges: Readonly<Record<keyof KeyPolicy, Range>> = {
  minFresh: [300, 0.01, day],
  maxFresh: [600, 0.01, day],
  maxStale: [hour, 0.01, 7 * day],
  staleWait: [0.3, 0, 60],
  longStale: [600, 0, 7 * day],
  maxBackoff: [8, 0.01, hour],
  deadline: [3, 0.01, 60],
  metadataFresh: [hour, 0, 7 * day],
  maxBytes: [512 * 1024, 256, 16 * 1024 * 1024, true],
  maxKeys: [64, 1, 1000, true],
  unknownKidReloads: [2, 1, 1000, true],
  unknownKidInterval: [30, 0.01, hour],
  unknownKidMemory: [5, 0, hour],
  badSignatureReloads: [1, 1, 1000, true],
  badSignatureInterval: [30, 0.01, hour],
  newKeyRefunds: [3, 0, 1000, true],
  maxSources: [1000, 1, 1_000_000, true],
}

/** Checks a key policy and fills in the defaults. Throws a ConfigurationError that names the option, `keys.maxStale`. */
export function completeKeyPolicy(policy: KeyPolicy = {}, option = 'keys'): CompleteKeyPolicy {
  checkObject(option, policy as unknown, ranges)
  const complete = Object.fromEntries(
    Object.entries(ranges).map(([name, range]) => [name, inRange(policy[name as keyof KeyPolicy], range, `${option}.${name}`)]),
  ) as unknown as CompleteKeyPolicy
  const maxFresh = policy.maxFresh ?? Math.max(complete.maxFresh, policy.minFresh ?? 0)
  const minFresh = policy.minFresh ?? Math.min(complete.minFresh, maxFresh)
  const maxStale = policy.maxStale ?? Math.max(complete.maxStale, maxFresh)
  if (minFresh > maxFresh) throw new ConfigurationError(`${option}.maxFresh`, `must not be less than minFresh (${minFresh})`)
  if (maxFresh > maxStale) throw new ConfigurationError(`${option}.maxStale`, `must not be less than maxFresh (${maxFresh})`)
  return { ...complete, minFresh, maxFresh, maxStale }
}

function inRange(value: unknown, [byDefault, from, to, whole]: Range, option: string): number {
  if (value === undefined) return byDefault
  if (typeof value !== 'number' || !(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
    throw new ConfigurationError(option, `must be a ${whole ? 'whole ' : ''}number from ${from} to ${to}${whole ? '' : ' (seconds)'}`)
  }
  return value
}
