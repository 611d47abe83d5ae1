import type { Claims } from '../claims/rule.js'

/** What an issuer said of a token. A JSON object; nothing in it is judged yet. */
export interface IntrospectionReply {
  readonly claims: Claims
  /** About how many characters it has. */
  readonly size: number
}

/** The reply for a token that nobody can use: what else an issuer says of one is not kept. */
export const inactive: IntrospectionReply = { claims: Object.freeze({ active: false }), size: 16 }

/** Replies by token, each until its time. What is refused is kept apart, so that junk cannot push out what is good. */
export interface IntrospectionCache {
  get(key: string, at: number): IntrospectionReply | undefined
  set(space: 'good' | 'refused', key: string, reply: IntrospectionReply, until: number): void
}

interface Entry {
  readonly reply: IntrospectionReply
  readonly until: number
}

/** What a key, an entry and their place take in V8 beside the reply, in bytes, and a reply for each of its characters. */
const bytesPerEntry = 400
const bytesPerCharacter = 3

/** At most `entries` good replies and as many refused ones, and of each about 2 KiB for each entry. The least recently used one goes. */
export function createIntrospectionCache(entries: number): IntrospectionCache {
  const spaces = { good: createSpace(entries), refused: createSpace(entries) }
  return {
    get: (key, at) => spaces.good.get(key, at) ?? spaces.refused.get(key, at),
    set(space, key, reply, until) {
      spaces[space === 'good' ? 'refused' : 'good'].delete(key)
      spaces[space].set(key, { reply, until })
    },
  }
}

function createSpace(mostEntries: number) {
  const mostBytes = mostEntries * 2048
  const held = new Map<string, Entry>()
  let bytes = 0

  const sizeOf = ({ reply }: Entry): number => bytesPerEntry + reply.size * bytesPerCharacter

  function remove(key: string): void {
    const entry = held.get(key)
    if (entry === undefined) return
    held.delete(key)
    bytes -= sizeOf(entry)
  }

  return {
    get(key: string, at: number): IntrospectionReply | undefined {
      const entry = held.get(key)
      if (entry === undefined) return undefined
      if (at >= entry.until) {
        remove(key)
        return undefined
      }
      held.delete(key)
      held.set(key, entry)
      return entry.reply
    },
    set(key: string, entry: Entry): void {
      remove(key)
      if (sizeOf(entry) > mostBytes) return
      held.set(key, entry)
      bytes += sizeOf(entry)
      while (held.size > mostEntries || bytes > mostBytes) remove(held.keys().next().value as string)
    },
    delete: remove,
  }
}
