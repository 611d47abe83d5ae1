import { describe, expect, it } from 'vitest'
import { rfc9068 } from '../../src/claims/rfc9068.js'
import type { Expectation, JudgedClaim } from '../../src/claims/rule.js'

const now = 1_700_000_000
const resource = 'https://api.example.com/photos'
const expected: Expectation = {
  issuer: 'https://login.example.com',
  audiences: new Set([resource]),
  foldsAudienceHost: false,
  omits: new Set(),
  clientIdClaim: 'client_id',
  scopeClaim: 'scope',
  clockTolerance: 5,
}
const judge = (claim: JudgedClaim, claims: Record<string, unknown>, change: Partial<Expectation> = {}) =>
  rfc9068[claim](claims, { ...expected, ...change }, now)?.reason ?? 'fine'

describe('aud', () => {
  it.each([
    [resource, 'fine'],
    [[resource], 'fine'],
    [['https://other.example.com', resource], 'fine'],
    [Array.from({ length: 32 }, (_, i) => (i === 31 ? resource : `https://${i}.example.com`)), 'fine'],
    [Array.from({ length: 33 }, () => resource), 'claim_invalid'],
    ['https://other.example.com', 'audience_mismatch'],
    [`${resource}/`, 'audience_mismatch'],
    [`${resource}/1`, 'audience_mismatch'],
    ['https://api.example.com', 'audience_mismatch'],
    ['https://API.example.com/photos', 'audience_mismatch'],
    ['https://api.example.com:443/photos', 'audience_mismatch'],
    ['https://api.example.com/%70hotos', 'audience_mismatch'],
    ['https://api.example.com/x/../photos', 'audience_mismatch'],
    ['https://api.example.com/photos?', 'audience_mismatch'],
    ['https://api.example.com/photos#', 'audience_mismatch'],
    ['http://api.example.com/photos', 'audience_mismatch'],
    ['https://api.example.com.evil.example/photos', 'audience_mismatch'],
    ['https://user@api.example.com/photos', 'audience_mismatch'],
    [` ${resource}`, 'audience_mismatch'],
    ['*', 'audience_mismatch'],
    ['', 'audience_mismatch'],
    [undefined, 'claim_missing'],
    [null, 'claim_invalid'],
    [[], 'claim_invalid'],
    [[resource, 1], 'claim_invalid'],
    [[[resource]], 'claim_invalid'],
    [{ 0: resource, length: 1 }, 'claim_invalid'],
    [1, 'claim_invalid'],
    [true, 'claim_invalid'],
  ])('%j is %s', (aud, verdict) => expect(judge('aud', { aud })).toBe(verdict))
})

describe('aud, where the issuer is described as one that writes the host in any case', () => {
  it.each([
    [resource, 'fine'],
    ['HTTPS://API.Example.COM/photos', 'fine'],
    [['https://other.example.com', 'https://API.example.com/photos'], 'fine'],
    ['https://API.example.com/Photos', 'audience_mismatch'],
    ['https://API.example.com/photos/', 'audience_mismatch'],
    ['https://API.example.com:443/photos', 'audience_mismatch'],
    ['https://api.example.com/%70hotos', 'audience_mismatch'],
    ['HTTP://API.EXAMPLE.COM/photos', 'audience_mismatch'],
    ['https:/API.example.com/photos', 'audience_mismatch'],
    [' https://API.example.com/photos', 'audience_mismatch'],
    ['https://X@API.example.com/photos', 'audience_mismatch'],
  ])('%j: %s', (aud, verdict) => expect(judge('aud', { aud }, { foldsAudienceHost: true })).toBe(verdict))
  it('by the letters of ASCII, not by a Kelvin sign that is a k in lower case', () => {
    const audiences = new Set(['https://bank.example.com'])
    expect(judge('aud', { aud: 'https://BANK.example.com' }, { foldsAudienceHost: true, audiences })).toBe('fine')
    expect(judge('aud', { aud: 'https://BAN\u212a.example.com' }, { foldsAudienceHost: true, audiences })).toBe('audience_mismatch')
  })
})

