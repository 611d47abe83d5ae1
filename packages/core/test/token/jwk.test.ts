import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createVerificationKey } from '../../src/token/signature.js'
import { signer } from './signing.js'

const rsa = (await signer('RS256')).jwk
const ec = (await signer('ES256')).jwk
const p384 = (await signer('ES384')).jwk
const p521 = (await signer('ES512')).jwk
const okp = (await signer('EdDSA')).jwk
const bytes = (text: string | undefined): Buffer => Buffer.from(text as string, 'base64url')
const base64url = (...octets: (Uint8Array | number[])[]): string => Buffer.concat(octets.map((part) => Uint8Array.from(part))).toString('base64url')
const modulus = (length: number, first: number, last: number): string => base64url([first], Buffer.alloc(length - 2, 0xa5), [last])
const text32 = 'A'.repeat(43)

describe('a usable JWK', () => {
  it.each<[string, unknown]>([
    ['RSA', rsa], ['P-256', ec], ['P-384', p384], ['P-521', p521], ['Ed25519', okp],
    ['use: sig', { ...ec, use: 'sig' }], ['key_ops with verify', { ...ec, key_ops: ['sign', 'verify'] }], ['use and key_ops', { ...ec, use: 'sig', key_ops: ['verify'] }],
    ['a kid that looks like a path', { ...ec, kid: '../../x' }], ['an empty kid', { ...ec, kid: '' }], ['its own alg', { ...ec, alg: 'ES256' }],
    ['members nobody knows', { ...ec, x5c: ['junk'], 'x5t#S256': 7, ext: true, iat: 1 }],
    ['exponent 3', { ...rsa, e: 'Aw' }], ['a modulus of 16384 bits', { kty: 'RSA', e: 'AQAB', n: modulus(2048, 0x80, 1) }],
    ['no prototype', Object.assign(Object.create(null), ec)],
  ])('%s', (_, jwk) => {
    expect(createVerificationKey(jwk)).toBeDefined()
  })
})

