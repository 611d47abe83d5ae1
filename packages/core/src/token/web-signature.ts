import type { Algorithm } from './algorithms.js'
import type { PublicJwk } from './jwk.js'
import type { Check } from './signature.js'

type Prepared = (input: string, signature: Uint8Array) => Promise<boolean>

/**
 * Checks signatures with jose, on any runtime that has Web Crypto. Web Crypto wants the algorithm at import, so the key is
 * prepared once for each; a key that cannot be (a point that is not on its curve) verifies nothing.
 */
export function checkWithJose(jwk: PublicJwk): Check {
  // Holds what is ready, not promises: on Workers one request must not wait for another's.
  const prepared = new Map<Algorithm, Prepared>()
  return async (alg, input, signature) => {
    try {
      let verify = prepared.get(alg)
      if (!verify) prepared.set(alg, (verify = await prepare(jwk, alg)))
      return await verify(input, signature)
    } catch {
      return false
    }
  }
}

/** jose is loaded here and not above, because where `node:crypto` is it is never needed. */
async function prepare(jwk: PublicJwk, alg: Algorithm): Promise<Prepared> {
  const [{ importJWK }, { compactVerify }, { encode }] = await Promise.all([
    import('jose/key/import'),
    import('jose/jws/compact/verify'),
    import('jose/base64url'),
  ])
  const key = await importJWK({ ...jwk.members, kty: jwk.members['kty'] as string }, alg)
  const algorithms = [...jwk.algorithms] // EdDSA also where the header says Ed25519; that the header fits the imported key jose sees by itself
  return async (input, signature) => {
    await compactVerify(`${input}.${encode(signature)}`, key, { algorithms })
    return true
  }
}
