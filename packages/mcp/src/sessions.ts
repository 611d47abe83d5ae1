/** Who opened which session, so that nobody else can use it. */
export interface Sessions {
  /** Remembers the owner of a session that is new. One without an owner is nobody's. */
  open(id: string, owner: string | undefined): void
  /** Whether the session is this owner's. Where no session was ever opened there are none to take, and any is. */
  mayUse(id: string, owner: string | undefined): boolean
}

/** Remembers the `most` sessions that were used last. One that was forgotten is nobody's: its client has to open another. */
export function createSessions(most: number): Sessions {
  const owners = new Map<string, string>()
  let opened = false
  return {
    open: (id, owner) => {
      opened = true
      if (owner !== undefined && !owners.has(id)) owners.set(id, owner)
      if (owners.size > most) owners.delete(owners.keys().next().value as string)
    },
    mayUse: (id, owner) => {
      if (!opened) return true
      if (owner === undefined || owners.get(id) !== owner) return false
      owners.delete(id)
      owners.set(id, owner)
      return true
    },
  }
}
