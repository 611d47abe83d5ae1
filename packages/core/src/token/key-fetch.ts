import { freshness } from './freshness.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { readKeySet, type KeySet } from './key-snapshot.js'
import { createLocator, placeOf } from './locator.js'
import { withDeadline } from '../outbound/deadline.js'
import { fetchJson } from '../outbound/fetch-json.js'
import { OutboundError } from '../outbound/outbound-error.js'
import { forLog } from '../outbound/url.js'

/** What one fetch brought. */
export interface FetchedKeys {
  readonly set: KeySet
  /** For how many seconds it may be used without asking again. */
  readonly freshFor: number
  readonly url: string
  readonly etag: string | undefined
}

/** Fetches the keys as they are now, within the deadline; rejects otherwise. What `previous` brought need not be sent again. */
export type FetchKeys = (previous: FetchedKeys | undefined) => Promise<FetchedKeys>

export interface KeyFetchSettings {
  readonly issuer: string
  /** Where it is not given, the issuer's metadata says it. */
  readonly jwksUri: string | undefined
  readonly fetch: typeof fetch
  readonly policy: CompleteKeyPolicy
  readonly allowedHosts: ReadonlySet<string>
  readonly now: () => number
}

export function createKeyFetch({ issuer, jwksUri, fetch, policy, allowedHosts, now }: KeyFetchSettings): FetchKeys {
  const place = jwksUri === undefined ? createLocator({ issuer, wanted: 'jwks_uri', fetch, policy, allowedHosts, now }) : placeOf('jwksUri', jwksUri)

  return (previous) =>
    withDeadline(policy.deadline, async (signal) => {
      const url = await place.locate(signal)
      try {
        return await read(url, previous, signal)
      } catch (error) {
        // The keys may have moved: the next attempt asks the metadata.
        place.doubt()
        throw error
      }
    })

  async function read(url: URL, previous: FetchedKeys | undefined, signal: AbortSignal): Promise<FetchedKeys> {
    const etag = previous?.url === url.href ? previous.etag : undefined
    const answer = await fetchJson(url, { fetch, accept: 'application/jwk-set+json, application/json', etag, maxBytes: policy.maxBytes, signal })
    const set = answer.status === 304 ? (previous as FetchedKeys).set : readKeySet(answer.value, policy.maxKeys, previous?.set)
    if (typeof set === 'string') throw new OutboundError(`${forLog(url)} ${set}`)
    return {
      set,
      freshFor: freshness(answer.headers, policy),
      url: url.href,
      etag: answer.headers.get('etag') ?? (answer.status === 304 ? etag : undefined),
    }
  }
}
