import { Buffer } from 'node:buffer'
import { createTestKey, createTestSecret, type TestKey } from '../key.js'
import { base64url, change, type Changes, type MintOptions } from '../token.js'
import { firstKey, type Given, type Guarded, type ResourceCase } from './case.js'
import { anyOf, invalidRequest, invalidToken } from './expectation.js'

const good = (on: Guarded, claims: Changes = {}): Promise<string> => on.issuer.token({ aud: on.resource, ...claims })

/** A good token with one of its three parts replaced after signing. */
const withPart =
  (index: number, replace: (part: string) => string) =>
  async (on: Guarded): Promise<string> => {
    const parts = (await good(on)).split('.')
    parts[index] = replace(parts[index] as string)
    return parts.join('.')
  }

/** A token whose header and payload are encoded in a way of their own, and signed as they stand. */
const signedAs =
  (encode: (header: string, payload: string) => string) =>
  async (on: Guarded): Promise<string> => {
    const [header = '', payload = ''] = (await good(on)).split('.')
    const input = encode(header, payload)
    return `${input}.${base64url(await firstKey(on).sign(Buffer.from(input)))}`
  }

const rewrite = (part: string, changes: Changes): string =>
  base64url(JSON.stringify(change(JSON.parse(Buffer.from(part, 'base64url').toString()) as Changes, changes)))

/** Sets the bits that a last base64url character leaves unused. */
const untidy = (part: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.slice(-1)) ^ 1]
}

const pem = (key: TestKey): Promise<string> =>
  publicBytes(key).then((der) => `-----BEGIN PUBLIC KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PUBLIC KEY-----\n`)

async function publicBytes({ publicJwk }: TestKey): Promise<Uint8Array> {
  const algorithm = publicJwk.kty === 'EC' ? { name: 'ECDSA', namedCurve: publicJwk.crv as string }
    : publicJwk.kty === 'RSA' ? { name: 'RSA-PSS', hash: 'SHA-256' } : { name: 'Ed25519' }
  const { kty, crv, x, y, n, e } = publicJwk
  const members = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined))
  return new Uint8Array(await crypto.subtle.exportKey('spki', await crypto.subtle.importKey('jwk', members, algorithm, true, ['verify'])))
}

const header = (members: Changes): Given<MintOptions> => ({ header: members })

