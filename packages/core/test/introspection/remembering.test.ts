import { beforeEach, describe, expect, it } from 'vitest'
import { createResourceGuard } from '../../src/index.js'
import { createIntrospectionCache } from '../../src/token/introspection-cache.js'
import { clock, client, createEndpoint, endpoint, good, guardOf, issuer, json, later, pass, principalOf, raw, resource, start, unreachable, until, visit, type Watched } from './endpoint.js'

beforeEach(() => {
  clock.now = start * 1000
})

describe('one call', () => {
  it('for 1,000 concurrent requests of one token, and for 1,000 that follow', async () => {
    const at = createEndpoint(later(20, () => json(good)))
    const guard = guardOf(at)
    const verdicts = await Promise.all(Array.from({ length: 1000 }, () => visit(guard)))
    expect(new Set(verdicts)).toEqual(new Set(['granted']))
    for (let i = 0; i < 1000; i += 1) await guard.handle(new Request('https://h/', { headers: { authorization: 'Bearer opaque' } }))
    expect(at.calls).toBe(1)
  })
  it('for 1,000 concurrent requests where it fails, and all are told', async () => {
    const at = createEndpoint(later(20, () => json({}, 500)))
    const guard = guardOf(at)
    await Promise.all(Array.from({ length: 1000 }, () => guard.handle(new Request('https://h/', { headers: { authorization: 'Bearer opaque' } }))))
    expect(at.calls).toBe(1)
    expect(guard.problems.map(({ reason }) => reason)).toEqual(Array.from({ length: 1000 }, () => 'introspection_unavailable'))
  })
  it('for each token', async () => {
    const at = createEndpoint((_, form) => json({ ...good, sub: form.get('token') }))
    const guard = guardOf(at)
    const tokens = Array.from({ length: 40 }, (_, i) => `token-${i % 20}`)
    const principals = await Promise.all(tokens.map((token) => principalOf(guard, token)))
    expect(principals.map(({ subject }) => subject)).toEqual(tokens)
    expect(at.calls).toBe(20)
  })
  it('gives the same principal each time', async () => {
    const guard = guardOf(createEndpoint())
    expect(await principalOf(guard)).toBe(await principalOf(guard))
  })
})

describe('1,000 junk tokens', () => {
  it('are in flight 64 at a time, the others get 503, and a remembered token is served', async () => {
    const at = createEndpoint((_, form) => json(form.get('token') === 'good' ? good : { active: false }))
    const guard = guardOf(at)
    expect(await visit(guard, 'good')).toBe('granted')
    let release = (): void => {}
    const gate = new Promise<void>((open) => {
      release = open
    })
    at.answer = async () => {
      await gate
      return json({ active: false })
    }
    const junk = Promise.all(Array.from({ length: 1000 }, (_, i) => guard.handle(new Request('https://h/', { headers: { authorization: `Bearer junk-${i}` } }))))
    await until(() => at.inFlight === 64)
    expect(await visit(guard, 'good')).toBe('granted')
    release()
    const statuses = (await junk).map((outcome) => (outcome.kind === 'reply' ? outcome.status : 0))
    expect(at.mostInFlight).toBe(64)
    expect(statuses.filter((status) => status === 401)).toHaveLength(64)
    expect(statuses.filter((status) => status === 503)).toHaveLength(936)
    expect(await visit(guard, 'junk-999')).toBe('401 token_inactive')
  })
  it('do not push out good ones', async () => {
    const at = createEndpoint((_, form) => json(form.get('token')!.startsWith('good') ? good : { active: false }))
    const guard = guardOf(at, {}, { limits: { introspectedTokens: 10 } })
    for (let i = 0; i < 10; i += 1) await visit(guard, `good-${i}`)
    for (let i = 0; i < 1000; i += 1) await visit(guard, `junk-${i}`)
    const before = at.calls
    for (let i = 0; i < 10; i += 1) expect(await visit(guard, `good-${i}`)).toBe('granted')
    expect(at.calls).toBe(before)
    await visit(guard, 'junk-0')
    expect(at.calls).toBe(before + 1)
  })
  it('nor do live tokens for another resource', async () => {
    const at = createEndpoint((_, form) => json(form.get('token')!.startsWith('good') ? good : { ...good, aud: 'https://other.example.com' }))
    const guard = guardOf(at, {}, { limits: { introspectedTokens: 10 } })
    await visit(guard, 'good')
    for (let i = 0; i < 100; i += 1) expect(await visit(guard, `other-${i}`)).toBe('401 audience_mismatch')
    await visit(guard, 'good')
    expect(at.calls).toBe(101)
  })
})

