import { createResourceGuard } from '@resource-guard/core'
import { JwtVerifier } from 'aws-jwt-verify'
import { createVerifier } from 'fast-jwt'
import buildGetJwks from 'get-jwks'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import jwksClient from 'jwks-rsa'
import * as oauth from 'oauth4webapi'
import { audience } from './issuer.js'

// Each as its own documentation sets it up for one issuer and one audience, with every algorithm of the measurement allowed.
// A verifier resolves for a token that is let in, and rejects or throws for one that is not.

const algorithms = ['RS256', 'ES256', 'EdDSA']

/** A guard with these options, given a whole request for each token. */
export function handledBy(options) {
  const guard = createResourceGuard(options)
  return async (token) => {
    const authorization = `Bearer ${token}`
    const outcome = await guard.handle({ method: 'GET', url: '/photos', headers: { get: (name) => (name === 'authorization' ? authorization : null) } })
    if (outcome.kind !== 'granted') throw new Error(outcome.kind)
    return outcome.principal
  }
}

const guard = ({ issuer, jwksUri }, options = {}) => handledBy({ resource: audience, authorizationServers: [{ issuer, jwksUri }], ...options })

/** fast-jwt with the public key in hand: the fastest way to use it. With keys from a key set it is asynchronous, and slower. */
const fastJwt = (cache) => ({ issuer, publicKey }, alg) => {
  const key = publicKey(alg).export({ type: 'spki', format: 'pem' })
  return createVerifier({ key, algorithms: [alg], allowedIss: issuer, allowedAud: audience, cache })
}

/** @type {Record<string, (issuer: any, alg: string) => (token: string) => any>} */
export const verifiers = {
  'resource-guard': (issuer) => guard(issuer),
  'resource-guard, cache off': (issuer) => guard(issuer, { verifiedCache: false }),
  'fast-jwt, cache 10,000': fastJwt(10_000),
  'fast-jwt, cache off': fastJwt(false),
  'fast-jwt + get-jwks, cache 10,000': ({ issuer }, alg) => {
    const jwks = buildGetJwks({ issuersWhitelist: [issuer] })
    const key = ({ header }) => jwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: issuer })
    return createVerifier({ key, algorithms: [alg], allowedIss: issuer, allowedAud: audience, cache: 10_000 })
  },
  'aws-jwt-verify': ({ issuer, jwks }) => {
    const verifier = JwtVerifier.create({ issuer, audience, jwksUri: 'https://unused.example.com/jwks' })
    verifier.cacheJwks(jwks) // It fetches over https only.
    return (token) => verifier.verify(token)
  },
  'jsonwebtoken + jwks-rsa': ({ issuer, jwksUri }) => {
    const client = jwksClient({ jwksUri, cache: true, rateLimit: true })
    const key = (header, callback) => client.getSigningKey(header.kid, (error, found) => callback(error, found?.getPublicKey()))
    return (token) =>
      new Promise((resolve, reject) => {
        jsonwebtoken.verify(token, key, { issuer, audience, algorithms: ['RS256', 'ES256'] }, (error, claims) => (error ? reject(error) : resolve(claims)))
      })
  },
  jose: ({ issuer, jwksUri }) => {
    const keys = createRemoteJWKSet(new URL(jwksUri))
    return (token) => jwtVerify(token, keys, { issuer, audience, algorithms, typ: 'at+jwt', requiredClaims: ['exp', 'sub', 'client_id', 'iat', 'jti'] })
  },
  oauth4webapi: ({ issuer, jwksUri }) => {
    const server = { issuer, jwks_uri: jwksUri }
    return (token) =>
      oauth.validateJwtAccessToken(server, new Request(`${audience}/photos`, { headers: { authorization: `Bearer ${token}` } }), audience, {
        [oauth.allowInsecureRequests]: true,
      })
  },
}
