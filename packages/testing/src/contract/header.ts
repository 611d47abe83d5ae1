import { Buffer } from 'node:buffer'
import { createTestKey } from '../key.js'
import type { Changes, MintOptions } from '../token.js'
import { firstKey, type Given, type ResourceCase } from './case.js'
import { anyOf, granted, invalidToken } from './expectation.js'

const header = (members: Changes): Given<MintOptions> => ({ header: members })
const headerText = (edit: (json: string) => string | Uint8Array): Given<MintOptions> => ({ edit: { header: edit } })

/** What a JOSE header may say, and what it has no say in (RFC 7515 §4, RFC 8725 §3.10 to §3.12). */
export const headers: readonly ResourceCase[] = [
  { name: 'typ is a media type: its case does not matter', ref: 'R7515-4.1.9-a', mint: header({ typ: 'AT+JWT' }), expect: granted },
  {
    name: 'typ is a media type: application/ may be written out', ref: 'bis-3.11-b',
    mint: header({ typ: 'application/at+jwt' }), expect: granted,
  },
  {
    name: 'typ is a media type: application/ may be written in any case', ref: 'R7515-4.1.9-a',
    mint: header({ typ: 'Application/AT+jwt' }), expect: granted,
  },
  { name: 'a token without typ is no access token', ref: 'R9068-4-1', mint: header({ typ: undefined }), expect: invalidToken },
  ...[
    'JWT', 'jwt', 'at+jwt ', 'at jwt', 'at+jwt;v=1', 'text/at+jwt', 'application/application/at+jwt', '', 'dpop+jwt', 'logout+jwt', 'secevent+jwt',
    'token-introspection+jwt', 'txntoken+jwt', 'statuslist+jwt', 'oauth-id-jag+jwt', 'kb+jwt', 'JOSE', 7, null, ['at+jwt'], { at: 'jwt' },
  ].map((typ) => ({
    name: `a token whose typ is ${JSON.stringify(typ)} is no access token`, ref: typeof typ === 'string' && typ.includes('+') ? 'R8725-3.12-a' : 'R8725-3.11-a',
    mint: { header: { typ } }, expect: invalidToken,
  })),

  {
    name: 'a critical extension that nobody knows is refused', ref: 'R7515-4.1.11-a',
    mint: header({ crit: ['exp'], exp: 1 }), expect: invalidToken,
  },
  { name: 'an empty list of critical extensions is refused', ref: 'R7515-4.1.11-a', mint: header({ crit: [] }), expect: invalidToken },
  {
    name: 'a critical extension that is not there is refused', ref: 'R7515-4.1.11-a',
    mint: header({ crit: ['absent'] }), expect: invalidToken,
  },
  {
    name: 'a registered header parameter listed as critical is refused', ref: 'R7515-4.1.11-a',
    mint: header({ crit: ['alg'] }), expect: invalidToken,
  },
  { name: 'a crit that is no list is refused', ref: 'R7515-4.1.11-a', mint: header({ crit: 'b64' }), expect: invalidToken },
  { name: 'an unencoded payload is refused', ref: 'RFC 7797 §3', mint: header({ b64: false, crit: ['b64'] }), expect: invalidToken },
  {
    name: 'a b64 that is not declared critical does not make the payload unencoded', ref: 'RFC 7797 §6',
    mint: header({ b64: false }), expect: anyOf(invalidToken, granted),
  },
  {
    name: 'an unknown header parameter that is not critical is ignored', ref: 'RFC 7515 §4.2',
    mint: header({ vendor: { a: 1 } }), expect: granted,
  },

  {
    name: 'a key in the header is not trusted', ref: 'R7515-4.1.2/3/5-6-a', expect: invalidToken,
    mint: async () => {
      const key = await createTestKey()
      return { key, header: { jwk: key.publicJwk } }
    },
  },
  {
    name: 'a key URL in the header is not followed', ref: 'R7515-4.1.2/3/5-6-a',
    mint: async () => ({ key: await createTestKey(), header: { jku: 'https://stranger.test/jwks' } }), expect: invalidToken,
  },
  {
    name: 'a certificate URL in the header is not followed', ref: 'R7515-4.1.2/3/5-6-a',
    mint: async () => ({ key: await createTestKey(), header: { x5u: 'https://stranger.test/cert' } }), expect: invalidToken,
  },
  {
    name: 'a certificate in the header is not trusted', ref: 'R7515-4.1.2/3/5-6-a',
    mint: async () => ({ key: await createTestKey(), header: { x5c: ['MIIB'] } }), expect: invalidToken,
  },

  ...['../../../../dev/null', "' OR 1 --", 'toString', '__proto__', 'constructor', '', '\u0000', 'k'.repeat(6000), '\r\nx-injected: 1'].map((kid) => ({
    name: `a token with the kid ${JSON.stringify(kid.slice(0, 30))} of no key is refused`, ref: 'R8725-3.10-a', mint: { header: { kid } }, expect: invalidToken,
  })),
  ...[7, null, {}, ['a'], true].map((kid) => ({
    name: `a token whose kid is ${JSON.stringify(kid)}, which is no string, is refused`, ref: 'R7515-4.1.4-a', mint: { header: { kid } }, expect: invalidToken,
  })),
  {
    name: 'a kid is compared case-sensitively', ref: 'R7515-4.1.4-a',
    mint: (on) => ({ header: { kid: firstKey(on).kid.toLowerCase() } }), expect: invalidToken,
  },

  {
    name: 'a header with alg twice is refused, the good one last', ref: 'R7515-4-a',
    mint: headerText((json) => json.replace('{', '{"alg":"none",')), expect: invalidToken,
  },
  {
    name: 'a header with alg twice is refused, the good one first', ref: 'R7515-4-a',
    mint: headerText((json) => json.replace(/\}$/, ',"alg":"none"}')), expect: invalidToken,
  },
  {
    name: 'a header with kid twice is refused', ref: 'R7515-4-a',
    mint: headerText((json) => json.replace('{', '{"kid":"other",')), expect: invalidToken,
  },
  {
    name: 'a header that hides a second alg behind an escape is refused', ref: 'R7515-4-a',
    mint: headerText((json) => json.replace('{', '{"al\\u0067":"none",')), expect: invalidToken,
  },
  {
    name: 'a header with typ twice is refused', ref: 'R7515-4-a',
    mint: headerText((json) => json.replace('{', '{"typ":"JWT",')), expect: invalidToken,
  },
  { name: 'a header that is a list is refused', ref: 'R7519-7.2-a', mint: headerText((json) => `[${json}]`), expect: invalidToken },
  { name: 'a header that is null is refused', ref: 'R7519-7.2-a', mint: headerText(() => 'null'), expect: invalidToken },
  {
    name: 'a header with a byte order mark is refused', ref: 'R7519-7.2-a',
    mint: headerText((json) => `\ufeff${json}`), expect: invalidToken,
  },
  {
    name: 'a header in UTF-16 is refused', ref: 'R8725-3.7-a',
    mint: headerText((json) => Buffer.from(json, 'utf16le')), expect: invalidToken,
  },
  {
    name: 'a header with a trailing comma is refused', ref: 'R7519-7.2-a',
    mint: headerText((json) => json.replace(/\}$/, ',}')), expect: invalidToken,
  },
  {
    name: 'a header of more than 8 KB is refused', ref: 'RFC 8725 §3.10',
    mint: header({ padding: 'x'.repeat(8200) }), expect: invalidToken,
  },
]
