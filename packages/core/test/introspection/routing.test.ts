import { createTestIssuer, createTestKey, type TestIssuer } from '@resource-guard/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createResourceGuard, type AuthorizationServer, type Introspection, type Problem } from '../../src/index.js'
import { clock, client, createEndpoint, endpoint, good, guardOf, issuer, json, pass, principalOf, resource, start, visit, type Watched } from './endpoint.js'

let signer: TestIssuer
beforeAll(async () => {
  signer = await createTestIssuer({ issuer, now: () => clock.now, audience: resource })
})
beforeEach(() => {
  clock.now = start * 1000
})

const encode = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
const unsigned = (claims: object, header: object = { alg: 'none' }): string => `${encode(header)}.${encode(claims)}.`

describe("when 'opaque'", () => {
  it('JWTs are verified here, and nobody is asked about them', async () => {
    const at = createEndpoint()
    const guard = guardOf(at, {}, { server: { jwks: signer.jwks } })
    expect(await visit(guard, await signer.token())).toBe('granted')
    const refused = [
      await signer.token({ aud: 'https://other.example.com' }), await signer.token({ exp: start - 100 }), await signer.token({ iss: 'https://evil.example.com' }),
      await signer.token({}, { header: { typ: 'JWT' } }), await signer.token({}, { key: await createTestKey() }), await signer.token({ jti: undefined }),
      unsigned({ iss: issuer, aud: resource }), unsigned({ iss: issuer, aud: resource }, { typ: 'at+jwt', alg: 'none' }),
      `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`, `${btoa('{ "alg":"RSA-OAEP" }')}.a.b.c.d`.replaceAll('=', ''), 'a.b.c', 'a..', 'a.b.', `${(await signer.token()).slice(0, -2)}`, `${await signer.token()}~disclosure~`,
      (await signer.token()).split('.').slice(0, 2).join('.'), `${encode({ alg: 'none' })}.`,
      'a+.b/.c=', '+..', `.${await signer.token()}`, `...${await signer.token()}`, `${await signer.token()}.`, `${await signer.token()}..`, `${btoa('{ "alg":"ES256" }').replaceAll('=', '')}.a.b...`, (await signer.token()).replace(/[^.]{2}$/, '+/'),
    ]
    for (const token of refused) expect(await visit(guard, token)).toMatch(/^401 /)
    for (const token of ['eyJ+/=.a', (await signer.token()).replace('.', '=.')]) expect(await visit(guard, token)).toBe('400 credentials_malformed')
    expect(at.calls).toBe(0)
  })
  it.each(['opaque', 'ory_at_abc.def', 'a.b', 'a.b.c.d', 'MDAxY2xvY2F0aW9u', 'v2.local.x.y', '1234', 'e', 'eyJ', 'eyJhbGciOiJub25lIn0'])('%s is opaque', async (token) => {
    const at = createEndpoint()
    expect(await visit(guardOf(at), token)).toBe('granted')
    expect(at.requests.at(-1)!.form.get('token')).toBe(token)
  })
  it('without introspection an opaque token is refused', async () => {
    const at = createEndpoint()
    const guard = createResourceGuard({ resource, authorizationServers: [issuer], fetch: at.fetch })
    expect(await guard.handle(new Request('https://h/', { headers: { authorization: 'Bearer opaque' } }))).toMatchObject({ status: 401 })
    expect(at.requests).toEqual([])
  })
})

