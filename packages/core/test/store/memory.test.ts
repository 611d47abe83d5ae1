import { memoryStore, StoreError, type MemoryStoreOptions, type Store } from '@resource-guard/core'
import { storeContract } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'

/** A store with a clock that is moved by hand. */
function withClock(options: MemoryStoreOptions = {}) {
  let time = 1_700_000_000_000
  return {
    store: memoryStore({ ...options, now: () => time }),
    pass: (seconds: number) => {
      time += seconds * 1000
    },
  }
}

const full = expect.objectContaining({ code: 'STORE_FULL' })
const fill = async (store: Store, count: number, ttl = 60, prefix = 'k'): Promise<void> => {
  for (let i = 0; i < count; i++) await store.add(`${prefix}${i}`, '1', ttl)
}

describe('the memory store keeps the contract', () => {
  for (const row of storeContract) {
    it(`${row.name}, by a moved clock`, () => {
      const { store, pass } = withClock()
      return row.run(store, async (seconds) => pass(seconds))
    })
  }
  for (const row of storeContract.filter(({ name }) => name.includes('time'))) it(`${row.name}, by the real one`, () => row.run(memoryStore()))
})

describe('the time of an entry', () => {
  it('ends at the very millisecond', async () => {
    const { store, pass } = withClock()
    await store.set('k', 'v', 10)
    pass(9.999)
    expect(await store.get('k')).toBe('v')
    pass(0.001)
    expect(await store.get('k')).toBeUndefined()
    expect(await store.add('k', 'w', 10)).toBe(true)
  })

  it('is rounded up, never down', async () => {
    const { store, pass } = withClock()
    await store.set('k', 'v', 1.0001)
    pass(1)
    expect(await store.get('k')).toBe('v')
  })

  it('is longer where the clock is set back, so that no mark is lost by it', async () => {
    const { store, pass } = withClock()
    await store.add('k', 'v', 10)
    pass(-3600)
    expect(await store.add('k', 'v', 10)).toBe(false)
  })
})

describe('a full memory store', () => {
  it('rejects add and set, with an error that says so and quotes nothing', async () => {
    const { store } = withClock({ entries: 3 })
    await fill(store, 3)
    await expect(store.add('secret', 'secret', 60)).rejects.toEqual(full)
    await expect(store.set('secret', 'secret', 60)).rejects.toEqual(full)
    const error: unknown = await store.add('secret', 'secret', 60).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreError)
    expect(String(error)).toBe('StoreError: the memory store is full: it may hold 3 entries and 33554432 bytes')
    expect(await store.get('secret')).toBeUndefined()
  })

  it('forgets no mark, however many more are to be added', async () => {
    const { store } = withClock({ entries: 100 })
    await fill(store, 100)
    for (let i = 0; i < 1000; i++) await expect(store.add(`more${i}`, '1', 60)).rejects.toEqual(full)
    for (let i = 0; i < 100; i++) expect(await store.add(`k${i}`, '1', 60)).toBe(false)
  })

  it('still says false for what is there, and replaces it', async () => {
    const { store } = withClock({ entries: 2 })
    await fill(store, 2)
    expect(await store.add('k0', '2', 60)).toBe(false)
    await store.set('k0', '3', 60)
    expect(await store.get('k0')).toBe('3')
    await expect(store.add('k2', '1', 60)).rejects.toEqual(full)
  })

  it('takes again as soon as something has expired, and only as much', async () => {
    const { store, pass } = withClock({ entries: 3 })
    await store.add('short', '1', 10)
    await fill(store, 2)
    pass(10)
    expect(await store.add('new', '1', 60)).toBe(true)
    await expect(store.add('newer', '1', 60)).rejects.toEqual(full)
    expect(await store.get('k0')).toBe('1')
  })

  it('is full by bytes too, and makes room for a large value by as many expired ones as it takes', async () => {
    const { store, pass } = withClock({ bytes: 100_000 })
    await fill(store, 200, 10)
    await store.set('kept', 'v', 60)
    await expect(store.set('large', 'x'.repeat(40_000), 60)).rejects.toEqual(full)
    pass(10)
    await store.set('large', 'x'.repeat(40_000), 60)
    expect((await store.get('large'))?.length).toBe(40_000)
    expect(await store.get('kept')).toBe('v')
  })

  it('keeps the old value where the new one does not fit', async () => {
    const { store } = withClock({ bytes: 10_000 })
    await store.set('k', 'old', 60)
    await expect(store.set('k', 'x'.repeat(10_000), 60)).rejects.toEqual(full)
    expect(await store.get('k')).toBe('old')
  })

  it('lets a value be replaced by one as large, by entries and by bytes', async () => {
    const { store } = withClock({ entries: 1, bytes: 2000 })
    await store.set('k', 'x'.repeat(800), 60)
    await store.set('k', 'y'.repeat(800), 60)
    expect(await store.get('k')).toBe('y'.repeat(800))
  })

  it('counts no entry twice, whatever is written over what, and loses none', async () => {
    const { store, pass } = withClock({ entries: 50, bytes: 30_000 })
    let seed = 3
    const random = (below: number): number => Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * below)
    const model = new Map<string, { value: string; expires: number }>()
    let time = 0
    for (let i = 0; i < 30_000; i++) {
      const [key, value, ttl] = [`k${random(80)}`, 'x'.repeat(random(500)), 1 + random(20)]
      const known = model.get(key)
      const live = known && known.expires > time ? known : undefined
      const action = random(4)
      if (action === 0) {
        const passed = random(3)
        time += passed
        pass(passed)
      } else if (action === 1) {
        expect(await store.get(key)).toBe(live?.value)
      } else {
        const written = await (action === 2 ? store.add(key, value, ttl) : store.set(key, value, ttl).then(() => true)).catch(() => 'full')
        const held = [...model].filter(([other, { expires }]) => other !== key && expires > time)
        const bytes = [...held, [key, { value }] as const].reduce((sum, [name, entry]) => sum + 200 + 2 * (name.length + entry.value.length), 0)
        const fits = held.length < 50 && bytes <= 30_000
        expect(written).toBe(action === 2 && live ? false : fits || 'full')
        if (written === true) model.set(key, { value, expires: time + ttl })
      }
    }
    pass(60)
    await fill(store, 50, 60, 'after')
    await expect(store.add('one more', '1', 60)).rejects.toEqual(full)
  })
})

describe('the bounds of a memory store', () => {
  it.each([0, -1, 1.5, Number.NaN, '10', null])('are whole numbers, not %j', (bound) => {
    expect(() => memoryStore({ entries: bound as number })).toThrow('entries: must be a whole number, 1 or more')
    expect(() => memoryStore({ bytes: bound as number })).toThrow('bytes: must be a whole number, 1 or more')
  })

  it.each([[{ entires: 5 }, 'there is no option "entires" here'], [null, 'must be a plain object'], [{ now: 5 }, 'now: must be a function']])('%j is refused', (options, fix) => {
    expect(() => memoryStore(options as object)).toThrow(fix)
  })

  it('are by default enough for 100,000 marks', async () => {
    const { store } = withClock()
    const mark = (i: number): string => `replay:${i}`.padEnd(60, '-')
    for (let i = 0; i < 100_000; i++) await store.add(mark(i), '1', 300)
    await expect(store.add(mark(100_000), '1', 300)).rejects.toEqual(full)
  })
})
