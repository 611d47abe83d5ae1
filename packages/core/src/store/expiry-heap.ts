/** What can be kept in order of expiry. */
export interface Expiring {
  /** Milliseconds since the epoch. */
  readonly expires: number
  /** Where it stands in the heap. For the heap alone. */
  place: number
}

/** A binary heap with what expires first on top, from which anything in it can be removed. */
export interface ExpiryHeap<E extends Expiring> {
  first(): E | undefined
  add(entry: E): void
  remove(entry: E): void
}

export function createExpiryHeap<E extends Expiring>(): ExpiryHeap<E> {
  const heap: E[] = []

  function put(entry: E, place: number): void {
    heap[place] = entry
    entry.place = place
  }

  /** Puts an entry at a place, or as far above or below it as its expiry says. */
  function settle(entry: E, from: number): void {
    let place = from
    for (let above = (place - 1) >> 1; place > 0 && entry.expires < at(above).expires; above = (place - 1) >> 1) {
      put(at(above), place)
      place = above
    }
    for (let below = sooner(place); below && below.expires < entry.expires; below = sooner(place)) {
      const next = below.place
      put(below, place)
      place = next
    }
    put(entry, place)
  }

  const at = (place: number): E => heap[place] as E

  /** Of the two entries below a place, the one that expires sooner. */
  function sooner(place: number): E | undefined {
    const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]]
    return left && right && right.expires < left.expires ? right : left
  }

  return {
    first: () => heap[0],
    add: (entry) => settle(entry, heap.length),
    remove: (entry) => {
      const last = heap.pop()
      if (last && last !== entry) settle(last, entry.place)
    },
  }
}
