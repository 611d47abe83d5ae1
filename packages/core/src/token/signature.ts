import { isAlgorithm } from './algorithms.js'
import type { Algorithm } from './algorithms.js'
import { decodeBase64url } from './base64url.js'
import { readJwk } from './jwk.js'
import type { PublicJwk } from './jwk.js'
import { nodeBuiltin } from './node-builtin.js'
import { checkWithNode, keyAmongOptions, optionsOnKey } from './node-signature.js'
import type { Handover, NodeCrypto } from './node-signature.js'
import { checkWithJose } from './web-signature.js'

/** One public key, fit for some algorithms. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** The JWK's required members in RFC 7638 form: the same key is the same string, whatever its `kid`. */
  readonly canonical: string
  /**
   * Whether this key is for `alg`, which is one of those that its issuer is `allowed`. A key is for one algorithm (RFC 8725 §3.1): that of
   * its JWK or of its curve, and an RSA key whose JWK names none for the first of `allowed` that is for RSA keys.
   */
  serves(alg: string, allowed: ReadonlySet<string>): boolean
  /**
   * Whether `signature` is this key's over `input`, the first two parts of a compact JWS. False where the key cannot be used with
   * `alg`. Never throws and never rejects: a signature that cannot be read is false.
   */
  verify(alg: string, input: string, signature: Uint8Array): boolean | Promise<boolean>
}

/** The cryptography of one key: called only with an algorithm that suits it and a signature of the right length. */
export type Check = (alg: Algorithm, input: string, signature: Uint8Array) => boolean | Promise<boolean>

/** A runtime's cryptography: `undefined` for a key that it cannot use. */
export type Engine = (jwk: PublicJwk) => Check | undefined

/**
 * Makes a key of a JWK; `undefined` for anything unusable, never a throw. The names EdDSA and Ed25519 stand for each other, in the
 * JWK and in the token, because with an Ed25519 key they are the same algorithm (RFC 9864 §2.2).
 */
export const createVerificationKey = (jwk: unknown): VerificationKey | undefined => createKeyWith(runtimeEngine, jwk)

/** The same with a chosen engine. */
export function createKeyWith(engine: Engine, from: unknown): VerificationKey | undefined {
  const jwk = readJwk(from)
  const check = jwk && engine(jwk)
  if (!check) return undefined
  const suits = (alg: string): alg is Algorithm => isAlgorithm(alg) && jwk.algorithms.includes(alg)
  return {
    kid: jwk.kid,
    canonical: JSON.stringify(jwk.members),
    serves(alg, allowed) {
      if (jwk.members['kty'] !== 'RSA') return suits(alg)
      for (const one of allowed) if (suits(one)) return one === alg
      return false
    },
    verify: (alg, input, signature) => suits(alg) && signature.length === jwk.signatureLength && check(alg, input, signature),
  }
}

export const joseEngine: Engine = checkWithJose

export const nodeEngine = (crypto: NodeCrypto, handOver: Handover): Engine => (jwk) => checkWithNode(crypto, handOver, jwk)

/** `node:crypto` where it is and works, else jose. Some runtimes have the module with functions that only throw. */
export function chooseEngine(crypto: Partial<NodeCrypto> | undefined): Engine {
  if (!crypto?.createPublicKey || !crypto.verify) return joseEngine
  const documented = nodeEngine(crypto as NodeCrypto, keyAmongOptions)
  if (!knowsTheAnswer(documented)) return joseEngine
  const faster = nodeEngine(crypto as NodeCrypto, optionsOnKey)
  return knowsTheAnswer(faster) ? faster : documented
}

/** RFC 6979 A.2.5, SHA-256: a signature that is good, and the same that is not. */
function knowsTheAnswer(engine: Engine): boolean {
  const key = createKeyWith(engine, {
    kty: 'EC',
    crv: 'P-256',
    x: 'YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y',
    y: 'eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk',
  })
  const signature = decodeBase64url('79SLKqy2qP0RQN2c1F6B1p0sh3tWqvmRw00OqE6vNxb3yxyULWV8QdQ2x6G24p9l8-kA27mv9AZNxKsvhDrNqA') as Uint8Array
  return key?.verify('ES256', 'sample', signature) === true && key.verify('ES256', 'samples', signature) === false
}

const runtimeEngine = chooseEngine(nodeBuiltin('node:crypto'))