describe("when 'always'", () => {
  const always = (at: { fetch: typeof fetch }, more: Partial<Introspection> = {}, server: Partial<AuthorizationServer> = {}) =>
    guardOf(at, { when: 'always', ...more }, { server: { jwks: signer.jwks, ...server } })

  it('a JWT has to be good here and there', async () => {
    const at = createEndpoint()
    const guard = always(at)
    const token = await signer.token()
    expect(await visit(guard, token)).toBe('granted')
    expect(at.requests.at(-1)!.form.get('token')).toBe(token)
    at.answer = () => json({ active: false })
    expect(await visit(guard, await signer.token())).toBe('401 token_inactive')
    expect(await visit(guard, 'opaque')).toBe('401 token_inactive')
  })
  it('nobody is asked about one that is refused here', async () => {
    const at = createEndpoint()
    const guard = always(at)
    for (const changes of [{ aud: 'x' }, { exp: 1 }, { iss: 'https://evil.example.com' }, { sub: undefined }]) expect(await visit(guard, await signer.token(changes))).toMatch(/^401 /)
    expect(await visit(guard, await signer.token({}, { key: await createTestKey('ES256', { kid: signer.keys[0]!.kid }) }))).toBe('401 signature_invalid')
    expect(at.calls).toBe(0)
  })
  it('once in a TTL, while what is remembered of either is judged each time', async () => {
    const at = createEndpoint()
    const guard = always(at)
    const token = await signer.token({ exp: start + 100 })
    for (let i = 0; i < 5; i += 1) expect(await visit(guard, token)).toBe('granted')
    expect(at.calls).toBe(1)
    pass(61)
    await visit(guard, token)
    expect(at.calls).toBe(2)
    pass(50)
    expect(await visit(guard, token)).toBe('401 token_expired')
    expect(at.calls).toBe(2)
  })
  it('the reply, being later, counts where both say something', async () => {
    const token = await signer.token({ scope: 'photos:read photos:write', tier: 'gold', exp: start + 200 })
    const guard = always(createEndpoint(() => json({ active: true, aud: resource, scope: 'photos:read', exp: start + 100 })))
    expect(await principalOf(guard, token)).toMatchObject({ subject: 'alice', clientId: 'test-client', scopes: ['photos:read'], expiresAt: start + 100, claims: { tier: 'gold', active: true } })
    expect(await principalOf(guard, token)).toBe(await principalOf(guard, token))
    expect(await principalOf(guard, await signer.token({ exp: start + 50 }))).toMatchObject({ expiresAt: start + 50, claims: { exp: start + 50 } })
    expect(await principalOf(always(createEndpoint(() => json({ ...good, exp: undefined }))), token)).toMatchObject({ expiresAt: start + 200 })
    const renamed = always(createEndpoint(() => json({ active: true, aud: resource, scope: 'a' })), {}, { scopeClaim: 'scp', clientIdClaim: 'cid', omits: ['client_id'] })
    expect(await principalOf(renamed, await signer.token({ scp: ['a', 'b'], scope: undefined, cid: 'c', client_id: undefined }))).toMatchObject({ scopes: ['a'], clientId: 'c' })
  })
  it('a binding that only one of them knows is a binding', async () => {
    expect(await visit(always(createEndpoint(() => json({ ...good, token_type: 'DPoP', cnf: { jkt: 'x' } }))), await signer.token())).toBe('401 binding_required')
    expect(await visit(always(createEndpoint(() => json(good))), await signer.token({ cnf: { jkt: 'x' } }))).toBe('401 binding_required')
  })
  it('a reply without aud is refused, unless the JWT may prove it', async () => {
    const { aud: _aud, ...without } = good
    expect(await visit(always(createEndpoint(() => json(without))), await signer.token())).toBe('401 claim_missing')
    const guard = always(createEndpoint(() => json(without)), { audienceProvenBy: 'jwt' })
    expect(await visit(guard, await signer.token())).toBe('granted')
    expect(await visit(guard, 'opaque')).toBe('401 claim_missing')
    expect(await visit(always(createEndpoint(() => json({ ...good, aud: 'x' })), { audienceProvenBy: 'jwt' }), await signer.token())).toBe('401 audience_mismatch')
  })
  it('no answer is 503', async () => {
    expect(await visit(always(createEndpoint(() => json({}, 500))), await signer.token())).toBe('503 introspection_unavailable')
  })
})

