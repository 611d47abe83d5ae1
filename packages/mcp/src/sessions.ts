/** Who opened which session, so that nobody else can use it. */
export interface Sessions {
  /** Remembers the owner of a session that is new. One without an owner is nobody's. */
  open(id: string, owner: string | undefined): void
  /** Whether the session is this owner's. Where no session was ever opened there are none to take, and any is. */
  mayUse(id: string, owner: string | undefined): boolean
}

/**
 * Remembers the `most` sessions that were used last, and of one owner no more than `mostOfOne`, so that no owner makes it forget
 * everybody else's. One that was forgotten is nobody's: its client has to open another.
 */
export function createSessions(most: number, mostOfOne: number): Sessions {
  // Ids in the order of use, all of them and those of each owner: the oldest first.
  const owners = new Map<string, string>()
  const idsOf = new Map<string, Set<string>>()
  let opened = false

  const forget = (id: string, owner: string): void => {
    owners.delete(id)
    const ids = idsOf.get(owner)
    ids?.delete(id)
    if (ids?.size === 0) idsOf.delete(owner)
  }
  const remember = (id: string, owner: string): void => {
    owners.set(id, owner)
    const ids = (idsOf.get(owner) ?? new Set()).add(id)
    idsOf.set(owner, ids)
    if (ids.size > mostOfOne) forget(first(ids), owner)
    else if (owners.size > most) forget(...first(owners))
  }

  return {
    open: (id, owner) => {
      opened = true
      if (owner !== undefined && !owners.has(id)) remember(id, owner)
    },
    mayUse: (id, owner) => {
      if (!opened) return true
      if (owner === undefined || owners.get(id) !== owner) return false
      forget(id, owner)
      remember(id, owner)
      return true
    },
  }
}

const first = <T>(all: Iterable<T>): T => all[Symbol.iterator]().next().value as T
