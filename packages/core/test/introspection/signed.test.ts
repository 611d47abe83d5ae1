import { createTestIssuer, createTestKey, createTestSecret, type Changes, type MintOptions, type TestIssuer } from '@resource-guard/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clock, createEndpoint, endpoint, good, guardOf, issuer, json, pass, principalOf, raw, resource, start, visit, type Endpoint } from './endpoint.js'

const type = 'application/token-introspection+jwt'
let signer: TestIssuer

beforeAll(async () => {
  signer = await createTestIssuer({ issuer, now: () => start * 1000, algorithms: ['ES256', 'RS256'] })
})
beforeEach(() => {
  clock.now = start * 1000
})

/** A signed reply (RFC 9701 §5); claims and header members that are `undefined` are left out. */
const sign = (claims: Changes = {}, options: MintOptions = {}): Promise<string> =>
  signer.token(
    { sub: undefined, client_id: undefined, scope: undefined, jti: undefined, exp: undefined, aud: 'photos-api', token_introspection: good, ...claims },
    { ...options, header: { typ: 'token-introspection+jwt', ...options.header } },
  )

async function answering(body: () => string | Promise<string>, as = type): Promise<Endpoint> {
  const text = await body()
  return createEndpoint(() => raw(text, as))
}

const guardFor = (at: Endpoint, more: object = {}) => guardOf(at, { signed: true, endpoint }, { server: { jwks: signer.jwks, ...more } })
const unavailable = '503 introspection_unavailable'

