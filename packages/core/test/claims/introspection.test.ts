import { describe, expect, it } from 'vitest'
import { introspectionReply, judgeReply } from '../../src/claims/introspection.js'
import type { AudienceProof, Expectation } from '../../src/claims/rule.js'

const now = 1_700_000_000
const resource = 'https://api.example.com/photos'
const expected: Expectation = {
  issuer: 'https://login.example.com', audiences: new Set([resource]), foldsAudienceHost: false, omits: new Set(), clientIdClaim: 'client_id', scopeClaim: 'scope', clockTolerance: 5,
}
const good = { active: true, aud: resource }
const judge = (claims: object, change: Partial<Expectation> = {}) => judgeReply({ ...good, ...claims }, { ...expected, ...change }, now)?.reason ?? 'fine'

describe('active', () => {
  it.each([true])('%j is', (active) => expect(judge({ active })).toBe('fine'))
  it.each([false, 'true', 'false', 1, 0, null, undefined, {}, [], [true]])('%j is not', (active) => expect(judge({ active })).toBe('token_inactive'))
  it('is judged before anything else', () => expect(judge({ active: false, aud: 'x', exp: 'x' })).toBe('token_inactive'))
})

it('every claim that a JWT is judged by is judged', () => {
  expect(Object.keys(introspectionReply).toSorted()).toEqual(['active', 'aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'nbf', 'scope', 'sub', 'token_type'])
})

it.each(['iss', 'exp', 'nbf', 'iat', 'sub', 'client_id', 'jti', 'scope', 'token_type'])('%s may be missing, and not malformed', (claim) => {
  expect(judge({})).toBe('fine')
  for (const value of [null, {}, []]) expect(judge({ [claim]: value })).not.toBe('fine')
})

describe('what proves the audience does so where aud is missing alone', () => {
  it.each<[AudienceProof, object, string]>([
    [{ kind: 'issuer' }, { aud: undefined }, 'fine'],
    [{ kind: 'issuer' }, { aud: 'x' }, 'audience_mismatch'],
    [{ kind: 'issuer' }, { aud: [] }, 'claim_invalid'],
    [{ kind: 'jwt' }, { aud: undefined }, 'claim_missing'],
    [{ kind: 'scope', scope: 'a' }, { aud: undefined, scope: 'b a' }, 'fine'],
    [{ kind: 'scope', scope: 'a' }, { aud: undefined, scope: 'A ab' }, 'claim_missing'],
    [{ kind: 'scope', scope: 'a' }, { aud: undefined, scope: ['a'] }, 'claim_missing'],
    [{ kind: 'clients', clientIds: ['a'] }, { aud: undefined, client_id: 'a' }, 'fine'],
    [{ kind: 'clients', clientIds: ['a'] }, { aud: undefined, client_id: ['a'] }, 'claim_missing'],
    [{ kind: 'clients', clientIds: ['a'] }, { aud: undefined, sub: 'a' }, 'claim_missing'],
  ])('%j %j', (audienceProof, claims, verdict) => expect(judge(claims, { audienceProof })).toBe(verdict))
})

it('the evidence is the issuer’s word', () => {
  expect(judgeReply({ ...good, aud: 'x' }, expected, now)).toMatchObject({ reason: 'audience_mismatch', actual: ['x'], verified: true })
})