const callsOver = async (guard: Watched, at: { calls: number }, seconds: readonly number[]): Promise<readonly (readonly [string, number])[]> => {
  const seen: (readonly [string, number])[] = []
  for (const wait of seconds) {
    pass(wait)
    seen.push([await visit(guard), at.calls])
  }
  return seen
}

describe('time', () => {
  it('a good reply is used for 60 seconds, not for 61', async () => {
    const at = createEndpoint()
    expect(await callsOver(guardOf(at), at, [0, 59.9, 0.2, 59, 2])).toEqual([['granted', 1], ['granted', 1], ['granted', 2], ['granted', 2], ['granted', 3]])
  })
  it('never past exp', async () => {
    const at = createEndpoint(() => json({ ...good, exp: start + 10 }))
    expect(await callsOver(guardOf(at), at, [0, 9.9])).toEqual([['granted', 1], ['granted', 1]])
    at.answer = () => json({ active: false })
    expect(await callsOver(guardOf(at), at, [0.2])).toEqual([['401 token_inactive', 2]])
  })
  it('of a reply that stays active past exp, exp is the end', async () => {
    const at = createEndpoint(() => json({ ...good, exp: start + 10 }))
    expect(await callsOver(guardOf(at, {}, { clockTolerance: 0 }), at, [0, 11, 1])).toEqual([['granted', 1], ['401 token_expired', 2], ['401 token_expired', 2]])
  })
  it('without exp it is the TTL alone', async () => {
    const at = createEndpoint(() => json({ active: true, aud: resource }))
    expect(await callsOver(guardOf(at, { ttl: 30 }), at, [0, 29, 2])).toEqual([['granted', 1], ['granted', 1], ['granted', 2]])
  })
  it('what is inactive is asked about again after 5 seconds', async () => {
    const at = createEndpoint(() => json({ active: false }))
    const guard = guardOf(at)
    expect(await callsOver(guard, at, [0, 4.9])).toEqual([['401 token_inactive', 1], ['401 token_inactive', 1]])
    at.answer = () => json(good)
    expect(await callsOver(guard, at, [0.2])).toEqual([['granted', 2]])
  })
  it('what is revoked at the issuer is refused after the TTL at the latest', async () => {
    const at = createEndpoint()
    const guard = guardOf(at, { ttl: 10 })
    await visit(guard)
    at.answer = () => json({ active: false })
    expect(await callsOver(guard, at, [9.9, 0.2, 60])).toEqual([['granted', 1], ['401 token_inactive', 2], ['401 token_inactive', 3]])
  })
  it('nbf that is reached meanwhile is seen', async () => {
    const at = createEndpoint(() => json({ ...good, nbf: start + 8 }))
    expect(await callsOver(guardOf(at), at, [0, 4])).toEqual([['401 token_not_yet_valid', 1], ['granted', 1]])
  })
  it('what time makes good is used no longer than the TTL', async () => {
    const at = createEndpoint(() => json({ ...good, nbf: start + 8 }))
    const guard = guardOf(at, { ttl: 10, refusedTtl: 100 })
    expect(await callsOver(guard, at, [0, 4, 5.9])).toEqual([['401 token_not_yet_valid', 1], ['granted', 1], ['granted', 1]])
    at.answer = () => json({ active: false })
    expect(await callsOver(guard, at, [0.2])).toEqual([['401 token_inactive', 2]])
    at.answer = () => json({ ...good, nbf: start + 20 })
    expect(await callsOver(guardOf(at, { ttl: 0, refusedTtl: 100 }), at, [0, 0])).toEqual([['401 token_not_yet_valid', 3], ['401 token_not_yet_valid', 4]])
  })
  it('a function of the tenant may lower the TTL, and change a secret in place', async () => {
    const at = createEndpoint(() => json({ ...good, aud: `${resource}/acme` }))
    const introspection = { ...client, ttl: 3600 }
    const given = { resource: `${resource}/{tenant}`, tenants: { tenant: ['acme'] }, authorizationServers: () => [{ issuer, introspection }] }
    const guard = guardOf(at, {}, given as never)
    const ask = async () => [await visit(guard, 'opaque', '/photos/acme'), at.calls, atob(at.requests.at(-1)!.headers.get('authorization')!.slice(6))]
    expect(await ask()).toEqual(['granted', 1, 'photos-api:a+secret'])
    introspection.clientSecret = 'another'
    introspection.ttl = 0
    expect(await ask()).toEqual(['granted', 2, 'photos-api:another'])
  })
  it('ttl 0 asks each time', async () => {
    const at = createEndpoint()
    const guard = guardOf(at, { ttl: 0 })
    await callsOver(guard, at, [0, 0, 0])
    at.answer = () => json({ active: false })
    expect(await callsOver(guard, at, [0, 0])).toEqual([['401 token_inactive', 4], ['401 token_inactive', 5]])
  })
  it('refusedTtl 0 asks each time about what is refused', async () => {
    const at = createEndpoint(() => json({ active: false }))
    expect(await callsOver(guardOf(at, { refusedTtl: 0 }), at, [0, 0])).toEqual([['401 token_inactive', 1], ['401 token_inactive', 2]])
  })
  it('a clock that is set back makes nothing live longer', async () => {
    const at = createEndpoint(() => json({ active: true, aud: resource }))
    const guard = guardOf(at)
    await visit(guard)
    pass(50)
    await visit(guard)
    pass(-3000)
    await visit(guard)
    expect(at.calls).toBe(1)
    pass(11)
    await visit(guard)
    expect(at.calls).toBe(2)
  })
})

