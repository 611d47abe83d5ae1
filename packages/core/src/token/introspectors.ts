import { neverBack } from './clock.js'
import { createIntrospectionCache } from './introspection-cache.js'
import { createIntrospectionClient, type IntrospectionClient } from './introspection-client.js'
import { createIntrospector, type Introspector } from './introspector.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { createSharedReplies } from './shared-replies.js'
import type { TrustedIssuer } from './verifier.js'
import type { IntrospectionDescription } from '../configuration/introspection.js'
import type { Store } from '../store/store.js'

export interface IntrospectorsSettings {
  readonly fetch: typeof fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly policy: CompleteKeyPolicy
  readonly allowedHosts: ReadonlySet<string>
  /** How many replies are remembered. */
  readonly entries: number
  /** Where replies are shared with other instances, and what seals them there. Without both, none are. */
  readonly store: Store | undefined
  readonly storeSecret: string | undefined
}

/** Makes what asks an issuer for one resource. The strings of the description have their variables filled in. */
export type IntrospectorAt = (
  resource: string,
  issuer: Pick<TrustedIssuer, 'issuer' | 'algorithms' | 'keys' | 'audiences'>,
  description: IntrospectionDescription,
) => Introspector

/**
 * The introspection of a guard. One cache for all issuers and resources, whose keys tell them apart; and one client, with its
 * cap and its breaker, for all resources that have an endpoint described by the same object. Of more than `maxSources` clients the
 * least recently asked for is let go.
 */
export function createIntrospectors({ fetch, now, policy, allowedHosts, entries, store, storeSecret }: IntrospectorsSettings): IntrospectorAt {
  const clock = neverBack(now)
  const cache = createIntrospectionCache(entries)
  const shared = store === undefined || storeSecret === undefined ? undefined : createSharedReplies(store, storeSecret)
  const clients = new WeakMap<object, Map<string, IntrospectionClient>>()

  function clientOf(issuer: string, description: IntrospectionDescription): IntrospectionClient {
    const ofGiven = clients.get(description.given) ?? new Map<string, IntrospectionClient>()
    clients.set(description.given, ofGiven)
    // A function of the tenant may change the object that it gives, in place.
    const name = JSON.stringify([issuer, description.endpoint, description.given])
    const client = ofGiven.get(name) ?? createIntrospectionClient({ issuer, description, fetch, policy, allowedHosts, now, clock })
    ofGiven.delete(name)
    ofGiven.set(name, client)
    if (ofGiven.size > policy.maxSources) ofGiven.delete(ofGiven.keys().next().value as string)
    return client
  }

  return (resource, { issuer, algorithms, keys, audiences }, description) =>
    createIntrospector({
      resource, description, cache, shared, now, clock,
      client: clientOf(issuer, description),
      signer: { issuer, algorithms, keys, audiences, clientId: description.client.clientId },
    })
}
