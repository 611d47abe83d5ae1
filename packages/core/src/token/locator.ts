import { discoverUrl, type Wanted } from './discovery.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { anyOf, withDeadline } from '../outbound/deadline.js'
import { OutboundError } from '../outbound/outbound-error.js'
import { isFetchable } from '../outbound/url.js'
import { readUrl } from '../secure-url.js'

/** Where something of an issuer is. */
export interface Place {
  /** Its URL, from memory or from the issuer's metadata. Rejects with an OutboundError. */
  locate(signal: AbortSignal): Promise<URL>
  /** To be told that there was nothing usable at that URL: it may have moved, and `locate` asks the metadata again, soon. */
  doubt(): void
}

export interface LocatorSettings {
  readonly issuer: string
  readonly wanted: Wanted
  readonly fetch: typeof fetch
  readonly policy: Pick<CompleteKeyPolicy, 'deadline' | 'maxBytes' | 'metadataFresh' | 'maxStale'>
  readonly allowedHosts: ReadonlySet<string>
  /** Milliseconds; never goes back. */
  readonly now: () => number
}

/** A URL from metadata: used until `freshUntil`, and while it cannot be looked up again, until `deadAt`. */
interface Located {
  readonly url: URL
  readonly freshUntil: number
  readonly deadAt: number
}

/** At least this long between two lookups that say nothing new, in milliseconds: junk tokens must not have the metadata read at any rate. */
export const lookupPause = 2000

/** A place that the issuer's metadata tells. */
export function createLocator({ issuer, wanted, fetch, policy, allowedHosts, now }: LocatorSettings): Place {
  let located: Located | undefined
  let askedAt = -Infinity
  return {
    async locate(signal) {
      const known = located !== undefined && now() < located.deadAt ? located : undefined
      if (known !== undefined && now() < known.freshUntil) return known.url
      // A metadata endpoint that hangs must leave time for what is asked at a place that is known.
      const seconds = known === undefined ? policy.deadline : policy.deadline / 2
      askedAt = now()
      try {
        const url = await withDeadline(seconds, (limit) =>
          discoverUrl(issuer, wanted, {
            fetch, allowedHosts, maxBytes: policy.maxBytes, signal: anyOf(signal, limit), headStart: (policy.deadline * 1000) / 6,
          }))
        signal.throwIfAborted()
        const freshUntil = now() + policy.metadataFresh * 1000
        located = { url, freshUntil, deadAt: freshUntil + policy.maxStale * 1000 }
        return url
      } catch (error) {
        if (known === undefined) throw error
        located = { ...known, freshUntil: now() + lookupPause }
        return known.url
      }
    },
    doubt() {
      if (located !== undefined) located = { ...located, freshUntil: Math.min(located.freshUntil, askedAt + lookupPause) }
    },
  }
}

/** A place that the options tell. */
export function placeOf(option: string, text: string): Place {
  const url = readUrl(text)
  return {
    async locate() {
      if (url === undefined || !isFetchable(url)) throw new OutboundError(`${option} must be https, or http on localhost, 127.0.0.1 or [::1]`)
      return url
    },
    doubt: () => {},
  }
}
