import type { Algorithm } from './algorithms.js'
import { isAlgorithm } from './algorithms.js'
import { decodeBase64url } from './base64url.js'

/** What a public JWK says (RFC 7517), after every check that needs no cryptography. */
export interface PublicJwk {
  readonly kid: string | undefined
  /** The required members alone, in the order of RFC 7638 §3.2. */
  readonly members: Readonly<Record<string, string>>
  /** Those that the key's type, its curve and its own `alg` allow. */
  readonly algorithms: readonly Algorithm[]
  /** The one length, in bytes, that a signature by this key has. */
  readonly signatureLength: number
}

type Material = Omit<PublicJwk, 'kid'>
type Members = Readonly<Record<string, unknown>>

/** What is private or symmetric (RFC 7517 §9.2, RFC 7518 §6.2.2, §6.3.2, §6.4, RFC 8037 §2): a key set that gives it away is not to be trusted with it. */
export const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

// RFC 7518 §3.3: at least 2048 bits. The upper bound keeps one signature from costing milliseconds; OpenSSL has the same.
const shortestModulus = 2048
const longestModulus = 16_384

const rsaAlgorithms: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

const curves: ReadonlyMap<unknown, { readonly algorithm: Algorithm; readonly coordinateLength: number }> = new Map([
  ['P-256', { algorithm: 'ES256', coordinateLength: 32 }],
  ['P-384', { algorithm: 'ES384', coordinateLength: 48 }],
  ['P-521', { algorithm: 'ES512', coordinateLength: 66 }],
])

/**
 * Reads a JWK that is to verify signatures. `undefined` if it cannot, or must not: another type or curve, a weak or malformed
 * key, another `use` or `key_ops`, private or symmetric members, an `alg` that does not fit. Certificates (`x5c`, `x5u`) are not looked at.
 */
export function readJwk(jwk: unknown): PublicJwk | undefined {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return undefined
  const members = jwk as Members
  const { kid, alg } = members
  if (kid !== undefined && typeof kid !== 'string') return undefined
  if (!isForSignatures(members) || privateMembers.some((name) => members[name] !== undefined)) return undefined

  const material = readMaterial(members)
  if (!material) return undefined
  if (alg === undefined) return { kid, ...material }

  // RFC 7517 §4.4: the key is for this algorithm only. EdDSA with an Ed25519 key and Ed25519 are one (RFC 9864 §2.2).
  if (!isAlgorithm(alg) || !material.algorithms.includes(alg)) return undefined
  return { kid, ...material, algorithms: material.algorithms.filter((one) => one === alg || members['kty'] === 'OKP') }
}

function isForSignatures({ use, key_ops: operations }: Members): boolean {
  return (use === undefined || use === 'sig') && (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
}

function readMaterial(members: Members): Material | undefined {
  if (members['kty'] === 'RSA') return readRsa(members)
  if (members['kty'] === 'EC') return readEc(members)
  if (members['kty'] === 'OKP') return readOkp(members)
  return undefined
}

/** RFC 7518 §6.3.1. Leading zero octets are refused, as §2 (Base64urlUInt) has it. */
function readRsa({ e, n }: Members): Material | undefined {
  const modulus = decode(n)
  const exponent = decode(e)
  if (!modulus || !exponent) return undefined
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (!isOddNumber(modulus) || bits < shortestModulus || bits > longestModulus) return undefined
  // Odd, at least 3, at most 32 bits: 65537 everywhere, 3 at old issuers.
  if (!isOddNumber(exponent) || exponent.length > 4 || (exponent.length === 1 && exponent[0] === 1)) return undefined
  return { members: { e, kty: 'RSA', n } as Record<string, string>, algorithms: rsaAlgorithms, signatureLength: modulus.length }
}

/** RFC 7518 §6.2.1. That the point is on the curve is checked on import. */
function readEc({ crv, x, y }: Members): Material | undefined {
  const curve = curves.get(crv)
  if (!curve || decode(x)?.length !== curve.coordinateLength || decode(y)?.length !== curve.coordinateLength) return undefined
  return {
    members: { crv, kty: 'EC', x, y } as Record<string, string>,
    algorithms: [curve.algorithm],
    signatureLength: curve.coordinateLength * 2,
  }
}

/** RFC 8037 §2. Ed448 and the key agreement curves are not here. */
function readOkp({ crv, x }: Members): Material | undefined {
  if (crv !== 'Ed25519' || decode(x)?.length !== 32) return undefined
  return { members: { crv, kty: 'OKP', x } as Record<string, string>, algorithms: ['EdDSA', 'Ed25519'], signatureLength: 64 }
}

const decode = (value: unknown): Uint8Array | undefined => (typeof value === 'string' ? decodeBase64url(value) : undefined)

const isOddNumber = (octets: Uint8Array): boolean => octets[0] !== 0 && (octets.at(-1) ?? 0) % 2 === 1
