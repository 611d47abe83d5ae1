import { describe, expect, it } from 'vitest'
import { decodeJwt, parseStrictly } from '../../src/token/format.js'

const encode = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64url')
const token = (header: string | Uint8Array, claims: string | Uint8Array, signature = 'AAAA'): string => `${encode(header)}.${encode(claims)}.${signature}`
const header = '{"alg":"ES256"}'

describe('decodeJwt', () => {
  it('takes a JWS apart', () => {
    const jwt = token(header, '{"iss":"a","aud":["b"],"n":{"x":[1]}}', 'AQID')
    const decoded = decodeJwt(jwt) as { signature: Uint8Array }
    expect({ ...decoded, signature: new Uint8Array(decoded.signature) }).toEqual({
      header: { alg: 'ES256' },
      encodedHeader: jwt.slice(0, jwt.indexOf('.')),
      claims: { iss: 'a', aud: ['b'], n: { x: [1] } },
      signingInput: jwt.slice(0, jwt.lastIndexOf('.')),
      signature: new Uint8Array([1, 2, 3]),
    })
  })

  it('freezes claims deeply', () => {
    const { claims } = decodeJwt(token(header, '{"a":{"b":[{"c":1}]}}')) as unknown as { claims: { a: { b: { c: number }[] } } }
    expect(() => (claims.a.b[0]!.c = 2)).toThrow(TypeError)
    expect(() => claims.a.b.push({ c: 3 })).toThrow(TypeError)
  })

  it.each([
    ['an opaque token', 'abcdef'],
    ['two parts', 'a.b'],
    ['four parts', 'AAAA.AAAA.AAAA.AAAA'],
    ['five parts (JWE)', 'AAAA.AAAA.AAAA.AAAA.AAAA'],
    ['an empty signature', `${encode(header)}.${encode('{}')}.`],
    ['an empty header', `.${encode('{}')}.AAAA`],
    ['padding', `${encode(header)}.${encode('{}')}.AA==`],
    ['base64 with a plus', `${encode(header)}.${encode('{}')}.AA+A`],
    ['bits to spare in the signature', token(header, '{}', 'AB')],
    ['bits to spare in the claims', `${encode(header)}.e31.AAAA`],
    ['a header that is too long', token(JSON.stringify({ alg: 'ES256', x: 'a'.repeat(4000) }), '{}')],
    ['a header that is an array', token('[]', '{}')],
    ['claims that are an array', token(header, '[]')],
    ['claims that are a string', token(header, '"a"')],
    ['claims that are null', token(header, 'null')],
    ['claims that are no JSON', token(header, '{')],
    ['a byte order mark', token(header, '\ufeff{}')],
    ['UTF-16', token(header, Buffer.from('{}', 'utf16le'))],
    ['invalid UTF-8', token(header, new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ['alg twice', token('{"alg":"ES256","alg":"none"}', '{}')],
    ['aud twice', token(header, '{"aud":"a","aud":"b"}')],
    ['aud twice, once escaped', token(header, '{"aud":"a","\\u0061ud":"b"}')],
    ['a nested member twice', token(header, '{"cnf":{"jkt":"a","jkt":"b"}}')],
    ['a member twice in an array', token(header, '{"a":[{"b":1,"b":1}]}')],
    ['__proto__', token(header, '{"__proto__":{"admin":true}}')],
    ['__proto__, escaped, nested', token(header, '{"a":{"\\u005f_proto__":1}}')],
    ['a lone surrogate', token(header, '{"sub":"\\ud800"}')],
    ['a lone surrogate in a name', token(header, '{"\\udc00":1}')],
    ['nesting deeper than 32', token(header, `{"a":${'['.repeat(32)}${']'.repeat(32)}}`)],
    ['nesting of 3000', token(header, `{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`)],
  ])('%s is malformed', (_, jwt) => expect(decodeJwt(jwt)).toMatchObject({ reason: 'token_malformed' }))

  it.each(['', 'a b', 'a"b', 'a=b', 'a\nb', 'a\u0000b', 'ä', `${encode(header)}=.${encode('{}')}.AAAA`, `${encode(header)}.${encode('{}')}.AA\nA`])('%j is not even credentials', (value) =>
    expect(decodeJwt(value)).toMatchObject({ reason: 'credentials_malformed' }))

  it.each([
    '{"a":"b\\"c","c":"{}[],:"}',
    '{"a":{"a":{"a":1}},"b":{"a":1}}',
    '{"a":["x","x","x"],"x":"a"}',
    '{"sub":"\\ud83d\\ude00","b":"\\\\ud800"}',
    '{"a\\\\":1,"a":2,"":3}',
    `{"a":${'['.repeat(31)}${']'.repeat(31)}}`,
    ' { "a" : [ ] , "b" : { } } ',
  ])('%s is unambiguous', (text) => expect(parseStrictly(text)).toEqual(JSON.parse(text)))

  it('keeps a member that is named like one of Problem', () => expect(decodeJwt(token(header, '{"reason":"x"}'))).toMatchObject({ claims: { reason: 'x' } }))
})
