import type { JWK } from 'jose'
import { checkIsSet, checkText } from './check.js'
import type { Introspection } from './introspection.js'
import { ConfigurationError } from '../configuration-error.js'
import { isAlgorithm, type Algorithm } from '../token/algorithms.js'
import { isToken68 } from '../token/format.js'
import { readJwk } from '../token/jwk.js'

/** What this resource server authenticates with at an issuer's endpoint. */
export type ClientCredentials =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly clientId: string; readonly clientSecret: string }
  | { readonly method: 'private_key_jwt'; readonly clientId: string; readonly privateKey: JWK; readonly alg: Algorithm }
  | { readonly method: 'tls_client_auth'; readonly clientId: string }
  | { readonly method: 'bearer'; readonly clientId: string | undefined; readonly bearerToken: () => string | Promise<string> }

const means = ['clientSecret', 'privateKey', 'bearerToken'] as const

/** Checks that there is exactly one way to authenticate. Messages never hold a secret. Throws a ConfigurationError. */
export function checkClient(option: string, asked: Introspection): ClientCredentials {
  const given = means.filter((name) => asked[name] !== undefined)
  if (given.length > 1) throw new ConfigurationError(`${option}.${given[1]}`, `give ${given[0]} or ${given[1]}, not both`)
  if (given.length === 0 && asked.authMethod !== 'tls_client_auth') checkIsSet(`${option}.clientSecret`, asked, 'clientSecret')
  if (asked.bearerToken !== undefined) return checkBearer(option, asked, asked.bearerToken)
  const clientId = checkText(`${option}.clientId`, asked.clientId)
  const method = checkMethod(`${option}.authMethod`, asked.authMethod, given[0])
  if (method === 'private_key_jwt') return { method, clientId, ...checkPrivateKey(`${option}.privateKey`, asked.privateKey) }
  if (method === 'client_secret_basic' || method === 'client_secret_post') {
    return { method, clientId, clientSecret: checkText(`${option}.clientSecret`, asked.clientSecret) }
  }
  return { method: 'tls_client_auth', clientId }
}

const methodsOf = {
  clientSecret: ['client_secret_basic', 'client_secret_post'],
  privateKey: ['private_key_jwt'],
  nothing: ['tls_client_auth', 'self_signed_tls_client_auth'],
} as const

function checkMethod(option: string, method: unknown, given: 'clientSecret' | 'privateKey' | 'bearerToken' | undefined) {
  const fit = methodsOf[given === 'clientSecret' || given === 'privateKey' ? given : 'nothing']
  if (method === undefined && given !== undefined) return fit[0]
  const found = fit.find((one) => one === method)
  if (found !== undefined) return found
  if (given !== undefined) throw new ConfigurationError(option, `with ${given} it can be ${fit.join(' or ')}`)
  throw new ConfigurationError(option, `give clientSecret, privateKey or bearerToken; without them it must be ${fit.join(' or ')}`)
}

function checkPrivateKey(option: string, key: unknown): { readonly privateKey: JWK; readonly alg: Algorithm } {
  const jwk = (typeof key === 'object' && key !== null ? key : {}) as JWK
  if (!['RSA', 'EC', 'OKP'].includes(jwk.kty as string) || typeof jwk.d !== 'string') {
    throw new ConfigurationError(option, 'must be a private JWK of type RSA, EC or OKP')
  }
  if (!isAlgorithm(jwk.alg)) throw new ConfigurationError(`${option}.alg`, 'must name the algorithm to sign with, like "ES256"')
  const { kty, crv, x, y, n, e, alg } = jwk
  if (readJwk({ kty, crv, x, y, n, e, alg }) === undefined) throw new ConfigurationError(option, `is no key that can sign by ${alg}`)
  return { privateKey: jwk, alg }
}

function checkBearer(option: string, { authMethod, clientId }: Introspection, token: unknown): ClientCredentials {
  if (authMethod !== undefined) throw new ConfigurationError(`${option}.authMethod`, 'has no meaning with bearerToken: leave it out')
  if (clientId !== undefined) checkText(`${option}.clientId`, clientId)
  if (typeof token !== 'function' && (typeof token !== 'string' || !isToken68(token))) {
    throw new ConfigurationError(`${option}.bearerToken`, 'must be an access token, or a function that gets one')
  }
  return { method: 'bearer', clientId, bearerToken: typeof token === 'function' ? (token as () => string) : () => token }
}
