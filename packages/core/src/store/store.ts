/**
 * What several instances of an API share: revocations and sealed introspection results. Three operations, so that any key-value
 * server can be one. What `set` has kept, the next `get` must bring, or `revoke` rejects. Keys and values are strings; `ttl` is in
 * seconds, greater than 0, and may be a fraction.
 *
 * Every operation may reject. The guard then fails closed (503) where safety depends on the answer, and does without where only
 * speed does. An operation that hangs is given up by the guard after its own deadline.
 */
export interface Store {
  /** The value, unless it has expired or there is none. */
  get(key: string): Promise<string | undefined>
  /** Keeps a value for `ttl` seconds, in place of any other. */
  set(key: string, value: string, ttl: number): Promise<void>
  /**
   * Keeps a value for `ttl` seconds if there is none, atomically: of any number of callers at once, exactly one gets `true`. For
   * proofs that may be used once; nothing calls it yet.
   */
  add(key: string, value: string, ttl: number): Promise<boolean>
}
