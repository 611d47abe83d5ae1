import { Buffer } from 'node:buffer'
import nodeCrypto from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../src/token/algorithms.js'
import type { Algorithm } from '../../src/token/algorithms.js'
import { chooseEngine, createKeyWith, createVerificationKey, joseEngine } from '../../src/token/signature.js'
import { engines, keyWith, sign, signer } from './signing.js'

const engineNames = Object.keys(engines) as (keyof typeof engines)[]
const ellipticCurves: [Algorithm, string, number][] = [['ES256', 'sha256', 32], ['ES384', 'sha384', 48], ['ES512', 'sha512', 66]]

describe.each(engineNames)('signatures with %s', (engine) => {
  it.each(algorithms)('verifies %s, and nothing that differs in a bit', async (alg) => {
    const issuer = await signer(alg)
    const { input, signature } = await sign(issuer)
    const key = keyWith(engine, issuer.jwk)
    expect(await key.verify(alg, input, signature)).toBe(true)
    expect(await key.verify(alg, `${input}A`, signature)).toBe(false)
    for (const position of [0, signature.length >> 1, signature.length - 1]) {
      const changed = Uint8Array.from(signature)
      changed[position] = (changed[position] as number) ^ 1
      expect(await key.verify(alg, input, changed), `bit in byte ${position}`).toBe(false)
    }
    const other = await sign({ ...issuer, privateKey: (await signer(alg, 3072)).privateKey })
    if (alg.startsWith('RS') || alg.startsWith('PS')) expect(await key.verify(alg, other.input, other.signature)).toBe(false)
  })

  it.each(algorithms)('a %s signature of another length is false', async (alg) => {
    const issuer = await signer(alg)
    const { input, signature } = await sign(issuer)
    const key = keyWith(engine, issuer.jwk)
    for (const other of [[], signature.subarray(1), signature.subarray(0, -1), [...signature, 0], [0, ...signature], [...signature, ...signature]]) {
      expect(await key.verify(alg, input, Uint8Array.from(other))).toBe(false)
    }
  })

  it.each(algorithms)('a key for %s verifies under no other algorithm', async (alg) => {
    const issuer = await signer(alg)
    const key = keyWith(engine, issuer.jwk)
    const same = (other: string): boolean => [alg, other].every((name) => name === 'EdDSA' || name === 'Ed25519')
    for (const other of ['none', 'HS256', '', 'rs256', 'toString', '__proto__', ...algorithms.filter((name) => name !== alg && !same(name))]) {
      const { input, signature } = await sign(issuer)
      expect(await key.verify(other, input, signature), other).toBe(false)
    }
  })

  it.each(ellipticCurves)('%s: DER, zeros, and r or s out of range are false', async (alg, hash, size) => {
    const issuer = await signer(alg)
    const key = keyWith(engine, issuer.jwk)
    const { input, signature } = await sign(issuer)
    const privateKey = nodeCrypto.KeyObject.from(issuer.privateKey as nodeCrypto.webcrypto.CryptoKey)
    const der = nodeCrypto.sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'der' })
    const zero = new Uint8Array(size)
    const [r, s] = [signature.subarray(0, size), signature.subarray(size)]
    const order = orders[alg] as Uint8Array
    const refused = {
      der, 'der, padded': pad(der, size * 2), 'r = s = 0': [...zero, ...zero], 'r = 0': [...zero, ...s], 's = 0': [...r, ...zero],
      's = n': [...r, ...order], 'r = n': [...order, ...s], 's + n': [...r, ...plus(s, order)], 'all ones': new Uint8Array(size * 2).fill(255),
      'r = s = 1': [...one(size), ...one(size)], 's and r': [...s, ...r],
    }
    for (const [name, bytes] of Object.entries(refused)) expect(await key.verify(alg, input, Uint8Array.from(bytes)), name).toBe(false)
  })

  it.each(['PS256', 'PS384', 'PS512'] as const)('%s with a salt that is not as long as the hash is false', async (alg) => {
    const issuer = await signer(alg)
    const key = keyWith(engine, issuer.jwk)
    const { input } = await sign(issuer)
    const privateKey = nodeCrypto.KeyObject.from(issuer.privateKey as nodeCrypto.webcrypto.CryptoKey)
    const hashLength = Number(alg.slice(2)) / 8
    for (const saltLength of [0, hashLength - 1, hashLength, hashLength + 1]) {
      const signature = nodeCrypto.sign(`sha${alg.slice(2)}`, Buffer.from(input), { key: privateKey, padding: nodeCrypto.constants.RSA_PKCS1_PSS_PADDING, saltLength })
      expect(await key.verify(alg, input, signature), `${saltLength}`).toBe(saltLength === hashLength)
    }
  })

  it.each([2048, 2056, 3072, 4096])('RSA with %i bits', async (bits) => {
    const issuer = await signer('RS256', bits)
    const { input, signature } = await sign(issuer)
    expect(signature.length).toBe(bits / 8)
    expect(await keyWith(engine, issuer.jwk).verify('RS256', input, signature)).toBe(true)
  })

  it.each([
    ['RSA', undefined, algorithms, ['RS256']],
    ['RSA', undefined, ['ES256', 'PS384', 'RS256'], ['PS384']],
    ['RSA', undefined, ['ES256'], []],
    ['RSA', 'PS256', algorithms, ['PS256']],
    ['RSA', 'PS256', ['RS256', 'PS256'], ['PS256']],
    ['EC', undefined, algorithms, ['ES256']],
    ['EC', 'ES256', algorithms, ['ES256']],
    ['OKP', undefined, algorithms, ['EdDSA', 'Ed25519']],
  ] as const)('a key of type %s with alg %s, where %j are allowed, serves %j', async (kty, alg, allowed, served) => {
    const { jwk } = await signer(kty === 'RSA' ? 'RS256' : kty === 'EC' ? 'ES256' : 'EdDSA')
    const key = keyWith(engine, { ...jwk, alg })
    expect(allowed.filter((one) => key.serves(one, new Set(allowed)))).toEqual(served)
  })

  it('an RSA key with alg verifies under no other algorithm', async () => {
    const issuer = await signer('RS256')
    const { input, signature } = await sign(issuer)
    expect(await keyWith(engine, { ...issuer.jwk, alg: 'PS256' }).verify('RS256', input, signature)).toBe(false)
  })

  it.each([undefined, 'EdDSA', 'Ed25519'])('an Ed25519 JWK with alg %s serves tokens with EdDSA and with Ed25519', async (alg) => {
    const issuer = await signer('EdDSA')
    const key = keyWith(engine, { ...issuer.jwk, alg })
    for (const name of ['EdDSA', 'Ed25519'] as const) {
      const { input, signature } = await sign({ ...issuer, alg: name })
      expect(await key.verify(name, input, signature)).toBe(true)
    }
  })

  it('a point that is not on its curve never verifies, and never throws', async () => {
    const issuer = await signer('ES256')
    const { input, signature } = await sign(issuer)
    const flat = { ...issuer.jwk, y: issuer.jwk.x }
    const key = createKeyWith(engines[engine], flat)
    expect(engine === 'jose' ? await key?.verify('ES256', input, signature) : key).toBe(engine === 'jose' ? false : undefined)
  })
})