describe('an unusable JWK is undefined, never a throw', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined], ['null', null], ['a string', 'jwk'], ['a number', 7], ['an array', [ec]], ['a function', () => ec], ['an empty object', {}],
    ['no kty', { ...ec, kty: undefined }], ['kty in another case', { ...ec, kty: 'ec' }], ['kty as an array', { ...ec, kty: ['EC'] }],
    ['kty of another key', { ...ec, kty: 'RSA' }], ['oct', { kty: 'oct', k: 'c2VjcmV0' }], ['AKP', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }], ['__proto__ as kty', { ...ec, kty: '__proto__' }],
    ['a kid that is a number', { ...ec, kid: 1 }], ['a kid that is null', { ...ec, kid: null }], ['a kid that is an object', { ...ec, kid: {} }],
    ['use: enc', { ...ec, use: 'enc' }], ['use in another case', { ...ec, use: 'SIG' }], ['use: null', { ...ec, use: null }], ['use as an array', { ...ec, use: ['sig'] }],
    ['key_ops without verify', { ...ec, key_ops: ['sign', 'deriveKey'] }], ['key_ops empty', { ...ec, key_ops: [] }], ['key_ops as a string', { ...ec, key_ops: 'verify' }],
    ['alg that does not exist', { ...ec, alg: 'ES999' }], ['alg of another type', { ...ec, alg: 'RS256' }], ['alg of another curve', { ...ec, alg: 'ES384' }],
    ['alg none', { ...ec, alg: 'none' }], ['HMAC over an RSA key', { ...rsa, alg: 'HS256' }], ['an encryption alg', { ...rsa, alg: 'RSA-OAEP' }], ['alg that is an array', { ...ec, alg: ['ES256'] }],
    ['alg null', { ...ec, alg: null }], ['Ed25519 alg on an EC key', { ...ec, alg: 'EdDSA' }], ['ES256K', { ...ec, crv: 'secp256k1', alg: 'ES256K' }],
    ['the size of the prototype', { ...ec, alg: 'toString' }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].flatMap((name): [string, unknown][] => [
      [`RSA with ${name}`, { ...rsa, [name]: 'AQAB' }], [`EC with ${name}`, { ...ec, [name]: '' }], [`OKP with ${name}`, { ...okp, [name]: null }],
    ]),
    ['RSA without n', { ...rsa, n: undefined }], ['RSA without e', { ...rsa, e: undefined }], ['n as a number', { ...rsa, n: 5 }], ['e as a number', { ...rsa, e: 65_537 }],
    ['1024 bits', { ...rsa, n: modulus(128, 0xc0, 1) }], ['2047 bits', { ...rsa, n: modulus(256, 0x7f, 1) }], ['2040 bits', { ...rsa, n: modulus(255, 0xff, 1) }],
    ['2048 bits by leading zeros', { ...rsa, n: base64url([0], bytes(rsa.n).subarray(1)) }], ['a leading zero', { ...rsa, n: base64url([0], bytes(rsa.n)) }],
    ['more than 16384 bits', { ...rsa, n: modulus(2049, 1, 1) }], ['a megabyte', { ...rsa, n: 'A'.repeat(1_000_000) }], ['an even modulus', { ...rsa, n: modulus(256, 0x80, 2) }],
    ['an empty modulus', { ...rsa, n: '' }], ['exponent 1', { ...rsa, e: 'AQ' }], ['exponent 0', { ...rsa, e: 'AA' }], ['an empty exponent', { ...rsa, e: '' }], ['an even exponent', { ...rsa, e: 'AQAC' }],
    ['an exponent with a leading zero', { ...rsa, e: 'AAEAAQ' }], ['an exponent of 33 bits', { ...rsa, e: 'AQAAAAE' }],
    ['n with padding', { ...rsa, n: `${rsa.n}==` }], ['e with other last bits', { ...rsa, e: 'AQAB\n' }], ['n in base64', { ...rsa, n: `${rsa.n?.slice(0, -2)}+/` }],
    ['no curve', { ...ec, crv: undefined }], ['another curve', { ...ec, crv: 'P-384' }], ['an unknown curve', { ...ec, crv: 'P-192' }], ['the curve in another case', { ...ec, crv: 'p-256' }],
    ['P-256 coordinates as P-521', { ...p521, x: ec.x, y: ec.y }], ['P-521 as P-256', { ...p521, crv: 'P-256' }],
    ['x too short', { ...ec, x: base64url(bytes(ec.x).subarray(1)) }], ['y too long', { ...ec, y: base64url([0], bytes(ec.y)) }], ['no y', { ...ec, y: undefined }], ['x as an array', { ...ec, x: [ec.x] }],
    ['x with padding', { ...ec, x: `${ec.x}=` }], ['x with non-zero last bits', { ...ec, x: `${ec.x?.slice(0, -1)}B` }], ['not on the curve', { ...ec, y: ec.x }], ['the point zero', { ...ec, x: text32, y: text32 }],
    ['coordinates of p or more', { ...ec, x: base64url(Buffer.alloc(32, 255)), y: ec.y }],
    ['Ed448', { ...okp, crv: 'Ed448', x: base64url(Buffer.alloc(57, 1)) }], ['X25519', { ...okp, crv: 'X25519' }], ['Ed25519 as EC', { ...okp, kty: 'EC' }], ['Ed25519 with 31 bytes', { ...okp, x: base64url(Buffer.alloc(31, 1)) }],
    ['Ed25519 with 33 bytes', { ...okp, x: base64url(Buffer.alloc(33, 1)) }], ['Ed25519 with alg Ed448', { ...okp, alg: 'Ed448' }], ['no x', { ...okp, x: undefined }],
  ])('%s', (_, jwk) => {
    expect(createVerificationKey(jwk)).toBeUndefined()
  })
})
