import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../src/token/algorithms.js'
import { readKeySet, type KeySet } from '../../src/token/key-snapshot.js'
import { makeKey } from './key-server.js'

const rsa = (modulusLength: number, members: object = {}): object =>
  ({ ...generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }), ...members })

function read(keys: readonly unknown[], previous?: KeySet): KeySet {
  const set = readKeySet({ keys }, 64, previous)
  if (typeof set === 'string') throw new Error(set)
  return set
}

const any = new Set(algorithms)
const a = makeKey('a')
const weak = rsa(1024, { kid: 'weak' })
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const junk: readonly unknown[] = [
  null, 1, 'x', [], {}, { kty: 'new', kid: 'a' }, { kty: 'EC', kid: 'a' }, { kty: 'oct', k: 'c2VjcmV0', kid: 'a' }, weak,
  makeKey('a', { use: 'enc' }), makeKey('a', { key_ops: ['encrypt'] }), { ...privateKey.export({ format: 'jwk' }), kid: 'a' },
]

describe('a key set', () => {
  it('is read past what cannot be used', () => {
    const set = read([...junk, a, ...junk])
    expect([...set.keys.values()].map(({ kid }) => kid)).toEqual(['a'])
  })

  it.each<[unknown, string]>([
    [null, 'is not a key set'],
    ['x', 'is not a key set'],
    [[a], 'is not a key set'],
    [{}, 'is not a key set'],
    [{ keys: a }, 'is not a key set'],
    [{ keys: null }, 'is not a key set'],
    [{ keys: [] }, 'is an empty key set'],
    [{ keys: junk }, `has ${junk.length} keys, none of which can verify a token`],
    [{ keys: Array.from({ length: 65 }, () => a) }, 'has 65 keys, more than maxKeys (64)'],
  ])('is none: %#', (value, fault) => {
    expect(readKeySet(value, 64)).toContain(fault)
  })

  it('keeps several keys of one kid apart by what they are for', () => {
    const set = read([a, rsa(2048, { kid: 'a' }), rsa(2048, { kid: 'a', alg: 'PS256' })])
    expect(set.candidates('ES256', 'a', any)).toHaveLength(1)
    expect(set.candidates('RS256', 'a', any)).toHaveLength(1)
    expect(set.candidates('PS256', 'a', any)).toHaveLength(1)
    expect(set.candidates('PS256', 'a', new Set(['PS256', 'RS256']))).toHaveLength(2)
    expect(set.candidates('ES384', 'a', any)).toEqual([])
  })

  it('holds equal entries once', () => {
    expect(read([a, { ...a }, { ...a, x5t: 'other' }]).candidates('ES256', 'a', any)).toHaveLength(1)
  })

  it('offers every key that suits to a token without kid, and only that kid to one with', () => {
    const set = read([a, makeKey('b'), makeKey()])
    expect(set.candidates('ES256', undefined, any)).toHaveLength(3)
    expect(set.candidates('ES256', 'b', any)).toHaveLength(1)
    for (const kid of ['B', '', 'c', '__proto__', 'toString']) expect(set.candidates('ES256', kid, any)).toEqual([])
    for (const alg of ['none', 'HS256', 'es256', '', '__proto__']) expect(set.candidates(alg, undefined, any)).toEqual([])
  })

  it('is the same set where nothing is different', () => {
    const before = read([a, makeKey('b')])
    const entries = [...before.keys.values()].map(({ kid, canonical }) => ({ ...JSON.parse(canonical), kid, extra: 1 }))
    expect(read(entries.toReversed(), before)).toBe(before)
    expect(read([...entries, makeKey('c')], before)).not.toBe(before)
    expect(read(entries.slice(1), before)).not.toBe(before)
  })

  it.each([{ kid: 'other' }, { alg: 'ES256' }, makeKey()])('has another key object where kid, alg or key is another: %#', (change) => {
    const before = read([a])
    const after = read([{ ...a, ...change }], before)
    expect(before.has([...after.keys.values()][0]!)).toBe(false)
    expect(after.has([...before.keys.values()][0]!)).toBe(false)
  })
})
