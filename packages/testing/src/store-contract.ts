import type { Store } from '@resource-guard/core'
import { holds, same } from './contract/expectation.js'

/** One requirement on a Store, as a test. */
export interface StoreRow {
  /** A sentence that a specification could contain. Unique. */
  readonly name: string
  /**
   * Rejects with an Error that says what is wrong. `wait` lets so many seconds pass; by default it waits, at most 1.1 s in a row.
   * A store with a clock of its own is tested at once with a `wait` that moves that clock.
   */
  run(store: Store, wait?: (seconds: number) => Promise<void>): Promise<void>
}

type Case = (store: Store, key: string, wait: (seconds: number) => Promise<void>) => Promise<void>

const minute = 60
const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

/** Keys that a careless store would take for another, or for something of its own. */
const oddKeys = [
  '', ' ', '  ', '\n', '\r\n', '\0', 'a\0b', 'a\0c', '*', '?', '[a]', 'a*', '{a}b', '{a}c', 'a:b', 'a::b', 'a/b', '../a', '"', "'", '`',
  '\\', '\\n', '%', '%00', '$1', '-1',
  '0', '00', 'k', 'K', 'é', 'e\u0301', '\u{1f511}', '\u212a', '\ufeff', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null',
  'undefined', 'NX', 'PX', 'k'.repeat(4096),
] as const

/** Values that a careless store would read, trim or convert. */
const oddValues = [
  '', ' ', ' a ', '0', '007', '1e3', '-0', 'null', 'undefined', 'true', 'OK', 'NaN', '{"a":1}', '[1]', '"', 'a\0b', '\r\n',
  '$5\r\nhello\r\n', '\u{1f511}é\u0301\ufeff', '\u2028',
] as const

