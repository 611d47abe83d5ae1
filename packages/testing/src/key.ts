import { Buffer } from 'node:buffer'

/** A public key as it stands in a JWK Set (RFC 7517 §4). */
export interface PublicJwk {
  readonly kty: string
  readonly kid: string
  readonly use: string
  readonly alg: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
}

/** Whatever can sign a token: a TestKey, or a secret. */
export interface SigningKey {
  /** The JWS algorithm that `sign` computes, and the `alg` header by default. */
  readonly alg: string
  /** The `kid` header by default; left out of the header if undefined. */
  readonly kid?: string | undefined
  sign(input: Uint8Array): Promise<Uint8Array>
}

/** A key pair whose private half never leaves it. */
export interface TestKey extends SigningKey {
  /** The key identifier: in `publicJwk`, and the `kid` header by default. */
  readonly kid: string
  /** The public half, as an issuer publishes it. */
  readonly publicJwk: PublicJwk
}

interface Recipe {
  readonly generate: { readonly name: string } & Record<string, unknown>
  readonly sign: { readonly name: string } & Record<string, unknown>
}

const publicExponent = new Uint8Array([1, 0, 1])

const rsa = (name: string, bits: number): Recipe => ({
  generate: { name, hash: `SHA-${bits}`, modulusLength: 2048, publicExponent },
  sign: { name, saltLength: bits / 8 },
})

const ecdsa = (namedCurve: string, bits: number): Recipe => ({
  generate: { name: 'ECDSA', namedCurve },
  sign: { name: 'ECDSA', hash: `SHA-${bits}` },
})

const ed25519: Recipe = { generate: { name: 'Ed25519' }, sign: { name: 'Ed25519' } }

const recipes: Readonly<Record<string, Recipe>> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 256), RS384: rsa('RSASSA-PKCS1-v1_5', 384), RS512: rsa('RSASSA-PKCS1-v1_5', 512),
  PS256: rsa('RSA-PSS', 256), PS384: rsa('RSA-PSS', 384), PS512: rsa('RSA-PSS', 512),
  ES256: ecdsa('P-256', 256), ES384: ecdsa('P-384', 384), ES512: ecdsa('P-521', 512),
  EdDSA: ed25519, Ed25519: ed25519,
}

/** How a test key may differ from what an issuer should use. */
export interface TestKeyOptions {
  /** Default: the algorithm and a random part. */
  readonly kid?: string
  /** RSA only, in bits. Default 2048. */
  readonly modulusLength?: number
}

/**
 * Makes a key pair for one JWS algorithm (RS/PS/ES 256-512, EdDSA, Ed25519). Rejects with a TypeError for any other.
 * The keys of an issuer come with it; make one by hand to sign what that issuer never signed.
 */
export async function createTestKey(alg = 'ES256', options: TestKeyOptions = {}): Promise<TestKey> {
  return testKey(alg, options.kid, await generatePrivateKey(alg, options.modulusLength))
}

/**
 * Makes one key for each algorithm, of which all RSA keys have one modulus: it takes long to make, and what only the `alg` of a
 * key tells apart must be told apart by it.
 */
export async function createTestKeys(algs: readonly string[]): Promise<TestKey[]> {
  const pkcs8 = algs.some(isRsa) ? await crypto.subtle.exportKey('pkcs8', await generatePrivateKey('RS256')) : undefined
  return Promise.all(algs.map(async (alg) => {
    if (pkcs8 === undefined || !isRsa(alg)) return createTestKey(alg)
    return testKey(alg, undefined, await crypto.subtle.importKey('pkcs8', pkcs8, recipeFor(alg).generate, true, ['sign']))
  }))
}

const isRsa = (alg: string): boolean => /^[RP]S/.test(alg)

function recipeFor(alg: string): Recipe {
  const recipe = recipes[alg]
  if (!recipe) throw new TypeError(`"${alg}" is not an algorithm that a test key can have: use ${Object.keys(recipes).join(', ')}`)
  return recipe
}

async function generatePrivateKey(alg: string, modulusLength?: number): Promise<CryptoKey> {
  const generate = { ...recipeFor(alg).generate, ...(modulusLength && { modulusLength }) }
  return ((await crypto.subtle.generateKey(generate, true, ['sign', 'verify'])) as CryptoKeyPair).privateKey
}

async function testKey(alg: string, givenKid: string | undefined, privateKey: CryptoKey): Promise<TestKey> {
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', privateKey)
  const kid = givenKid ?? `${alg}-${crypto.randomUUID().slice(0, 8)}`
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  return {
    alg,
    kid,
    publicJwk: { ...Object.fromEntries(members), kid, alg, use: 'sig' } as PublicJwk,
    sign: async (input) => new Uint8Array(await crypto.subtle.sign(recipeFor(alg).sign, privateKey, new Uint8Array(input))),
  }
}

/**
 * A shared secret that signs with HMAC, as an attacker would: no resource server should accept what it signs, least of
 * all where the secret is the issuer's public key (RFC 8725 §2.1). A string is taken as UTF-8. Default: `alg` HS256, and no
 * `kid` header.
 */
export function createTestSecret(
  secret: string | Uint8Array,
  options: { readonly alg?: 'HS256' | 'HS384' | 'HS512'; readonly kid?: string } = {},
): SigningKey {
  const { alg = 'HS256', kid } = options
  const bytes = new Uint8Array(Buffer.from(secret as string))
  return {
    alg,
    kid,
    sign: async (input) => {
      const algorithm = { name: 'HMAC', hash: `SHA-${alg.slice(2)}` }
      const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
      return new Uint8Array(await crypto.subtle.sign(algorithm, key, new Uint8Array(input)))
    },
  }
}