describe('times', () => {
  it.each<[JudgedClaim, unknown, string]>([
    ['exp', now + 300, 'fine'],
    ['exp', now - 4.9, 'fine'],
    ['exp', now - 5, 'token_expired'],
    ['exp', now - 6, 'token_expired'],
    ['exp', now + 0.5, 'fine'],
    ['exp', 0, 'token_expired'],
    ['exp', -1, 'claim_invalid'],
    ['exp', 1e308, 'claim_invalid'],
    ['exp', now * 1000, 'claim_invalid'],
    ['exp', Number.POSITIVE_INFINITY, 'claim_invalid'],
    ['exp', Number.NaN, 'claim_invalid'],
    ['exp', String(now + 300), 'claim_invalid'],
    ['exp', null, 'claim_invalid'],
    ['exp', [now + 300], 'claim_invalid'],
    ['exp', undefined, 'claim_missing'],
    ['nbf', undefined, 'fine'],
    ['nbf', now, 'fine'],
    ['nbf', now + 5, 'fine'],
    ['nbf', now + 6, 'token_not_yet_valid'],
    ['nbf', String(now), 'claim_invalid'],
    ['nbf', null, 'claim_invalid'],
    ['iat', now, 'fine'],
    ['iat', now + 60, 'fine'],
    ['iat', now + 61, 'token_not_yet_valid'],
    ['iat', 'now', 'claim_invalid'],
    ['iat', undefined, 'claim_missing'],
  ])('%s %j is %s', (claim, value, verdict) => expect(judge(claim, { [claim]: value })).toBe(verdict))

  it('a clock tolerance of 300 seconds is all that it adds', () => {
    expect(judge('exp', { exp: now - 299 }, { clockTolerance: 300 })).toBe('fine')
    expect(judge('exp', { exp: now - 300 }, { clockTolerance: 300 })).toBe('token_expired')
    expect(judge('iat', { iat: now + 300 }, { clockTolerance: 300 })).toBe('fine')
    expect(judge('iat', { iat: now + 301 }, { clockTolerance: 300 })).toBe('token_not_yet_valid')
  })

  it('a clock that tells no time refuses', () => expect(rfc9068.exp({ exp: now }, expected, Number.NaN)?.reason).toBe('token_expired'))
})

describe('names', () => {
  it.each<[JudgedClaim, unknown, string]>([
    ['iss', 'https://login.example.com', 'fine'],
    ['iss', 'https://login.example.com/', 'issuer_untrusted'],
    ['iss', 'https://LOGIN.example.com', 'issuer_untrusted'],
    ['iss', ['https://login.example.com'], 'issuer_untrusted'],
    ['iss', undefined, 'issuer_untrusted'],
    ['sub', 'alice', 'fine'],
    ['sub', '', 'claim_invalid'],
    ['sub', 7, 'claim_invalid'],
    ['sub', null, 'claim_invalid'],
    ['sub', undefined, 'claim_missing'],
    ['client_id', 'app', 'fine'],
    ['client_id', {}, 'claim_invalid'],
    ['client_id', undefined, 'claim_missing'],
    ['jti', '1', 'fine'],
    ['jti', 1, 'claim_invalid'],
    ['jti', undefined, 'claim_missing'],
  ])('%s %j is %s', (claim, value, verdict) => expect(judge(claim, { [claim]: value })).toBe(verdict))

  it.each<JudgedClaim>(['sub', 'client_id', 'iat', 'jti'])('%s may be missing, not malformed, where the issuer is described as omitting it', (claim) => {
    const omits = new Set([claim as 'sub'])
    expect(judge(claim, {}, { omits })).toBe('fine')
    expect(judge(claim, { [claim]: [] }, { omits })).toBe('claim_invalid')
  })

  it('the client identifier is read from the claim that the issuer is described with', () => {
    expect(judge('client_id', { azp: 'app' }, { clientIdClaim: 'azp' })).toBe('fine')
    expect(judge('client_id', { client_id: 'app' }, { clientIdClaim: 'azp' })).toBe('claim_missing')
  })
})

describe('for the log there is a hint', () => {
  it.each([
    [{ azp: 'app' }, "the token has azp: perhaps clientIdClaim: 'azp'"],
    [{ cid: 'app' }, "the token has cid: perhaps clientIdClaim: 'cid'"],
    [{ other: 'app' }, undefined],
  ])('where the client has another name: %j', (claims, detail) => {
    expect(rfc9068.client_id(claims, expected, now)?.detail).toBe(detail)
    expect(rfc9068.sub(claims, expected, now)?.detail).toBe(undefined)
  })
})

describe('scope', () => {
  it.each([
    [undefined, 'fine'],
    ['', 'fine'],
    ['a b', 'fine'],
    ['a  b', 'fine'],
    [['a'], 'claim_invalid'],
    ['a\tb', 'claim_invalid'],
    ['a"b', 'claim_invalid'],
    ['a\\b', 'claim_invalid'],
    ['ä', 'claim_invalid'],
    [null, 'claim_invalid'],
    [1, 'claim_invalid'],
    [{}, 'claim_invalid'],
  ])('%j is %s', (scope, verdict) => expect(judge('scope', { scope })).toBe(verdict))

  it('an array is read under another name', () => {
    expect(judge('scope', { scp: ['a', 'b'] }, { scopeClaim: 'scp' })).toBe('fine')
    expect(judge('scope', { scp: 'a b' }, { scopeClaim: 'scp' })).toBe('fine')
    expect(judge('scope', { scp: ['a b'] }, { scopeClaim: 'scp' })).toBe('claim_invalid')
    expect(judge('scope', { scp: [1] }, { scopeClaim: 'scp' })).toBe('claim_invalid')
  })
})
