import { beforeEach, describe, expect, it } from 'vitest'
import { clock, createEndpoint, endpoint, good, guardOf, hang, issuer, json, later, principalOf, raw, resource, start, unreachable, visit, type Answer } from './endpoint.js'

beforeEach(() => {
  clock.now = start * 1000
})

const inactive = '401 token_inactive'
const invalid = '401 claim_invalid'
const unavailable = '503 introspection_unavailable'
const otherTenant = 'https://api.example.com/other'

it('is held to the time at which it comes', async () => {
  const at = createEndpoint(() => {
    clock.now += 310_000
    return json(good)
  })
  expect(await visit(guardOf(at))).toBe('401 token_expired')
})

describe('a reply with these claims', () => {
  it.each<[string, object, string]>([
    ['all of them', {}, 'granted'],
    ['active "true"', { active: 'true' }, inactive],
    ['active 1', { active: 1 }, inactive],
    ['active null', { active: null }, inactive],
    ['active []', { active: [] }, inactive],
    ['active {}', { active: {} }, inactive],
    ['active "false"', { active: 'false' }, inactive],
    ['active false', { active: false }, inactive],
    ['no active', { active: undefined }, inactive],
    ['Active instead of active', { active: undefined, Active: true }, inactive],
    ['no aud', { aud: undefined }, '401 claim_missing'],
    ['aud null', { aud: null }, invalid],
    ['aud of another resource', { aud: otherTenant }, '401 audience_mismatch'],
    ['aud with a trailing slash', { aud: `${resource}/` }, '401 audience_mismatch'],
    ['aud in another case', { aud: resource.toUpperCase() }, '401 audience_mismatch'],
    ['aud that begins with the resource', { aud: `${resource}/1` }, '401 audience_mismatch'],
    ['aud with the origin only', { aud: 'https://api.example.com' }, '401 audience_mismatch'],
    ['aud in a list', { aud: [otherTenant, resource] }, 'granted'],
    ['aud in a list of others', { aud: [otherTenant] }, '401 audience_mismatch'],
    ['aud in an empty list', { aud: [] }, invalid],
    ['aud in a nested list', { aud: [[resource]] }, invalid],
    ['aud in an object', { aud: { [resource]: true } }, invalid],
    ['aud that is the client that asks', { aud: 'photos-api' }, '401 audience_mismatch'],
    ['aud empty', { aud: '' }, '401 audience_mismatch'],
    ['aud *', { aud: '*' }, '401 audience_mismatch'],
    ['no iss', { iss: undefined }, 'granted'],
    ['iss of another', { iss: 'https://evil.example.com' }, '401 issuer_untrusted'],
    ['iss with a slash', { iss: `${issuer}/` }, '401 issuer_untrusted'],
    ['iss null', { iss: null }, '401 issuer_untrusted'],
    ['iss in a list', { iss: [issuer] }, '401 issuer_untrusted'],
    ['no exp', { exp: undefined }, 'granted'],
    ['exp over', { exp: start - 6 }, '401 token_expired'],
    ['exp within the tolerance', { exp: start - 4 }, 'granted'],
    ['exp as text', { exp: String(start + 300) }, invalid],
    ['exp null', { exp: null }, invalid],
    ['exp in milliseconds', { exp: (start + 300) * 1000 }, invalid],
    ['exp negative', { exp: -1 }, invalid],
    ['exp 0', { exp: 0 }, '401 token_expired'],
    ['nbf ahead', { nbf: start + 60 }, '401 token_not_yet_valid'],
    ['nbf reached', { nbf: start }, 'granted'],
    ['nbf as text', { nbf: 'now' }, invalid],
    ['no iat', { iat: undefined }, 'granted'],
    ['iat ahead', { iat: start + 3600 }, '401 token_not_yet_valid'],
    ['iat as text', { iat: '0' }, invalid],
    ['no sub', { sub: undefined }, 'granted'],
    ['sub empty', { sub: '' }, invalid],
    ['sub a number', { sub: 7 }, invalid],
    ['no client_id', { client_id: undefined }, 'granted'],
    ['client_id an object', { client_id: {} }, invalid],
    ['client_id null', { client_id: null }, invalid],
    ['jti a number', { jti: 1 }, invalid],
    ['no scope', { scope: undefined }, 'granted'],
    ['scope empty', { scope: '' }, 'granted'],
    ['scope a list', { scope: ['photos:read'] }, invalid],
    ['scope null', { scope: null }, invalid],
    ['scope with a quote', { scope: 'a"b' }, invalid],
    ['no token_type', { token_type: undefined }, 'granted'],
    ['token_type bearer', { token_type: 'bearer' }, 'granted'],
    ['token_type access_token', { token_type: 'access_token' }, 'granted'],
    ['token_type refresh_token', { token_type: 'refresh_token' }, '401 type_mismatch'],
    ['token_type mac', { token_type: 'mac' }, '401 type_mismatch'],
    ['token_type N_A', { token_type: 'N_A' }, '401 type_mismatch'],
    ['token_type null', { token_type: null }, '401 type_mismatch'],
    ['token_type DPoP without a key', { token_type: 'DPoP' }, '401 type_mismatch'],
    ['token_type Bearer with the key of DPoP', { cnf: { jkt: 'x' } }, '401 type_mismatch'],
    ['a key of DPoP', { token_type: 'DPoP', cnf: { jkt: 'x' } }, '401 binding_required'],
    ['a certificate', { cnf: { 'x5t#S256': 'x' } }, '401 binding_required'],
    ['cnf null', { cnf: null }, '401 binding_required'],
    ['cnf empty', { cnf: {} }, '401 binding_required'],
    ['a claim that is called reason', { reason: 'because' }, 'granted'],
    ['a claim that is called error', { error: 'none' }, 'granted'],
    ['claims that are nobody knows what', { permissions: [{ a: [1] }], username: 'alice', 'ext.x': null }, 'granted'],
  ])('%s', async (_, claims, verdict) => {
    const at = createEndpoint(() => json({ ...good, ...claims }))
    expect(await visit(guardOf(at))).toBe(verdict)
    expect(at.calls).toBe(1)
  })
})