describe('a reply is of one token at one resource', () => {
  const atTenants = (at: { fetch: typeof fetch }) => createResourceGuard({
    resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['acme', 'globex'] }, now: () => clock.now, fetch: at.fetch,
    authorizationServers: [{ issuer, introspection: client }],
  })
  it("one tenant's is never another's", async () => {
    const at = createEndpoint(() => json({ ...good, aud: 'https://api.example.com/acme' }))
    const guard = atTenants(at)
    const kinds = []
    for (const path of ['/acme', '/globex', '/acme', '/globex']) kinds.push((await guard.handle(new Request(`https://h${path}`, { headers: { authorization: 'Bearer opaque' } }))).kind)
    expect(kinds).toEqual(['granted', 'reply', 'granted', 'reply'])
    expect(at.calls).toBe(2)
  })
  it('also where the issuer answers each with what it wants to hear', async () => {
    let aud = 'https://api.example.com/acme'
    const at = createEndpoint(() => json({ ...good, aud }))
    const guard = atTenants(at)
    expect((await principalOf(guard, 'opaque', '/acme')).resource).toBe('https://api.example.com/acme')
    aud = 'https://api.example.com/globex'
    expect((await principalOf(guard, 'opaque', '/globex')).variables).toEqual({ tenant: 'globex' })
    expect((await principalOf(guard, 'opaque', '/acme')).variables).toEqual({ tenant: 'acme' })
  })
  it('tokens that differ in one character are two', async () => {
    const at = createEndpoint((_, form) => json(form.get('token') === 'opaque' ? good : { active: false }))
    const guard = guardOf(at)
    expect([await visit(guard, 'opaque'), await visit(guard, 'Opaque'), await visit(guard, 'opaque=')]).toEqual(['granted', '401 token_inactive', '401 token_inactive'])
  })
})

