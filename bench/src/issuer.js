import { createServer } from 'node:http'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

/** @typedef {'RS256' | 'ES256' | 'EdDSA'} Alg */

export const audience = 'https://api.example.com'

const makers = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}
export const digests = { RS256: 'sha256', ES256: 'sha256', EdDSA: null }

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An authorization server on a loopback port: metadata, a key set with one key for each algorithm, and tokens. */
export async function createIssuer() {
  const pairs = Object.fromEntries(Object.entries(makers).map(([alg, make]) => [alg, make()]))
  const jwks = {
    keys: Object.entries(pairs).map(([alg, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid: `key-${alg}`, alg, use: 'sig' })),
  }
  let issuer = ''
  const server = createServer((request, response) => {
    const found = request.url?.includes('jwks') ? jwks : request.url?.startsWith('/.well-known/') ? { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` } : undefined
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'max-age=600' })
    response.end(JSON.stringify(found ?? {}))
  })
  // Connections are kept for good: while something is timed, this process cannot say in time that it closes one.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  issuer = `http://127.0.0.1:${server.address().port}`

  /** A token as RFC 9068 has it, valid for two hours. @param {Alg} alg */
  function token(alg, claims = {}, header = {}) {
    const now = Math.floor(Date.now() / 1000)
    const input = `${encode({ alg, typ: 'at+jwt', kid: `key-${alg}`, ...header })}.${encode({
      iss: issuer, aud: audience, sub: randomUUID(), client_id: 's6BhdRkqt3', iat: now, exp: now + 7200, jti: randomUUID(),
      scope: 'photos:read photos:write profile', ...claims,
    })}`
    const signature = sign(digests[alg], Buffer.from(input), { key: pairs[alg].privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }

  return {
    issuer,
    jwks,
    jwksUri: `${issuer}/.well-known/jwks.json`,
    publicKey: (/** @type {Alg} */ alg) => pairs[alg].publicKey,
    token,
    tokens: (/** @type {Alg} */ alg, /** @type {number} */ count) => Array.from({ length: count }, () => token(alg)),
    close: () => server.close(),
  }
}

/** Tokens that nobody may let in; `tampered` says something else than what was signed. */
export function badTokens(issuer, alg) {
  const now = Math.floor(Date.now() / 1000)
  const [header, , signature] = issuer.token(alg).split('.')
  const [, claims] = issuer.token(alg).split('.')
  return {
    tampered: `${header}.${claims}.${signature}`,
    'wrong aud': issuer.token(alg, { aud: 'https://other.example.com' }),
    expired: issuer.token(alg, { iat: now - 7200, exp: now - 3600 }),
    'wrong iss': issuer.token(alg, { iss: 'https://evil.example.com' }),
  }
}
