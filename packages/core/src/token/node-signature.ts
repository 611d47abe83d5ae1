import type { Algorithm } from './algorithms.js'
import type { PublicJwk } from './jwk.js'
import type { Check } from './signature.js'

/** The part of `node:crypto` that is used here. */
export interface NodeCrypto {
  createPublicKey(from: { key: object; format: 'jwk' } | { key: object; format: 'der'; type: 'spki' }): NodeKey
  verify(digest: string | null, data: Uint8Array, key: object, signature: Uint8Array): boolean
}

interface NodeKey {
  export(as: { format: 'der'; type: 'spki' }): object
}

interface Scheme {
  /** Ed25519 brings its own. */
  readonly digest: string | null
  readonly options: object
}

const nodeBuffer = (globalThis as { Buffer?: { from(text: string, encoding: 'latin1'): Uint8Array } }).Buffer
const encoder = new TextEncoder()
/** What is signed is ASCII (RFC 7515 §5.2), which is the same bytes in Latin-1: on Node 20 a third of the time of UTF-8. Buffer has a pool for them. */
const encodeAscii = nodeBuffer ? (text: string): Uint8Array => nodeBuffer.from(text, 'latin1') : (text: string): Uint8Array => encoder.encode(text)

const pkcs1 = { padding: 1 } // RSA_PKCS1_PADDING
const pss = (saltLength: number): object => ({ padding: 6, saltLength }) // RSA_PKCS1_PSS_PADDING; salt as long as the hash, RFC 7518 §3.5
const rawPair = { dsaEncoding: 'ieee-p1363' } // r and s side by side, never DER, RFC 7518 §3.4

/** What the name of an algorithm says: RS, PS or ES, and the length of the hash in bits; or Ed25519. */
function schemeOf(alg: Algorithm): Scheme {
  if (alg.startsWith('Ed')) return { digest: null, options: {} }
  const bits = Number(alg.slice(2))
  return { digest: `sha${bits}`, options: alg.startsWith('RS') ? pkcs1 : alg.startsWith('PS') ? pss(bits / 8) : rawPair }
}

/** How `crypto.verify` is given a key and its options. */
export type Handover = (key: object, options: object) => object

/** As it is documented. Node 24.21 first takes this object for a key, and throws and catches two errors: in a server as dear as the check itself. */
export const keyAmongOptions: Handover = (key, options) => ({ key, ...options })
/** Node reads them there too. Bun and Deno do not. */
export const optionsOnKey: Handover = (key, options) => Object.assign(key, options)

/**
 * Checks signatures with `node:crypto`, synchronously: no promise, and no round trip through the thread pool, which with RS256
 * takes longer than the check itself. The key is prepared here, once; `undefined` if it cannot be, as for a point that is not on its curve.
 * PSS goes by the documented way always: what is known of `handOver` was seen with ECDSA.
 */
export function checkWithNode(crypto: NodeCrypto, handOver: Handover, jwk: PublicJwk): Check | undefined {
  try {
    const spki = crypto.createPublicKey({ key: jwk.members, format: 'jwk' }).export({ format: 'der', type: 'spki' })
    // Read from its own encoding OpenSSL takes a key for its native kind, which spares each check a conversion: 1.4 % with RS256.
    const createKey = (): object => crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const prepared = new Map(jwk.algorithms.map((alg) => {
      const { digest, options } = schemeOf(alg)
      return [alg, { digest, key: (alg.startsWith('PS') ? keyAmongOptions : handOver)(createKey(), options) }]
    }))
    return (alg, input, signature) => {
      const known = prepared.get(alg)
      try {
        return known !== undefined && crypto.verify(known.digest, encodeAscii(input), known.key, signature)
      } catch {
        return false
      }
    }
  } catch {
    return undefined
  }
}