describe('the cap and the breaker', () => {
  const tight = { concurrency: 2, timeout: 0.3 }
  const off = (answer: () => Response | Promise<Response>) => {
    const at = createEndpoint(answer)
    return { at, guard: guardOf(at, { ...tight, breaker: { failures: 3, pause: 10 }, refusedTtl: 0 }) }
  }

  it('leaves the endpoint alone after failures in a row, and serves what is remembered', async () => {
    const { at, guard } = off(() => json(good))
    expect(await visit(guard, 'remembered')).toBe('granted')
    at.answer = () => json({}, 503)
    for (let i = 0; i < 10; i += 1) expect(await visit(guard, `t${i}`)).toBe('503 introspection_unavailable')
    expect(at.calls).toBe(4)
    expect(await visit(guard, 'remembered')).toBe('granted')
    expect(guard.problems.at(-1)?.detail).toContain('paused after failures')
  })
  it('tries one token after the pause; if that fails pauses again', async () => {
    const { at, guard } = off(() => json({}, 500))
    for (let i = 0; i < 5; i += 1) await visit(guard, `t${i}`)
    pass(9.9)
    await visit(guard, 'a')
    expect(at.calls).toBe(3)
    pass(0.2)
    at.answer = later(20, () => json({}, 500))
    expect(await Promise.all(Array.from({ length: 20 }, (_, i) => visit(guard, `b${i}`)))).toHaveLength(20)
    expect(at.calls).toBe(4)
    pass(9.9)
    await visit(guard, 'c')
    expect(at.calls).toBe(4)
  })
  it('is as before once the one comes through', async () => {
    const { at, guard } = off(() => json({}, 500))
    for (let i = 0; i < 5; i += 1) await visit(guard, `t${i}`)
    pass(10.1)
    at.answer = () => json(good)
    expect(await visit(guard, 'a')).toBe('granted')
    expect(await visit(guard, 'b')).toBe('granted')
    at.answer = () => json({}, 500)
    expect([await visit(guard, 'c'), await visit(guard, 'd')]).toEqual(['503 introspection_unavailable', '503 introspection_unavailable'])
    at.answer = () => json(good)
    expect(await visit(guard, 'c')).toBe('granted')
  })
  type Row = [answer: string, trips: boolean, make: () => Response | Promise<Response>]
  const unwell: readonly Row[] = [
    ['500', true, () => json({}, 500)],
    ['503', true, () => json({}, 503)],
    ['no connection', true, () => Promise.reject(new TypeError('fetch failed'))],
    ['no answer in time', true, () => new Promise<Response>(() => {})],
    ['a body that breaks off', true, () => new Response(new ReadableStream({ pull: (stream) => stream.error(new Error('gone')) }), { headers: { 'content-type': 'application/json' } })],
  ]
  it.each<Row>([
    ...unwell,
    ['400', false, () => json({}, 400)],
    ['401', false, () => json({}, 401)],
    ['403', false, () => json({}, 403)],
    ['404', false, () => json({}, 404)],
    ['429', false, () => json({}, 429)],
    ['a redirect', false, () => new Response('', { status: 302, headers: { location: '/x' } })],
    ['HTML', false, () => raw('<html>', 'text/html')],
    ['no JSON', false, () => raw('{')],
    ['too much', false, () => raw('x'.repeat(70_000))],
    ['what is not UTF-8', false, () => raw(new Uint8Array([0xff]))],
    ['inactive', false, () => json({ active: false })],
    ['active for somebody else', false, () => json({ ...good, aud: 'x' })],
  ])('%s trips it: %s', async (_, trips, answer) => {
    const { at, guard } = off(answer)
    for (let i = 0; i < 6; i += 1) await visit(guard, `t${i}`)
    expect(at.calls).toBe(trips ? 3 : 6)
  })
  describe('while the endpoint is looked for in the metadata', () => {
    const lookedFor = async (metadata: () => Response | Promise<Response>, secondsBetween: number): Promise<number> => {
      let lookups = 0
      const fetch = (async (input) => {
        if (String(input) === `${issuer}/.well-known/oauth-authorization-server`) lookups += 1
        return metadata()
      }) as typeof globalThis.fetch
      const guard = guardOf({ fetch }, { timeout: 0.05, breaker: { failures: 3, pause: 60 } })
      for (let i = 0; i < 6; i += 1) {
        expect(await visit(guard, `t${i}`)).toBe('503 introspection_unavailable')
        pass(secondsBetween)
      }
      return lookups
    }
    it.each<Row>([
      ...unwell,
      ['404', false, () => json({}, 404)],
      ['401', false, () => json({}, 401)],
      ['a redirect to another origin', false, () => new Response('', { status: 302, headers: { location: 'https://other.example.com/' } })],
      ['HTML', false, () => raw('<html>', 'text/html')],
      ['no JSON', false, () => raw('{')],
      ['what is not UTF-8', false, () => raw(new Uint8Array([0xff]))],
      ['too much', false, () => raw(' '.repeat(600_000))],
      ['no endpoint', false, () => json({ issuer })],
      ['another issuer', false, () => json({ issuer: 'https://other.example.com', introspection_endpoint: endpoint })],
      ['an endpoint at a private address', false, () => json({ issuer, introspection_endpoint: 'https://10.0.0.1/introspect' })],
    ])('%s trips it: %s', async (_, trips, metadata) => {
      expect(await lookedFor(metadata, 2.1)).toBe(trips ? 3 : 6)
    })
    it('one place that is unwell among others that answer trips it', async () => {
      let asked = 0
      expect(await lookedFor(() => json({}, (asked += 1) % 2 === 0 ? 500 : 404), 2.1)).toBe(3)
    })
    it('failures that are not in a row do not', async () => {
      const statuses = [500, 500, 404, 500, 500, 404]
      let visits = 0
      const fetch = (async () => json({}, statuses[visits])) as typeof globalThis.fetch
      const guard = guardOf({ fetch }, { breaker: { failures: 3, pause: 60 } })
      for (; visits < statuses.length; visits += 1, pass(2.1)) await visit(guard, `t${visits}`)
      expect(guard.problems.map(({ detail }) => detail)).not.toContainEqual(expect.stringContaining('paused'))
    })
    it('an answer of any kind ends the pause', async () => {
      let status = 500
      const fetch = (async () => json({}, status)) as typeof globalThis.fetch
      const guard = guardOf({ fetch }, { breaker: { failures: 1, pause: 10 } })
      await visit(guard, 'a')
      pass(10.1)
      status = 404
      await visit(guard, 'b')
      pass(2.1)
      await visit(guard, 'c')
      expect(guard.problems.map(({ detail }) => detail)).toEqual([expect.stringContaining('500'), expect.stringContaining('404'), expect.stringContaining('404')])
    })
    it('metadata that do not name it are asked once in 2 seconds', async () => {
      expect(await lookedFor(() => json({ issuer }), 0)).toBe(1)
      expect(await lookedFor(() => json({ issuer }), 1.05)).toBe(3)
    })
  })
  it('failures that are not in a row do not', async () => {
    const { at, guard } = off(() => json({}, 500))
    for (let i = 0; i < 12; i += 1) {
      at.answer = i % 3 === 2 ? () => json({ active: false }) : () => json({}, 500)
      await visit(guard, `t${i}`)
    }
    expect(at.calls).toBe(12)
  })
  it('breaker false asks each time', async () => {
    const at = createEndpoint(unreachable)
    const guard = guardOf(at, { breaker: false })
    for (let i = 0; i < 20; i += 1) await visit(guard, `t${i}`)
    expect(at.calls).toBe(20)
  })
  it('of an endpoint that hangs, places come free by the deadline', async () => {
    const { at, guard } = off(() => new Promise<Response>(() => {}))
    const four = Array.from({ length: 4 }, (_, i) => visit(guard, `t${i}`))
    expect(new Set(await Promise.all(four))).toEqual(new Set(['503 introspection_unavailable']))
    expect(at.calls).toBe(2)
    at.answer = () => json(good)
    expect(await visit(guard, 'a')).toBe('granted')
  })
  it('is one for all resources that share the description, and each issuer has its own', async () => {
    const at = createEndpoint(() => json({}, 500), undefined)
    const introspection = { ...client, breaker: { failures: 2, pause: 10 }, endpoint: 'https://login.example.com/introspect' }
    const other = { ...introspection, endpoint: 'https://second.example.com/introspect' }
    const guard = createResourceGuard({
      now: () => clock.now, fetch: at.fetch,
      authorizationServers: [{ issuer, introspection }],
      resources: [
        { resource: 'https://api.example.com/a' }, { resource: 'https://api.example.com/b' },
        { resource: 'https://api.example.com/c', authorizationServers: [{ issuer: 'https://second.example.com', introspection: other }] },
      ],
    })
    for (const path of ['/a', '/b', '/a', '/b']) await guard.handle(new Request(`https://h${path}`, { headers: { authorization: `Bearer t${path.slice(1)}` } }))
    expect(at.calls).toBe(2)
    await guard.handle(new Request('https://h/c', { headers: { authorization: 'Bearer t' } }))
    expect(at.calls).toBe(3)
  })
})