const badTtls = [0, -0, -1, -0.001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const

async function rejects(what: string, promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then((value) => ({ value }), () => 'rejected')
  holds(`${what} must reject`, outcome === 'rejected', outcome)
}

const cases: Readonly<Record<string, Case>> = {
  'a key that was never written has no value': async (store, key) => {
    same('get', await store.get(key), undefined)
  },
  'a value that was set is there, as often as it is asked for': async (store, key) => {
    await store.set(key, 'one', minute)
    for (const time of ['first', 'second']) same(`${time} get`, await store.get(key), 'one')
  },
  'what one key holds is not seen under another': async (store, key) => {
    await store.set(`${key}a`, 'one', minute)
    same('get of another', await store.get(`${key}b`), undefined)
    same('add of another', await store.add(`${key}b`, 'two', minute), true)
    same('get', [await store.get(`${key}a`), await store.get(`${key}b`)], ['one', 'two'])
  },
  'set replaces the value': async (store, key) => {
    await store.set(key, 'one', minute)
    await store.set(key, 'two', minute)
    same('get', await store.get(key), 'two')
  },
  'add keeps the value and says true where there was none': async (store, key) => {
    same('add', await store.add(key, 'one', minute), true)
    same('get', await store.get(key), 'one')
  },
  'add says false and leaves the value where there is one': async (store, key) => {
    await store.add(key, 'one', minute)
    same('add after add', await store.add(key, 'two', minute), false)
    same('get', await store.get(key), 'one')
    await store.set(key, 'three', minute)
    same('add after set', await store.add(key, 'four', minute), false)
    same('get', await store.get(key), 'three')
  },
  'set replaces what was added': async (store, key) => {
    await store.add(key, 'one', minute)
    await store.set(key, 'two', minute)
    same('get', await store.get(key), 'two')
  },
  'of a hundred adds at once exactly one says true, and its value stays': async (store, key) => {
    for (const round of range(5)) {
      const added = await Promise.all(range(100).map((i) => store.add(`${key}${round}`, `value ${i}`, minute)))
      const winners = range(100).filter((i) => added[i])
      same('adds that said true', winners.length, 1)
      same('what the others said', added.filter((answer) => (answer as unknown) === false).length, 99)
      same('get', await store.get(`${key}${round}`), `value ${winners[0]}`)
    }
  },
  'a hundred sets, adds and gets at once on as many keys do not mix': async (store, key) => {
    await Promise.all(range(50).flatMap((i) => [store.set(`${key}s${i}`, `s${i}`, minute), store.add(`${key}a${i}`, `a${i}`, minute)] as const))
    const got = await Promise.all(['s', 'a'].flatMap((kind) => range(50).map((i) => store.get(`${key}${kind}${i}`))))
    same('gets', got, ['s', 'a'].flatMap((kind) => range(50).map((i) => `${kind}${i}`)))
  },
  'a write that was waited for is seen by the next read': async (store, key) => {
    for (const i of range(50)) {
      await store.set(key, `${i}`, minute)
      same('get', await store.get(key), `${i}`)
    }
  },

  'a value that was set is gone when its time is over': async (store, key, wait) => {
    await store.set(key, 'one', 0.05)
    await wait(0.2)
    same('get', await store.get(key), undefined)
  },
  'a value that was added is gone when its time is over, and can be added anew': async (store, key, wait) => {
    await store.add(key, 'one', 0.05)
    await wait(0.2)
    same('get', await store.get(key), undefined)
    same('add', await store.add(key, 'two', minute), true)
    same('get', await store.get(key), 'two')
  },
  'a fraction of a second counts: 1.9 is more than 1': async (store, key, wait) => {
    await store.set(`${key}set`, 'one', 1.9)
    await store.add(`${key}add`, 'two', 1.9)
    await wait(1.05)
    same('gets', [await store.get(`${key}set`), await store.get(`${key}add`)], ['one', 'two'])
    await wait(1.05)
    same('gets', [await store.get(`${key}set`), await store.get(`${key}add`)], [undefined, undefined])
  },
  'less than a millisecond is not too little': async (store, key, wait) => {
    await store.set(`${key}set`, 'one', 0.0001)
    same('add', await store.add(`${key}add`, 'two', 0.0001), true)
    await wait(0.1)
    same('gets', [await store.get(`${key}set`), await store.get(`${key}add`)], [undefined, undefined])
  },
  'a year is not too much': async (store, key, wait) => {
    const year = 365 * 24 * 3600
    await store.set(`${key}set`, 'one', year)
    await store.add(`${key}add`, 'two', year)
    await wait(0.05)
    same('gets', [await store.get(`${key}set`), await store.get(`${key}add`)], ['one', 'two'])
  },
  'set gives the new value its own time, longer or shorter': async (store, key, wait) => {
    await store.set(`${key}longer`, 'one', 0.05)
    await store.set(`${key}longer`, 'two', minute)
    await store.set(`${key}shorter`, 'one', minute)
    await store.set(`${key}shorter`, 'two', 0.05)
    await wait(0.2)
    same('gets', [await store.get(`${key}longer`), await store.get(`${key}shorter`)], ['two', undefined])
  },
  'an add that says false does not prolong what is there': async (store, key, wait) => {
    await store.set(key, 'one', 0.5)
    same('add', await store.add(key, 'two', minute), false)
    await wait(0.7)
    same('get', await store.get(key), undefined)
  },
  'a get does not prolong what is there': async (store, key, wait) => {
    await store.set(key, 'one', 0.3)
    for (const _ of range(3)) {
      await wait(0.15)
      await store.get(key)
    }
    same('get', await store.get(key), undefined)
  },
  'a time that is no number greater than 0 is rejected, and nothing is written': async (store, key) => {
    await store.set(`${key}kept`, 'one', minute)
    for (const ttl of badTtls) {
      await rejects(`set for ${ttl} s`, store.set(`${key}set`, 'two', ttl))
      await rejects(`add for ${ttl} s`, store.add(`${key}add`, 'two', ttl))
      await rejects(`set for ${ttl} s over another value`, store.set(`${key}kept`, 'two', ttl))
    }
    same('gets', [await store.get(`${key}set`), await store.get(`${key}add`), await store.get(`${key}kept`)], [undefined, undefined, 'one'])
  },

  'any key is a key of its own, spelt as it is': async (store) => {
    await Promise.all(oddKeys.map((odd, i) => store.set(odd, `${i}`, minute)))
    for (const [i, odd] of oddKeys.entries()) same(`get of ${JSON.stringify(odd.slice(0, 20))}`, await store.get(odd), `${i}`)
    for (const odd of oddKeys) same(`add of ${JSON.stringify(odd.slice(0, 20))}`, await store.add(odd, 'again', minute), false)
  },
  'the names of what every object has in JavaScript are keys without a value too': async (store) => {
    for (const name of ['valueOf', 'isPrototypeOf', '__defineGetter__', '__lookupGetter__']) same(`get of ${name}`, await store.get(name), undefined)
  },
  'any value comes back as it was': async (store, key) => {
    for (const [i, value] of oddValues.entries()) {
      await store.set(`${key}set${i}`, value, minute)
      same(`set of ${JSON.stringify(value)}`, await store.get(`${key}set${i}`), value)
      same(`add of ${JSON.stringify(value)}`, await store.add(`${key}add${i}`, value, minute), true)
      same(`get after add of ${JSON.stringify(value)}`, await store.get(`${key}add${i}`), value)
    }
  },
  'an empty value is a value': async (store, key) => {
    await store.set(key, '', minute)
    same('get', await store.get(key), '')
    same('add', await store.add(key, 'one', minute), false)
  },
  'a large value comes back as it was': async (store, key) => {
    const large = '0123456789abcdé\u{1f511}'.repeat(16_384)
    await store.set(key, large, minute)
    holds('get must bring all of it', (await store.get(key)) === large, 'another string')
  },
  'a string that is not well-formed Unicode is kept as it is or rejected, never altered': async (store, key) => {
    const [one, other] = ['\ud800', '\udc00'] as const
    const kept = await store.set(`${key}value`, `a${one}`, minute).then(() => true, () => false)
    same('get', await store.get(`${key}value`), kept ? `a${one}` : undefined)
    const added = await store.add(key + one, 'one', minute).catch(() => 'rejected')
    if (added !== 'rejected') same('add of another', await store.add(key + other, 'two', minute), true)
  },
}

/**
 * What every Store must do, row by row. Rows write under keys that no other row writes, so that all may run on one store, at once
 * or one after the other; what they wrote expires within a minute, or a year in one case. Works in any test runner:
 *
 * ```ts
 * for (const row of storeContract) it(row.name, () => row.run(store))
 * ```
 *
 * What is not checked: what happens when the store is full, slow or down, which must be tested where it can be made so.
 */
export const storeContract: readonly StoreRow[] = Object.entries(cases).map(([name, run]) => ({
  name,
  run: (store, wait = sleep) => run(store, `${crypto.randomUUID()}:`, wait),
}))
