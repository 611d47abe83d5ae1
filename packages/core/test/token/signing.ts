import { Buffer } from 'node:buffer'
import nodeCrypto from 'node:crypto'
import { CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import type { Algorithm } from '../../src/token/algorithms.js'
import { keyAmongOptions, optionsOnKey } from '../../src/token/node-signature.js'
import { createKeyWith, joseEngine, nodeEngine } from '../../src/token/signature.js'
import type { VerificationKey } from '../../src/token/signature.js'

/** A key of the issuer's, and what it signs. */
export interface Signer {
  readonly alg: Algorithm
  readonly jwk: JWK
  readonly privateKey: CryptoKey
}

export interface Signed {
  readonly input: string
  readonly signature: Uint8Array
}

const pairs = new Map<string, Promise<JWK>>()

/** One key pair for each algorithm, made once; all of RSA share one of each modulus, as these take long to make. */
export async function signer(alg: Algorithm, modulusLength = 2048): Promise<Signer> {
  const isRsa = /^[RP]S/.test(alg)
  const name = isRsa ? `RSA ${modulusLength}` : alg
  const made = pairs.get(name) ?? makePair(isRsa ? 'RS256' : alg, modulusLength)
  pairs.set(name, made)
  const { kty, crv, x, y, n, e, ...secret } = await made
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JWK
  return { alg, jwk, privateKey: (await importJWK({ ...jwk, ...secret, ext: true }, alg)) as CryptoKey }
}

async function makePair(alg: Algorithm, modulusLength: number): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { modulusLength, extractable: true })
  return exportJWK(privateKey)
}

/** Signs with jose. */
export async function sign({ alg, privateKey }: Signer, payload = '{"sub":"alice"}', header: object = {}): Promise<Signed> {
  const jws = await new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg, ...header }).sign(privateKey)
  const end = jws.lastIndexOf('.')
  return { input: jws.slice(0, end), signature: Buffer.from(jws.slice(end + 1), 'base64url') }
}

export const engines = {
  'node:crypto': nodeEngine(nodeCrypto as never, optionsOnKey),
  'node:crypto, the key among options': nodeEngine(nodeCrypto as never, keyAmongOptions),
  jose: joseEngine,
}

export function keyWith(engine: keyof typeof engines, jwk: unknown): VerificationKey {
  const key = createKeyWith(engines[engine], jwk)
  if (!key) throw new Error('the JWK is unusable')
  return key
}