describe('a signed reply (RFC 9701)', () => {
  it('is asked for, and only it', async () => {
    const at = await answering(() => sign())
    expect(await visit(guardFor(at))).toBe('granted')
    expect(at.requests[0]!.headers.get('accept')).toBe(type)
  })
  it('says about the token what is in token_introspection and nothing else', async () => {
    const { sub: _sub, scope: _scope, ...less } = good
    const at = await answering(() => sign({ sub: 'mallory', scope: 'admin', active: true, token_introspection: less }))
    expect(await principalOf(guardFor(at))).toMatchObject({ subject: undefined, scopes: [], claims: less })
  })
  it.each<[string, Changes, string]>([
    ['inactive', { token_introspection: { active: false } }, '401 token_inactive'],
    ['inactive, and active at the top', { active: true, token_introspection: { active: false } }, '401 token_inactive'],
    ['for another audience', { token_introspection: { ...good, aud: 'https://other.example.com' } }, '401 audience_mismatch'],
    ['for no audience, where the reply itself is for this resource', { aud: resource, token_introspection: { ...good, aud: undefined } }, '401 claim_missing'],
    ['expired', { token_introspection: { ...good, exp: start - 10 } }, '401 token_expired'],
    ['bound', { token_introspection: { ...good, token_type: 'DPoP', cnf: { jkt: 'x' } } }, '401 binding_required'],
  ])('that says %s', async (_, claims, verdict) => expect(await visit(guardFor(await answering(() => sign(claims))))).toBe(verdict))

  it.each<[string, () => string | Promise<string>, string]>([
    ['with the resource as its audience', () => sign({ aud: resource }), 'granted'],
    ['with this client among its audiences', () => sign({ aud: ['other', 'photos-api'] }), 'granted'],
    ['with an exp that is over', () => sign({ exp: 1 }), 'granted'],
    ['by another algorithm of the issuer', () => sign({}, { alg: 'RS256' }), 'granted'],
    ['with another typ', () => sign({}, { header: { typ: 'JWT' } }), unavailable],
    ['with the typ of an access token', () => sign({}, { header: { typ: 'at+jwt' } }), unavailable],
    ['without typ', () => sign({}, { header: { typ: undefined } }), unavailable],
    ['of another issuer', () => sign({ iss: 'https://evil.example.com' }), unavailable],
    ['without iss', () => sign({ iss: undefined }), unavailable],
    ['for another client', () => sign({ aud: 'other-api' }), unavailable],
    ['for nobody', () => sign({ aud: undefined }), unavailable],
    ['for an empty list', () => sign({ aud: [] }), unavailable],
    ['for an object', () => sign({ aud: { 'photos-api': true } }), unavailable],
    ['without iat', () => sign({ iat: undefined }), unavailable],
    ['with iat as text', () => sign({ iat: String(start) }), unavailable],
    ['from the future', () => sign({ iat: start + 61 }), unavailable],
    ['without token_introspection', () => sign({ ...good, token_introspection: undefined, aud: 'photos-api' }), unavailable],
    ['with token_introspection true', () => sign({ token_introspection: true }), unavailable],
    ['with token_introspection null', () => sign({ token_introspection: null }), unavailable],
    ['with token_introspection in a list', () => sign({ token_introspection: [good] }), unavailable],
    ['with token_introspection as text', () => sign({ token_introspection: JSON.stringify(good) }), unavailable],
    ['with token_introspection twice', () => sign({}, { edit: { payload: (text) => text.replace('{', '{"token_introspection":{"active":true},') } }), unavailable],
    ['by a stranger', async () => sign({}, { key: await createTestKey('ES256') }), unavailable],
    ['by a stranger under the kid of the issuer', async () => sign({}, { key: await createTestKey('ES256', { kid: signer.keys[0]!.kid }) }), unavailable],
    ['with HMAC', () => sign({}, { key: createTestSecret('a secret') }), unavailable],
    ['by nobody', async () => `${(await sign({}, { header: { alg: 'none' } })).split('.').slice(0, 2).join('.')}.`, unavailable],
    ['with a changed claim', async () => (await sign()).replace(/\.(.*)\./, (_, payload: string) => `.${btoa(atob(payload).replace('alice', 'alicf')).replace(/=+$/, '')}.`), unavailable],
    ['with crit', () => sign({}, { header: { crit: ['x'], x: 1 } }), unavailable],
    ['cut off', async () => (await sign()).slice(0, -4), unavailable],
    ['that is an access token of the issuer', () => signer.token({ aud: resource }), unavailable],
    ['empty', () => '', unavailable],
  ])('%s', async (_, body, verdict) => expect(await visit(guardFor(await answering(body)))).toBe(verdict))

  it('called application/jwt is none', async () => expect(await visit(guardFor(await answering(() => sign(), 'application/jwt')))).toBe(unavailable))
  it('is not replaced by a plain one', async () => {
    expect(await visit(guardFor(createEndpoint(() => json(good))))).toBe(unavailable)
    expect(await visit(guardFor(createEndpoint(() => raw(JSON.stringify(good), type))))).toBe(unavailable)
  })
  it('is not taken where none was asked for', async () => {
    const at = await answering(() => sign())
    expect(await visit(guardOf(at, {}, { server: { jwks: signer.jwks } }))).toBe(unavailable)
  })
  it('must be by an algorithm that the issuer is described with', async () => {
    expect(await visit(guardFor(await answering(() => sign({}, { alg: 'RS256' })), { algorithms: ['ES256'] }))).toBe(unavailable)
  })
  it('is verified with keys from the metadata, and they are missed as keys', async () => {
    const signed = await sign()
    const at = createEndpoint(() => raw(signed, type))
    const fetch: typeof globalThis.fetch = (input, init) => (String(input).endsWith('/introspect') ? at.fetch(input, init) : signer.fetch(input, init))
    expect(await visit(guardOf({ fetch }, { signed: true }))).toBe('granted')
    expect(await visit(guardOf(at, { signed: true }))).toBe('503 keys_unavailable')
  })
  it('is remembered like a plain one', async () => {
    const at = await answering(() => sign())
    const guard = guardFor(at)
    await visit(guard)
    pass(59)
    expect(await visit(guard)).toBe('granted')
    expect(at.calls).toBe(1)
  })
  it('is never an access token', async () => {
    const token = await sign({ aud: resource, exp: start + 60, sub: 'alice', client_id: 'x', jti: '1' })
    expect(await visit(guardOf(createEndpoint(), {}, { server: { jwks: signer.jwks } }), token)).toBe('401 type_mismatch')
  })
})