describe('an answer that is', () => {
  const body = JSON.stringify(good)
  it.each<[string, Answer, string]>([
    ['JSON of another JSON type', () => raw(body, 'application/vnd.x+json; charset=utf-8'), 'granted'],
    ['{"active":false} alone', () => json({ active: false }), inactive],
    ['{}', () => json({}), inactive],
    ['a list', () => json([good]), unavailable],
    ['a string', () => json('active'), unavailable],
    ['true', () => json(true), unavailable],
    ['null', () => json(null), unavailable],
    ['empty', () => raw(''), unavailable],
    ['cut off', () => raw(body.slice(0, -3)), unavailable],
    ['followed by more', () => raw(`${body}${body}`), unavailable],
    ['JSON with active twice', () => raw(body.replace('{', '{"active":false,')), unavailable],
    ['JSON with aud twice', () => raw(body.replace('{', `{"aud":"${otherTenant}",`)), unavailable],
    ['JSON with __proto__', () => raw(body.replace('{', '{"__proto__":{"active":true},')), unavailable],
    ['JSON behind a byte order mark', () => raw(`\ufeff${body}`), unavailable],
    ['JSON that is not UTF-8', () => raw(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), unavailable],
    ['JSON nested a hundred deep', () => raw(body.replace('{', `{"x":${'['.repeat(100)}${']'.repeat(100)},`)), unavailable],
    ['JSON that is called HTML', () => raw(body, 'text/html'), unavailable],
    ['JSON that is called text', () => raw(body, 'text/plain'), unavailable],
    ['JSON that is called JWT', () => raw(body, 'application/jwt'), unavailable],
    ['HTML', () => raw('<!doctype html><title>Sign in</title>', 'text/html'), unavailable],
    ['a form', () => raw('active=true', 'application/x-www-form-urlencoded'), unavailable],
    ['an error with status 200', () => json({ error: 'invalid_client' }), unavailable],
    ['an error of another shape', () => json({ error: { code: 503 } }), unavailable],
    ['an error beside an active that is null', () => json({ active: null, error: 'server_error' }), unavailable],
    ['more than 64 KiB', () => json({ ...good, x: 'x'.repeat(65_536) }), unavailable],
    ['said to be more than 64 KiB', () => new Response(body, { headers: { 'content-type': 'application/json', 'content-length': '65537' } }), unavailable],
    ['never over', () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1000)) }), { headers: { 'content-type': 'application/json' } }), unavailable],
    ['broken off', () => new Response(new ReadableStream({ pull: (stream) => stream.error(new Error('gone')) }), { headers: { 'content-type': 'application/json' } }), unavailable],
    ['201', () => json(good, 201), unavailable],
    ['204', () => new Response(null, { status: 204 }), unavailable],
    ...[302, 303, 307, 308].map((status): [string, Answer, string] => [`${status}`, () => new Response('', { status, headers: { location: 'https://evil.example.com/introspect' } }), unavailable]),
    ...[400, 401, 403, 404, 429, 500, 502, 503].map((status): [string, Answer, string] => [`${status}, whatever it says`, () => json(good, status), unavailable]),
    ['401 {"active":false}', () => json({ active: false }, 401), unavailable],
    ['not to be had', unreachable, unavailable],
  ])('%s', async (_, answer, verdict) => {
    const at = createEndpoint(answer)
    const guard = guardOf(at)
    expect(await visit(guard)).toBe(verdict)
    expect(at.requests.filter(({ url }) => url.includes('evil'))).toEqual([])
    if (verdict !== unavailable) return
    // Never remembered: what comes next counts.
    at.answer = () => json(good)
    expect(await visit(guard)).toBe('granted')
  })

  it.each<[string, Answer]>([
    ['never', hang],
    ['late', later(300, () => json(good))],
    ['begun and never finished', () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{"active":')) }), { headers: { 'content-type': 'application/json' } })],
  ])('%s there is given up', async (_, answer) => {
    const begun = performance.now()
    expect(await visit(guardOf(createEndpoint(answer), { timeout: 0.1 }))).toBe(unavailable)
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

describe('the principal of an opaque token', () => {
  it('is what the issuer says', async () => {
    const principal = await principalOf(guardOf(createEndpoint()))
    expect(principal).toEqual({ issuer, subject: 'alice', clientId: 'app', scopes: ['photos:read'], resource, variables: {}, expiresAt: start + 300, claims: good })
    expect(Object.isFrozen(principal.claims)).toBe(true)
  })
  it('may have nothing but an issuer', async () => {
    const principal = await principalOf(guardOf(createEndpoint(() => json({ active: true, aud: resource }))))
    expect(principal).toEqual({ issuer, subject: undefined, clientId: undefined, scopes: [], resource, variables: {}, expiresAt: undefined, claims: { active: true, aud: resource } })
  })
  it('has its client and scopes from the members of RFC 7662, whatever they are called in JWTs, and from those where it has not', async () => {
    const described = { server: { scopeClaim: 'scp', clientIdClaim: 'cid' } }
    const principal = await principalOf(guardOf(createEndpoint(), {}, described))
    expect(principal).toMatchObject({ scopes: ['photos:read'], clientId: 'app' })
    const { scope: _scope, client_id: _client, ...rest } = good
    expect(await principalOf(guardOf(createEndpoint(() => json({ ...rest, scp: ['a'], cid: 'c' })), {}, described))).toMatchObject({ scopes: ['a'], clientId: 'c' })
    expect(await visit(guardOf(createEndpoint(() => json({ ...rest, scp: [1] })), {}, described))).toBe(invalid)
  })
})

describe('where there is no aud, something else can prove it', () => {
  const { aud: _aud, ...without } = good
  const ask = (claims: object, audienceProvenBy: object | string) => visit(guardOf(createEndpoint(() => json({ ...without, ...claims })), { audienceProvenBy } as object))
  it.each<[string, object, object | string, string]>([
    ['a scope', { scope: 'x photos:read' }, { scope: 'photos:read' }, 'granted'],
    ['a scope that is not there', { scope: 'photos:reading' }, { scope: 'photos:read' }, '401 claim_missing'],
    ['no scope', { scope: undefined }, { scope: 'photos:read' }, '401 claim_missing'],
    ['a client', {}, { clientIds: ['other', 'app'] }, 'granted'],
    ['another client', {}, { clientIds: ['other'] }, '401 claim_missing'],
    ['no client', { client_id: undefined }, { clientIds: ['app'] }, '401 claim_missing'],
    ['the issuer', {}, 'issuer-answers-only-for-this-resource', 'granted'],
  ])('%s', async (_, claims, proof, verdict) => expect(await ask(claims, proof)).toBe(verdict))

  it.each([{ scope: 'photos:read' }, { clientIds: ['app'] }, 'issuer-answers-only-for-this-resource'])('but an aud that is there counts: %j', async (proof) => {
    expect(await ask({ aud: otherTenant }, proof)).toBe('401 audience_mismatch')
    expect(await ask({ aud: null }, proof)).toBe(invalid)
    expect(await ask({ active: false }, proof)).toBe(inactive)
  })
})

describe('what the log is told', () => {
  it('is bounded, and never the token, the secret or what the endpoint wrote', async () => {
    const secret = 'correct horse battery staple'
    for (const answer of [unreachable, () => json({ error: 'x'.repeat(5000), error_description: 'photos-api' }, 401), () => raw('<html>your token was opaque-token-4711'), () => json({ ...good, aud: 'x'.repeat(5000) })] as Answer[]) {
      const guard = guardOf(createEndpoint(answer), { clientSecret: secret })
      await visit(guard, 'opaque-token-4711')
      const told = JSON.stringify(guard.problems)
      expect(told.length).toBeLessThan(900)
      for (const hidden of ['4711', secret, btoa(secret), 'html']) expect(told).not.toContain(hidden)
    }
  })
  it('names the endpoint, the status and where to look', async () => {
    const guard = guardOf(createEndpoint(() => json({}, 401)))
    await visit(guard)
    expect(guard.problems[0]).toEqual({ reason: 'introspection_unavailable', detail: `introspection at ${issuer}: ${endpoint} answered 401: look at clientId and what it authenticates with`, verified: false })
  })
  it('says that what the issuer told is the issuer\'s word', async () => {
    const guard = guardOf(createEndpoint(() => json({ ...good, aud: otherTenant })))
    await visit(guard)
    expect(guard.problems[0]).toMatchObject({ reason: 'audience_mismatch', actual: [otherTenant], verified: true })
  })
  it('a 503 has no challenge and says when to come back', async () => {
    const outcome = await guardOf(createEndpoint(unreachable)).handle(new Request('https://h/', { headers: { authorization: 'Bearer x' } }))
    expect(outcome).toMatchObject({ kind: 'reply', status: 503 })
    const names = (outcome as unknown as { headers: [string, string][] }).headers.map(([name]) => name)
    expect(names).toContain('retry-after')
    expect(names).not.toContain('www-authenticate')
  })
})
