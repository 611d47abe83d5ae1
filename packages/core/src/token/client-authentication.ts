import { isToken68 } from './format.js'
import type { ClientCredentials } from '../configuration/client.js'
import { OutboundError } from '../outbound/outbound-error.js'

/** What a request carries to show who sends it. */
export interface Authentication {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Authenticates one request of this resource server to its issuer (RFC 6749 §2.3). `now` is in seconds since the epoch.
 * May reject; messages hold no secret.
 */
export type Authenticate = (now: number) => Promise<Authentication>

/** How long an assertion may be used, in seconds. */
const assertionLifetime = 60

const none: Readonly<Record<string, string>> = {}

export function createAuthentication(client: ClientCredentials, issuer: string): Authenticate {
  switch (client.method) {
    case 'client_secret_basic': {
      // Encoded as a form before base64 (RFC 6749 §2.3.1): a colon, or what is not ASCII, would not survive otherwise.
      const credentials = btoa(`${formEncoded(client.clientId)}:${formEncoded(client.clientSecret)}`)
      return async () => ({ headers: { authorization: `Basic ${credentials}` }, parameters: none })
    }
    case 'client_secret_post':
      return async () => ({ headers: none, parameters: { client_id: client.clientId, client_secret: client.clientSecret } })
    case 'tls_client_auth': // RFC 8705 §2: who asks is in the body, the proof in the connection
      return async () => ({ headers: none, parameters: { client_id: client.clientId } })
    case 'bearer':
      return async () => ({ headers: { authorization: `Bearer ${checkedToken(await client.bearerToken())}` }, parameters: none })
    case 'private_key_jwt': {
      const sign = createSigner(client, issuer)
      return async (now) => ({
        headers: none,
        parameters: {
          client_id: client.clientId,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await sign(now),
        },
      })
    }
  }
}

/** application/x-www-form-urlencoded (RFC 6749 Appendix B). */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

function checkedToken(token: unknown): string {
  if (typeof token !== 'string' || !isToken68(token)) throw new OutboundError('bearerToken gave what is no access token')
  return token
}

/** An assertion for this issuer alone (RFC 7523 §3): an audience that others share would let them use it in our name. */
function createSigner(
  { clientId, privateKey, alg }: Extract<ClientCredentials, { method: 'private_key_jwt' }>,
  issuer: string,
): (now: number) => Promise<string> {
  let key: Awaited<ReturnType<typeof import('jose/key/import').importJWK>> | undefined
  return async (now) => {
    const [{ importJWK }, { SignJWT }] = await Promise.all([import('jose/key/import'), import('jose/jwt/sign')])
    key ??= await importJWK(privateKey, alg)
    const iat = Math.floor(now)
    return new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: crypto.randomUUID(), iat, exp: iat + assertionLifetime })
      .setProtectedHeader({ alg, typ: 'client-authentication+jwt', ...(privateKey.kid !== undefined && { kid: privateKey.kid }) })
      .sign(key)
  }
}
