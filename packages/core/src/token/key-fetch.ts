import { discoverJwksUri } from './discovery.js'
import { freshness } from './freshness.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { readKeySet, type KeySet } from './key-snapshot.js'
import { withDeadline } from '../outbound/deadline.js'
import { fetchJson } from '../outbound/fetch-json.js'
import { OutboundError } from '../outbound/outbound-error.js'
import { forLog, isFetchable, parseUrl } from '../outbound/url.js'

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

/** `jwksUri` from metadata: used until `freshUntil`, and while it cannot be looked up again, until `deadAt`. */
interface Located {
  readonly url: URL
  readonly freshUntil: number
  readonly deadAt: number
}

export function createKeyFetch({ issuer, jwksUri, fetch, policy, allowedHosts, now }: KeyFetchSettings): FetchKeys {
  let located: Located | undefined

  return (previous) =>
    withDeadline(policy.deadline, async (signal) => {
      const url = jwksUri === undefined ? await locate(signal) : configured(jwksUri)
      try {
        return await read(url, previous, signal)
      } catch (error) {
        // The keys may have moved: the next attempt asks the metadata.
        if (located !== undefined) located = { ...located, freshUntil: -Infinity }
        throw error
      }
    })

  async function locate(signal: AbortSignal): Promise<URL> {
    const known = located !== undefined && now() < located.deadAt ? located : undefined
    if (known !== undefined && now() < known.freshUntil) return known.url
    // A metadata endpoint that hangs must leave time for keys whose place is known.
    const seconds = known === undefined ? policy.deadline : policy.deadline / 2
    try {
      const url = await withDeadline(seconds, (limit) =>
        discoverJwksUri(issuer, {
          fetch, allowedHosts, maxBytes: policy.maxBytes, signal: AbortSignal.any([signal, limit]), headStart: (policy.deadline * 1000) / 6,
        }))
      signal.throwIfAborted()
      const freshUntil = now() + policy.metadataFresh * 1000
      located = { url, freshUntil, deadAt: freshUntil + policy.maxStale * 1000 }
      return url
    } catch (error) {
      if (known === undefined) throw error
      return known.url
    }
  }

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

function configured(jwksUri: string): URL {
  const url = parseUrl(jwksUri)
  if (url === undefined || !isFetchable(url)) throw new OutboundError('jwksUri must be https, or http on localhost, 127.0.0.1 or [::1]')
  return url
}
