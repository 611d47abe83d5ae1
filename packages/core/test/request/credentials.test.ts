import { describe, expect, it } from 'vitest'
import { readCredentials } from '../../src/request/credentials.js'
import { isProblem } from '../../src/response/problem.js'
import { decodeJwt } from '../../src/token/format.js'

const read = (authorization: string | null) =>
  readCredentials({ method: 'GET', url: '/', headers: { get: (name) => (name === 'authorization' ? authorization : null) } }, 64)

describe('readCredentials', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['Bearer aZ0-._~+/==', 'aZ0-._~+/=='],
    [`Bearer ${'a'.repeat(64)}`, 'a'.repeat(64)],
  ])('%j holds a token', (value, token) => expect(read(value)).toEqual({ token }))

  it.each([
    [null, 'credentials_missing'],
    ['', 'credentials_missing'],
    ['Basic dXNlcjpwYXNz', 'credentials_missing'],
    ['DPoP abc', 'credentials_missing'],
    ['BearerX abc', 'credentials_missing'],
    ['Digest username="a, b", realm="x"', 'credentials_missing'],
    ['MAC id="h480", nonce="274312:dj83", mac="kDZv="', 'credentials_missing'],
    [`Basic ${'a'.repeat(100)}`, 'credentials_missing'],
    ['Bearer', 'credentials_malformed'],
    ['Bearer ', 'credentials_malformed'],
    ['Bearer a b', 'credentials_malformed'],
    ['Bearer "abc"', 'credentials_malformed'],
    ['Bearer\tabc', 'credentials_malformed'],
    ['Bearer \tabc', 'credentials_malformed'],
    ['Bearer a=b', 'credentials_malformed'],
    ['Bearer =', 'credentials_malformed'],
    ['Bearer a\u0000b', 'credentials_malformed'],
    ['Bearer ä', 'credentials_malformed'],
    ['Bearer abc ', 'credentials_malformed'],
    ['Bearer abc, Bearer def', 'credentials_repeated'],
    ['Bearer abc,', 'credentials_repeated'],
    ['Bearer a=b, c=d', 'credentials_repeated'],
    ['Basic abc, Bearer def', 'credentials_repeated'],
    ['Basic abc, Basic def', 'credentials_repeated'],
    ['Digest a="b", Bearer def', 'credentials_repeated'],
    [`Bearer ${'a'.repeat(65)}`, 'token_malformed'],
  ])('%j is refused as %s', (value, reason) => {
    const credentials = read(value)
    expect(isProblem(credentials) ? credentials : decodeJwt(credentials.token)).toMatchObject({ reason, verified: false })
  })

  it('takes linear time on what looks almost like parameters', () => {
    const hostile = `Digest ${'a="b",'.repeat(10_000)}"`
    const started = process.cpuUsage().user
    readCredentials({ method: 'GET', url: '/', headers: { get: () => hostile } }, 1_000_000)
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(1_000_000)
  })
})