/** Signatures, their algorithms and their encoding (RFC 7515, RFC 8725). */
export const signature: readonly ResourceCase[] = [
  {
    name: 'a token signed by a key that the issuer does not have is refused', ref: 'R9068-4-5',
    mint: async () => ({ key: await createTestKey() }), expect: invalidToken,
  },
  {
    name: 'a token signed by a stranger under the kid of the issuer is refused', ref: 'R9068-4-5',
    mint: async (on) => ({ key: await createTestKey(firstKey(on).alg, { kid: firstKey(on).kid }) }), expect: invalidToken,
  },
  {
    name: 'a token whose claims were changed after signing is refused', ref: 'R8725-3.3-a',
    token: withPart(1, (part) => rewrite(part, { sub: 'mallory' })), expect: invalidToken,
  },
  {
    name: 'a token whose header was changed after signing is refused', ref: 'R8725-3.3-a',
    token: withPart(0, (part) => rewrite(part, { extra: 1 })), expect: invalidToken,
  },
  { name: 'a token without its signature is refused', ref: 'R7519-6-a', token: withPart(2, () => ''), expect: invalidToken },
  {
    name: 'a token cut before its signature is refused', ref: 'R7515-5.2-b',
    token: async (on) => (await good(on)).split('.').slice(0, 2).join('.'), expect: invalidToken,
  },
  {
    name: 'a token with half a signature is refused', ref: 'R7518-3.4-a',
    mint: { edit: { signature: (bytes) => bytes.subarray(0, bytes.length / 2) } }, expect: invalidToken,
  },
  {
    name: 'a token with a byte after its signature is refused', ref: 'R7518-3.4-a',
    mint: { edit: { signature: (bytes) => Buffer.concat([bytes, Buffer.from([0])]) } }, expect: invalidToken,
  },
  {
    name: 'a token whose signature has one bit flipped is refused', ref: 'R8725-3.3-a',
    mint: { edit: { signature: (bytes) => bytes.with(0, (bytes[0] as number) ^ 1) } }, expect: invalidToken,
  },
  {
    name: 'a token whose signature is all zero is refused', ref: 'R7518-3.4-a',
    mint: { edit: { signature: (bytes) => new Uint8Array(bytes.length) } }, expect: invalidToken,
  },
  { name: 'a token with the signature of another token of the same issuer is refused', ref: 'R8725-3.3-a', token: async (on) => {
    const [a, b] = [await good(on), (await good(on)).split('.')[2] as string]
    return `${a.split('.').slice(0, 2).join('.')}.${b}`
  }, expect: invalidToken },
  { name: 'a token with four parts is refused', ref: 'R7515-5.2-b', token: async (on) => `${await good(on)}.AAAA`, expect: invalidToken },
  {
    name: 'a token with five parts, which is the shape of an encrypted one, is refused', ref: 'bis-3.3-b',
    token: async (on) => `${await good(on)}.AAAA.AAAA`, expect: invalidToken,
  },
  { name: 'a token with an empty payload is refused', ref: 'R7519-7.2-a', token: withPart(1, () => ''), expect: invalidToken },
  { name: 'a token with an empty header is refused', ref: 'R7519-7.2-a', token: withPart(0, () => ''), expect: invalidToken },
  {
    name: 'a token with an SD-JWT disclosure behind it is refused', ref: 'RFC 9901 §4',
    token: async (on) => `${await good(on)}~WyJzYWx0IiwgIm5hbWUiXQ~`, expect: invalidToken,
  },
  {
    name: 'a token in the JSON serialisation is refused', ref: 'R7515-5.2-b', expect: anyOf(invalidRequest, invalidToken),
    token: async (on) => {
      const [protectedHeader, payload, signed] = (await good(on)).split('.')
      return JSON.stringify({ payload, protected: protectedHeader, signature: signed })
    },
  },

  ...['none', 'None', 'nOnE', 'NONE'].map((alg) => ({
    name: `a token that says alg ${alg} is refused without a signature`, ref: 'R7515-4.1.1-a',
    mint: { header: { alg }, edit: { signature: () => new Uint8Array() } }, expect: invalidToken,
  })),
  {
    name: 'a token that says alg none is refused with a good signature', ref: 'R8725-3.1-a',
    mint: header({ alg: 'none' }), expect: invalidToken,
  },
  { name: 'a token without alg is refused', ref: 'R7515-4.1.1-a', mint: header({ alg: undefined }), expect: invalidToken },
  ...[null, 256, '', ['ES256'], { name: 'ES256' }, true].map((alg) => ({
    name: `a token whose alg is ${JSON.stringify(alg)} is refused`, ref: 'R7515-4.1.1-a', mint: { header: { alg } }, expect: invalidToken,
  })),
  {
    name: 'the name of an algorithm in lower case is none', ref: 'R7515-4.1.1-a',
    mint: (on) => ({ header: { alg: firstKey(on).alg.toLowerCase() } }), expect: invalidToken,
  },
  ...['HS256', 'HS384', 'HS512'].map((alg) => ({
    name: `a token signed by ${alg} with the public key of the issuer as PEM is refused`, ref: 'R7515-10.7-a',
    mint: async (on: Guarded) => ({ key: createTestSecret(await pem(firstKey(on)), { alg: alg as 'HS256', kid: firstKey(on).kid }) }), expect: invalidToken,
  })),
  {
    name: 'a token signed by HS256 with the public key of the issuer as DER is refused', ref: 'R7515-10.7-a', expect: invalidToken,
    mint: async (on) => ({ key: createTestSecret(await publicBytes(firstKey(on)), { kid: firstKey(on).kid }) }),
  },
  {
    name: 'a token signed by HS256 with the public key of the issuer as JWK is refused', ref: 'R7515-10.7-a', expect: invalidToken,
    mint: (on) => ({ key: createTestSecret(JSON.stringify(firstKey(on).publicJwk), { kid: firstKey(on).kid }) }),
  },
  {
    name: 'a token signed by HS256 with a secret of one NUL is refused', ref: 'R8725-3.2-a',
    mint: (on) => ({ key: createTestSecret('\0', { kid: firstKey(on).kid }) }), expect: invalidToken,
  },
  ...['RS256', 'PS256', 'ES384', 'ES512', 'EdDSA', 'ES256K', 'RS1', 'HS256', 'A128GCM', 'dir'].map((alg) => ({
    name: `a token that says ${alg} over a signature of another algorithm is refused`, ref: 'R8725-3.1-a',
    mint: (on: Guarded) => ({ header: { alg: alg === firstKey(on).alg ? 'RS384' : alg } }), expect: invalidToken,
  })),

  {
    name: 'padding in the encoding of a signature is refused', ref: 'R7515-5.2-a',
    token: async (on) => `${await good(on)}==`, expect: invalidToken,
  },
  {
    name: 'padding in the encoding of a signed part is refused', ref: 'R7515-5.2-a',
    token: signedAs((head, body) => `${head}=.${body}`), expect: anyOf(invalidToken, invalidRequest),
  },
  {
    name: 'the alphabet of plain base64 is refused', ref: 'R7515-5.2-a',
    token: signedAs((head, body) => `${head}.${body}+/+/`), expect: invalidToken,
  },
  {
    name: 'a signature in another spelling of the same bytes is refused', ref: 'R7515-5.2-a',
    token: withPart(2, untidy), expect: invalidToken,
  },
  {
    name: 'a header in another spelling of the same bytes is refused', ref: 'R7515-5.2-a', expect: invalidToken,
    token: signedAs((head, body) => {
      const json = Buffer.from(head, 'base64url').toString()
      // One or two bytes over a multiple of three leave bits unused in the last character.
      const part = base64url(json.length % 3 === 0 ? `${json} ` : json)
      return `${untidy(part)}.${body}`
    }),
  },
  {
    name: 'a part whose length no encoding has is refused', ref: 'R7515-5.2-a',
    token: signedAs((head, body) => `${head}.${body}${'A'.repeat((5 - (body.length % 4)) % 4)}`), expect: invalidToken,
  },
]
