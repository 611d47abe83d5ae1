import { parseStrictly } from './format.js'
import type { IntrospectionReply } from './introspection-cache.js'
import { createSealer } from './sealed.js'
import type { Store } from '../store/store.js'

/** A reply, and when it was asked for, in milliseconds since the epoch. */
export interface DatedReply {
  readonly askedAt: number
  readonly reply: IntrospectionReply
}

/** Good replies that several instances share, each sealed under the name that it stands under. Only speed depends on it. */
export interface SharedReplies {
  /** Undefined where there is none, where it does not open, and where the store is out of order. Never rejects. */
  get(name: string): Promise<DatedReply | undefined>
  /** `ttl` in seconds. Nobody waits for it, and it may fail. */
  set(name: string, dated: DatedReply, ttl: number): void
}

export function createSharedReplies(store: Store, secret: string): SharedReplies {
  const sealer = createSealer(secret)
  const keyOf = (name: string): string => `introspection:${name}`

  return {
    async get(name) {
      try {
        const text = await sealer.open(name, await store.get(keyOf(name)))
        const value = text === undefined ? undefined : parseStrictly(text)
        if (text === undefined || value === undefined) return undefined
        const { askedAt, claims } = value as { askedAt: number; claims: IntrospectionReply['claims'] }
        return { askedAt, reply: { claims, size: text.length } }
      } catch {
        return undefined
      }
    },
    set(name, { askedAt, reply }, ttl) {
      sealer.seal(name, JSON.stringify({ askedAt, claims: reply.claims }))
        .then((sealed) => store.set(keyOf(name), sealed, ttl))
        .catch(() => {})
    },
  }
}
