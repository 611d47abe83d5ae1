import { neverBack } from './clock.js'
import { createKeyFetch } from './key-fetch.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { createKeysInHand } from './keys-in-hand.js'
import type { KeyHealth, KeySource } from './keys.js'
import { createRemoteKeys } from './remote-keys.js'

export interface KeySourcesSettings {
  readonly policy: CompleteKeyPolicy
  readonly fetch: typeof fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Hosts named in the configuration, as `host` or `host:port`: discovered key URLs may be there even where that is a private address. */
  readonly allowedHosts: ReadonlySet<string>
  /** From 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number
}

/** One issuer and where its keys are: in hand, at a URL, or, with neither, where its metadata says. */
export interface KeyDescription {
  readonly issuer: string
  readonly jwksUri?: string | undefined
  readonly jwks?: object | undefined
}

/** Every key source of a guard. */
export interface KeySources {
  /**
   * The source for this issuer and place: the same one for every resource that uses both. Two issuers never share one,
   * whatever they say about where their keys are. No network, and nothing thrown for keys that cannot be used.
   */
  source(description: KeyDescription): KeySource
  health(): readonly KeyHealth[]
  /** Closes every source, and those that are still to come. */
  close(): void
}

/**
 * Makes the key sources of a guard. At most `maxSources` are kept; of more (tenants, each with its own issuer), the least recently asked
 * for is closed and let go: whoever still holds it can go on using it.
 */
export function createKeySources({ policy, fetch, now, allowedHosts, random = Math.random }: KeySourcesSettings): KeySources {
  const sources = new Map<string, KeySource>()
  const clock = neverBack(now)
  let closed = false

  function create({ issuer, jwksUri, jwks }: KeyDescription): KeySource {
    if (jwks !== undefined) return createKeysInHand(issuer, jwks)
    const fetchKeys = createKeyFetch({ issuer, jwksUri, fetch, policy, allowedHosts, now: clock })
    return createRemoteKeys({ issuer, fetchKeys, policy, now: clock, random })
  }

  return {
    source(description) {
      const { issuer, jwksUri, jwks } = description
      // Keys in hand are told apart by what they say: a function of the tenant may write them anew, or change them in place.
      const name = JSON.stringify([issuer, jwks === undefined ? jwksUri : { jwks }])
      const source = sources.get(name) ?? create(description)
      if (closed) source.close()
      sources.delete(name)
      sources.set(name, source)
      if (sources.size > policy.maxSources) {
        const [oldest, dropped] = sources.entries().next().value as [string, KeySource]
        sources.delete(oldest)
        dropped.close()
      }
      return source
    },
    health: () => [...sources.values()].map((source) => source.health()),
    close() {
      closed = true
      for (const source of sources.values()) source.close()
    },
  }
}
