import { Buffer } from 'node:buffer'
import type { MintOptions } from '../token.js'
import type { Given, Guarded, ResourceCase } from './case.js'
import { anyOf, granted, invalidToken, same, served } from './expectation.js'

const payload = (edit: (json: string) => string | Uint8Array): Given<MintOptions> => ({ edit: { payload: edit } })
const now = (on: Guarded): number => Math.floor(on.issuer.now() / 1000)

/** One row for each value that a claim may not have. */
const never = (claim: string, ref: string, values: readonly unknown[]): readonly ResourceCase[] =>
  values.map((value) => ({
    name: `a token whose ${claim} is ${shown(value)} is refused`, ref, claims: { [claim]: value }, expect: invalidToken,
  }))

const shown = (value: unknown): string => (JSON.stringify(value).length > 40 ? `a ${typeof value} that is too long` : JSON.stringify(value))

const notANumber = ['soon', '', '1893456300', null, true, {}, [], [1_893_456_300]]
const notAName = [7, null, true, {}, [], ['alice'], '']

/** The claims that every access token has (RFC 9068 §2.2) and their types (RFC 7519 §4.1); `aud` has rows of its own. */
export const claims: readonly ResourceCase[] = [
  ...['iss', 'exp', 'sub', 'client_id', 'iat', 'jti'].map((claim) => ({
    name: `a token without ${claim} is refused`, ref: 'R9068-2.2-a', claims: { [claim]: undefined }, expect: invalidToken,
  })),
  {
    name: 'a token may have claims that nobody knows, and a handler sees them', ref: 'R9068-4-8',
    claims: { 'https://example.com/x': { a: [1, null] } },
    expect: served(({ principal }) => same('the claim', principal?.claims['https://example.com/x'], { a: [1, null] })),
  },
  { name: 'a token may have no scope', ref: 'RFC 9068 §2.2.3', claims: { scope: undefined }, expect: granted },

  {
    name: 'a token of another issuer is refused', ref: 'R9068-4-3', claims: { iss: 'https://stranger.test' }, expect: invalidToken,
  },
  {
    name: 'an issuer with a slash at its end is another issuer', ref: 'R7519-4.1.1-a',
    claims: (on) => ({ iss: `${on.issuer.issuer}/` }), expect: invalidToken,
  },
  {
    name: 'an issuer in capitals is another issuer', ref: 'R7519-4.1.1-a',
    claims: (on) => ({ iss: on.issuer.issuer.toUpperCase() }), expect: invalidToken,
  },
  {
    name: 'an issuer that begins like this one is another issuer', ref: 'R7519-4.1.1-a',
    claims: (on) => ({ iss: `${on.issuer.issuer}.evil.test` }), expect: invalidToken,
  },
  {
    name: 'an issuer with its default port is another issuer', ref: 'R7519-4.1.1-a',
    claims: (on) => ({ iss: on.issuer.issuer.replace(/^(\w+:\/\/[^/]+)/, '$1:443') }), expect: invalidToken,
  },
  ...never('iss', 'R7519-4.1.1-a', [7, null, {}, '', '__proto__']),
  {
    name: 'a list with the issuer in it is no issuer', ref: 'R7519-4.1.1-a',
    claims: (on) => ({ iss: [on.issuer.issuer] }), expect: invalidToken,
  },

  {
    name: 'a token that expired an hour ago is refused', ref: 'R9068-4-6',
    claims: (on) => ({ exp: now(on) - 3600 }), expect: invalidToken,
  },
  { name: 'a token that expired in 1970 is refused', ref: 'R7519-4.1.4-a', claims: { exp: 0 }, expect: invalidToken },
  { name: 'an expiry may be a fraction of a second', ref: 'R7519-2-a', claims: (on) => ({ exp: now(on) + 100.5 }), expect: granted },
  ...never('exp', 'R7519-4.1.4-a', [...notANumber, -1]),
  {
    name: 'an expiry in milliseconds is refused', ref: 'R7519-2-a',
    claims: (on) => ({ exp: (now(on) + 300) * 1000 }), expect: invalidToken,
  },
  {
    name: 'an expiry beyond every number is refused', ref: 'R7519-4.1.4-a',
    mint: payload((json) => json.replace(/"exp":\d+/, '"exp":1e999')), expect: invalidToken,
  },
  { name: 'an expiry beyond every date is refused', ref: 'R7519-4.1.4-a', claims: { exp: 1e308 }, expect: invalidToken },

  {
    name: 'a token that is valid in an hour is refused', ref: 'R7519-4.1.5-a',
    claims: (on) => ({ nbf: now(on) + 3600 }), expect: invalidToken,
  },
  { name: 'a token that has become valid is let in', ref: 'R7519-4.1.5-a', claims: (on) => ({ nbf: now(on) - 10 }), expect: granted },
  ...never('nbf', 'R7519-4.1.5-a', notANumber),
  { name: 'a token issued in an hour is refused', ref: 'R7519-4.1.6-a', claims: (on) => ({ iat: now(on) + 3600 }), expect: invalidToken },
  {
    name: 'a token issued long ago and not expired is let in', ref: 'RFC 7519 §4.1.6',
    claims: (on) => ({ iat: now(on) - 86_400 }), expect: granted,
  },
  ...never('iat', 'RFC 7519 §4.1.6', notANumber),

  ...never('sub', 'RFC 7519 §4.1.2', notAName),
  ...never('client_id', 'RFC 8693 §4.3', notAName),
  ...never('jti', 'RFC 7519 §4.1.7', notAName),
  ...never('scope', 'R8693-4.2/4.3', [7, null, true, {}, ['photos:read'], 'a"b', 'a\\b', 'caf\u00e9', 'a\tb']),

  {
    name: 'a token bound to a DPoP key is refused under Bearer', ref: 'R9449-7.2-a',
    claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }, expect: invalidToken,
  },
  {
    name: 'a token bound to a certificate is refused without it', ref: 'R8705-3-c',
    claims: { cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } }, expect: invalidToken,
  },
  ...never('cnf', 'RFC 7800 §3.1', [{}, null, 'jkt', [], { future: 1 }, false, '']),

  {
    name: 'a payload with aud twice is refused, the good one last', ref: 'R7519-4-a',
    mint: payload((json) => json.replace('{', '{"aud":"https://other.example.com",')), expect: invalidToken,
  },
  {
    name: 'a payload with aud twice is refused, the good one first', ref: 'R7519-4-a',
    mint: payload((json) => json.replace(/\}$/, ',"aud":"https://other.example.com"}')), expect: invalidToken,
  },
  {
    name: 'a payload with exp twice is refused', ref: 'R7519-4-a',
    mint: payload((json) => json.replace('{', '{"exp":1,')), expect: invalidToken,
  },
  {
    name: 'a payload that hides a second sub behind an escape is refused', ref: 'R7519-4-a',
    mint: payload((json) => json.replace('{', '{"s\\u0075b":"mallory",')), expect: invalidToken,
  },
  {
    name: 'a claim named __proto__ changes nothing', ref: 'R7519-4-a', claims: { scope: undefined },
    mint: payload((json) => json.replace('{', '{"__proto__":{"scope":"admin"},')),
    expect: anyOf(invalidToken, served(({ principal }) => same('scopes', principal?.scopes, []))),
  },
  {
    name: 'claims that only a __proto__ has are missing', ref: 'R9068-2.2-a',
    mint: payload((json) => json.replace(/"sub":"[^"]*"/, '"__proto__":{"sub":"mallory"}')), expect: invalidToken,
  },
  { name: 'a payload that is a list is refused', ref: 'R7519-7.2-a', mint: payload((json) => `[${json}]`), expect: invalidToken },
  {
    name: 'a payload that is a string is refused', ref: 'R7519-7.2-a',
    mint: payload((json) => JSON.stringify(json)), expect: invalidToken,
  },
  { name: 'a payload that is null is refused', ref: 'R7519-7.2-a', mint: payload(() => 'null'), expect: invalidToken },
  { name: 'a payload that is no JSON is refused', ref: 'R7519-7.2-a', mint: payload(() => '<claims/>'), expect: invalidToken },
  {
    name: 'a payload with a byte order mark is refused', ref: 'R7519-7.2-a',
    mint: payload((json) => `\ufeff${json}`), expect: invalidToken,
  },
  {
    name: 'a payload in UTF-16 is refused', ref: 'R8725-3.7-a',
    mint: payload((json) => Buffer.from(json, 'utf16le')), expect: invalidToken,
  },
  {
    name: 'a payload that is not UTF-8 is refused', ref: 'R8725-3.7-a',
    mint: payload((json) => Buffer.from(json.replace('alice', 'al\u00efce'), 'latin1')), expect: invalidToken,
  },
  {
    name: 'a payload with something behind its object is refused', ref: 'R7519-7.2-a',
    mint: payload((json) => `${json}{}`), expect: invalidToken,
  },
  {
    name: 'a payload nested a thousand deep is let in or refused, and breaks nothing', ref: 'R8693-4.1-b',
    mint: payload((json) => json.replace('{', `{"act":${'['.repeat(1000)}${']'.repeat(1000)},`)), expect: anyOf(granted, invalidToken),
  },
]