describe('the choice of engine', () => {
  it('is node:crypto here, and synchronous', async () => {
    const issuer = await signer('ES256')
    const { input, signature } = await sign(issuer)
    expect(createVerificationKey(issuer.jwk)?.verify('ES256', input, signature)).toBe(true)
  })

  it('is node:crypto also where it does not read options on a key', async () => {
    const verify = (digest: string, data: Uint8Array, key: nodeCrypto.KeyObject | { key: nodeCrypto.KeyObject }, signature: Uint8Array): boolean =>
      nodeCrypto.verify(digest, data, 'key' in key ? key : nodeCrypto.createPublicKey(key.export({ type: 'spki', format: 'pem' })), signature)
    const issuer = await signer('ES256')
    const { input, signature } = await sign(issuer)
    const key = createKeyWith(chooseEngine({ createPublicKey: nodeCrypto.createPublicKey, verify } as never), issuer.jwk)
    expect(key?.verify('ES256', input, signature)).toBe(true)
  })

  it.each([
    ['there is none', undefined],
    ['it lacks functions', { verify: nodeCrypto.verify }],
    ['its functions throw', { createPublicKey: nodeCrypto.createPublicKey, verify: () => { throw new Error('not implemented') } }],
    ['it believes everything', { createPublicKey: nodeCrypto.createPublicKey, verify: () => true }],
    ['it believes nothing', { createPublicKey: nodeCrypto.createPublicKey, verify: () => false }],
    ['it reads options from a key, and from nowhere else', {
      createPublicKey: nodeCrypto.createPublicKey,
      verify: (digest: string, data: Uint8Array, key: { key: nodeCrypto.KeyObject }, signature: Uint8Array) => nodeCrypto.verify(digest, data, key.key ?? key, signature),
    }],
    ['it cannot import', { createPublicKey: () => { throw new Error('not implemented') }, verify: nodeCrypto.verify }],
  ])('is jose where %s', (_, crypto) => {
    expect(chooseEngine(crypto as never)).toBe(joseEngine)
  })

  it('with jose a key works after failing once, and from many calls at once', async () => {
    const issuer = await signer('ES256')
    const { input, signature } = await sign(issuer)
    const key = keyWith('jose', issuer.jwk)
    expect(await key.verify('ES256', 'no token', signature)).toBe(false)
    expect(await Promise.all(Array.from({ length: 20 }, () => key.verify('ES256', input, signature)))).toEqual(Array(20).fill(true))
  })
})

describe('canonical', () => {
  it('is the input of RFC 7638 §3.1', () => {
    const n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const key = createVerificationKey({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' })
    expect(key?.canonical).toBe(`{"e":"AQAB","kty":"RSA","n":"${n}"}`)
    expect(nodeCrypto.createHash('sha256').update(key?.canonical as string).digest('base64url')).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })

  it.each(['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)('has the thumbprint that jose computes for %s, whatever else the JWK holds', async (alg) => {
    const { jwk } = await signer(alg)
    const key = createVerificationKey({ ...jwk, kid: 'a', use: 'sig', x5t: 'b', key_ops: ['verify'], alg })
    expect(key?.kid).toBe('a')
    expect(key?.canonical).toBe(createVerificationKey(jwk)?.canonical)
    const digest = nodeCrypto.createHash('sha256').update(key?.canonical as string).digest('base64url')
    expect(digest).toBe(await calculateJwkThumbprint(jwk))
  })
})

// The orders n of the curves (FIPS 186-5, SP 800-186 §3.2.1).
const orders: Partial<Record<Algorithm, Uint8Array>> = {
  ES256: Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex'),
  ES384: Buffer.from('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973', 'hex'),
  ES512: Buffer.from('01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409', 'hex'),
}

const one = (size: number): Uint8Array => pad(Uint8Array.of(1), size)

function pad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(Math.max(length, bytes.length))
  padded.set(bytes, padded.length - bytes.length)
  return padded
}

/** a + b, modulo 2 to the bits of a. */
function plus(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(a.length)
  let carry = 0
  for (let i = a.length - 1; i >= 0; i--) {
    carry += (a[i] as number) + (b[i] as number)
    sum[i] = carry & 255
    carry >>= 8
  }
  return sum
}
