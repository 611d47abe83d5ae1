import { describe, expect, it } from 'vitest'
import { parseChallenges } from '../src/index.js'

const parsed: readonly (readonly [field: string, challenges: unknown])[] = [
  ['Bearer', [{ scheme: 'Bearer', params: [] }]],
  ['Bearer realm="a"', [{ scheme: 'Bearer', params: [['realm', 'a']] }]],
  ['Bearer a=b,c="d, e=f" , g=h', [{ scheme: 'Bearer', params: [['a', 'b'], ['c', 'd, e=f'], ['g', 'h']] }]],
  ['Bearer  a="q\\"b\\\\"', [{ scheme: 'Bearer', params: [['a', 'q"b\\']] }]],
  ['Bearer a=""', [{ scheme: 'Bearer', params: [['a', '']] }]],
  ['Negotiate', [{ scheme: 'Negotiate', params: [] }]],
  ['Negotiate abc==', [{ scheme: 'Negotiate', params: [], token68: 'abc==' }]],
  ['Negotiate abc=, Basic realm=x', [{ scheme: 'Negotiate', params: [], token68: 'abc=' }, { scheme: 'Basic', params: [['realm', 'x']] }]],
  ['Bearer a=b, DPoP algs="ES256 RS256", Basic', [
    { scheme: 'Bearer', params: [['a', 'b']] }, { scheme: 'DPoP', params: [['algs', 'ES256 RS256']] }, { scheme: 'Basic', params: [] },
  ]],
  ['Negotiate , Basic \t, Bearer a=b', [{ scheme: 'Negotiate', params: [] }, { scheme: 'Basic', params: [] }, { scheme: 'Bearer', params: [['a', 'b']] }]],
  ['Negotiate, Bearer a=b', [{ scheme: 'Negotiate', params: [] }, { scheme: 'Bearer', params: [['a', 'b']] }]],
]

const refused: readonly (readonly [field: string, why: string])[] = [
  ['', 'auth-scheme at 0'],
  [' Bearer', 'auth-scheme at 0'],
  ['Bearer ', 'an auth-param or token68 at 7'],
  ['Bearer a=b,', 'an auth-param or auth-scheme at 11'],
  ['Bearer ,a=b', 'the end at 9'],
  ['Bearer a=b,,c=d', 'an auth-param or auth-scheme'],
  ['Bearer a = b', '"=" at 8'],
  ['Bearer a= b', 'a token or quoted-string at 9'],
  ['Bearer a="b', 'a token or quoted-string at 9'],
  ['Bearer a="b"c', 'the end at 12'],
  ['Bearer a="b" c="d"', 'the end at 12'],
  ['Bearer a="b", A="c"', 'no second "A"'],
  ['Bearer a="\u00e9"', 'a token or quoted-string'],
  ['Bearer a="\u007f"', 'a token or quoted-string'],
  ['Bearer a="b\n"', 'a token or quoted-string'],
  ['Bearer a="b\\', 'a token or quoted-string'],
  ['Bearer a=b/c', 'the end at 10'],
  ['Bearer\ta=b', 'the end at 6'],
  ['Negotiate abc== def', 'a token or quoted-string at 14'],
]

describe('the challenge parser', () => {
  it.each(parsed)('reads %j', (field, challenges) => expect(parseChallenges(field)).toEqual(challenges))
  it.each(refused)('refuses %j', (field, why) => {
    expect(() => parseChallenges(field)).toThrow(SyntaxError)
    expect(() => parseChallenges(field)).toThrow(why)
  })
})