describe('two issuers', () => {
  const second = 'https://second.example.com'
  const two = (first: object, other: object) => {
    const at = createEndpoint((request) => json({ ...good, iss: undefined, sub: request.url }), undefined)
    const problems: Problem[] = []
    const guard = createResourceGuard({
      resource, fetch: at.fetch, now: () => clock.now, onRefused: (problem) => void problems.push(problem),
      authorizationServers: [{ issuer, jwks: signer.jwks, ...first }, { issuer: second, jwksUri: `${second}/jwks`, ...other }],
    } as Parameters<typeof createResourceGuard>[0])
    return { at, guard: { ...guard, problems } as Watched }
  }
  const asked = (name: string, more: object = {}) => ({ introspection: { ...client, endpoint: `${name}/introspect`, ...more } })
  const prefix = (text: string) => ({ recognises: (token: string) => token.startsWith(text) })

  it('of which one is asked: it alone is', async () => {
    const { at, guard } = two({}, asked(second))
    expect(await principalOf(guard, 'x')).toMatchObject({ issuer: second })
    expect(at.requests.map(({ url }) => url)).toEqual([`${second}/introspect`])
  })
  it('of which both are: the one that recognises the token, or none', async () => {
    const { at, guard } = two(asked(issuer, prefix('a_')), asked(second, prefix('b_')))
    expect(await principalOf(guard, 'a_1')).toMatchObject({ issuer, subject: `${issuer}/introspect` })
    expect(await principalOf(guard, 'b_1')).toMatchObject({ issuer: second, subject: `${second}/introspect` })
    expect(await visit(guard, 'c_1')).toBe('401 issuer_untrusted')
    expect(at.calls).toBe(2)
  })
  it('that both recognise a token: none is asked', async () => {
    const { at, guard } = two(asked(issuer, prefix('a')), asked(second, prefix('a_')))
    expect(await visit(guard, 'a_1')).toBe('401 issuer_untrusted')
    expect(at.calls).toBe(0)
  })
  it.each<[string, () => unknown, string]>([
    ['throws', () => { throw new Error('a_1') }, '503 introspection_unavailable'],
    ['says 1', () => 1, '401 issuer_untrusted'],
    ['says nothing', () => undefined, '401 issuer_untrusted'],
    ['promises', async () => true, '401 issuer_untrusted'],
  ])('where recognises %s, none is asked', async (_, recognises, verdict) => {
    const { at, guard } = two(asked(issuer, { recognises }), asked(second, prefix('b_')))
    expect(await visit(guard, 'a_1')).toBe(verdict)
    expect(JSON.stringify(guard.problems)).not.toContain('a_1')
    expect(at.calls).toBe(0)
  })
  it("a JWT of one is not shown to the other", async () => {
    const { at, guard } = two({}, asked(second, { when: 'always' }))
    expect(await visit(guard, await signer.token())).toBe('granted')
    expect(at.calls).toBe(0)
    expect(await visit(guard, await signer.token({ iss: 'https://evil.example.com' }))).toBe('401 issuer_untrusted')
    expect(at.calls).toBe(0)
  })

  describe('of which one sends references that look like JWTs', () => {
    const opaque = { ...asked(second), opaque: true }
    it('its own, and those that name nobody, go to it', async () => {
      const { at, guard } = two({}, opaque)
      for (const token of [await signer.token({ iss: second }), 'a.b.c', unsigned({ ref: 1 }, { alg: 'RS256' }), `${unsigned({})}x`, `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`]) {
        expect(await principalOf(guard, token)).toMatchObject({ issuer: second })
      }
      expect(at.calls).toBe(5)
    })
    it("the other's are verified here, and a stranger's are shown to nobody", async () => {
      const { at, guard } = two({}, opaque)
      expect(await principalOf(guard, await signer.token())).toMatchObject({ issuer })
      expect(await visit(guard, await signer.token({}, { key: await createTestKey() }))).toMatch(/^401 /)
      expect(await visit(guard, await signer.token({ iss: 'https://evil.example.com' }))).toBe('401 issuer_untrusted')
      expect(await visit(guard, `${unsigned({ iss: 7 }, { alg: 'ES256' })}xA`)).toBe('401 issuer_untrusted')
      const twice = (...[first, last]: [string, string]) => `${encode({ alg: 'ES256' })}.${Buffer.from(`{"iss":"${first}","iss":"${last}"}`).toString('base64url')}.eA`
      const encrypted = (iss: string) => `${encode({ alg: 'dir', enc: 'A256GCM', iss })}..a.b.c`
      const strangers = await signer.token({ iss: 'https://evil.example.com' })
      for (const broken of [`.${strangers}`, `..${strangers}`, `.${await signer.token()}`, `.${twice(second, issuer)}`, encrypted(issuer), encrypted('https://evil.example.com'), twice(second, issuer), twice(issuer, second), (await signer.token()).slice(0, -3), unsigned({ iss: issuer }), unsigned({ iss: 'https://evil.example.com' }), `${await signer.token()}.x.y`]) {
        expect(await visit(guard, broken)).toMatch(/^401 (?:token_malformed|signature_invalid)$/)
      }
      expect(at.calls).toBe(0)
    })
    it('are never verified as JWTs, not even with a good signature', async () => {
      const at = createEndpoint(() => json({ active: false }))
      expect(await visit(guardOf(at, {}, { server: { opaque: true, jwks: signer.jwks } }), await signer.token())).toBe('401 token_inactive')
      expect(at.calls).toBe(1)
    })
  })
})

describe('a template', () => {
  it('asks each issuer at the endpoint that its own metadata name', async () => {
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { url, method } = new Request(input, init)
      const tenant = url.includes('acme') ? 'acme' : 'globex'
      if (method === 'GET') return json({ issuer: `${issuer}/${tenant}`, introspection_endpoint: `${issuer}/${tenant}/introspect` })
      asked.push(url)
      return json({ ...good, iss: undefined, aud: `https://api.example.com/${tenant}` })
    }
    const guard = createResourceGuard({
      resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['acme', 'globex'] }, now: () => clock.now, fetch,
      authorizationServers: [{ issuer: `${issuer}/{tenant}`, introspection: client }],
    })
    for (const tenant of ['acme', 'globex']) {
      expect(await principalOf(guard, `opaque-${tenant}`, `/${tenant}`)).toMatchObject({ issuer: `${issuer}/${tenant}` })
    }
    expect(asked).toEqual([`${issuer}/acme/introspect`, `${issuer}/globex/introspect`])
  })
  it('has the variables in the endpoint and in what proves the audience', async () => {
    const { aud: _aud, ...without } = good
    const at = createEndpoint(() => json({ ...without, iss: undefined, scope: 'photos:acme' }))
    const guard = createResourceGuard({
      resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['acme', 'globex'] }, now: () => clock.now, fetch: at.fetch,
      authorizationServers: [{ issuer: `${issuer}/{tenant}`, introspection: { ...client, endpoint: `${endpoint}/{tenant}`, audienceProvenBy: { scope: 'photos:{tenant}' } } }],
    })
    expect(await principalOf(guard, 'opaque', '/acme')).toMatchObject({ issuer: `${issuer}/acme` })
    await expect(principalOf(guard, 'opaque', '/globex')).rejects.toThrow('401')
    expect(at.requests.map(({ url }) => url)).toEqual([`${endpoint}/acme`, `${endpoint}/globex`])
  })
})