describe('the memory', () => {
  const reply = (size: number) => ({ claims: {}, size })
  it('is bounded by entries, and keeps what was used last', () => {
    const cache = createIntrospectionCache(3)
    for (const key of ['a', 'b', 'c']) cache.set('good', key, reply(10), 100)
    cache.get('a', 0)
    cache.set('good', 'd', reply(10), 100)
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key, 0) !== undefined)).toEqual(['a', 'c', 'd'])
  })
  it('is bounded by bytes', () => {
    const cache = createIntrospectionCache(10)
    for (let i = 0; i < 10; i += 1) cache.set('good', `k${i}`, reply(2000), 100)
    expect(Array.from({ length: 10 }, (_, i) => cache.get(`k${i}`, 0)).filter(Boolean)).toHaveLength(3)
    cache.set('good', 'huge', reply(1_000_000), 100)
    expect(cache.get('huge', 0)).toBeUndefined()
    expect(cache.get('k9', 0)).toBeDefined()
  })
  it('forgets in time, and holds a token once', () => {
    const cache = createIntrospectionCache(3)
    cache.set('good', 'a', reply(1), 100)
    expect([cache.get('a', 99), cache.get('a', 100), cache.get('a', 99)].map(Boolean)).toEqual([true, false, false])
    cache.set('good', 'a', reply(1), 100)
    cache.set('refused', 'a', reply(2), 100)
    expect(cache.get('a', 0)?.size).toBe(2)
  })
})
