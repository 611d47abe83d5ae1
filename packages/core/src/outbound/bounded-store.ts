import { withDeadline } from './deadline.js'
import type { Store } from '../store/store.js'

/** The same store, each of whose operations rejects after `seconds` at the latest, whatever the store itself does. Many clients say null for nothing. */
export const boundedStore = (store: Store, seconds: number): Store => ({
  get: (key) => withDeadline(seconds, async () => (await store.get(key)) ?? undefined),
  set: (key, value, ttl) => withDeadline(seconds, async () => store.set(key, value, ttl)),
  add: (key, value, ttl) => withDeadline(seconds, async () => store.add(key, value, ttl)),
})
