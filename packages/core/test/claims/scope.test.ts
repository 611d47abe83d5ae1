import { createTestIssuer } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'
import { checkImplications, readScopes, suffices, withImplied } from '../../src/claims/scope.js'
import { createResourceGuard, type NeededScopes, type Principal, type ResourceGuardOptions } from '../../src/index.js'

const implies = checkImplications('scopeImplies', {
  admin: ['files:write', 'users'],
  'files:write': ['files:read'],
  circle: ['ring'],
  ring: ['circle'],
  self: ['self'],
})

describe('the scopes that a token was granted', () => {
  const many = Array.from({ length: 40 }, (_, index) => `s${index}`)

  it.each<[unknown, readonly string[] | undefined]>([
    [undefined, []],
    ['', []],
    [' ', []],
    ['a', ['a']],
    ['b a', ['b', 'a']],
    [' a  b ', ['a', 'b']],
    ['a b a', ['a', 'b']],
    [many.join(' '), many],
    [`${many.join(' ')}  s0`, many],
    ['a\tb', undefined],
    [['a'], undefined],
    [null, undefined],
    [1, undefined],
  ])('are of scope %j: %j', (scope, scopes) => {
    expect(readScopes({ scope }, 'scope')).toEqual(scopes)
  })
  it.each<[unknown, readonly string[] | undefined]>([
    [[], []],
    [['b', 'a'], ['b', 'a']],
    [['a', 'b', 'a'], ['a', 'b']],
    [[...many, 's0'], many],
    [['a b'], undefined],
    [[''], undefined],
    [['a', 1], undefined],
    ['a b', ['a', 'b']],
  ])('are of scp %j: %j', (scp, scopes) => {
    expect(readScopes({ scp }, 'scp')).toEqual(scopes)
  })
  it('cannot be changed', () => {
    for (const scope of ['', 'a', 'a a', many.join(' ')]) expect(Object.isFrozen(readScopes({ scope }, 'scope'))).toBe(true)
  })
})

describe('withImplied', () => {
  it.each([
    [[], []],
    [['other'], ['other']],
    [['files:write'], ['files:write', 'files:read']],
    [['files:read'], ['files:read']],
    [['admin'], ['admin', 'files:write', 'files:read', 'users']],
    [['ring'], ['ring', 'circle']],
    [['circle', 'ring'], ['circle', 'ring']],
    [['self'], ['self']],
    [['constructor'], ['constructor']],
  ])('%j: %j', (granted, all) => expect(withImplied(granted, implies)).toEqual(all))
})

describe('suffices', () => {
  it.each<[readonly string[], NeededScopes, boolean]>([
    [['a', 'b'], ['a', 'b'], true],
    [['a'], ['a', 'b'], false],
    [['A'], ['a'], false],
    [['a'], [], false],
    [['b'], { anyOf: ['a', 'b'] }, true],
    [['c'], { anyOf: ['a', 'b'] }, false],
    [['a'], { anyOf: [] }, false],
  ])('%j for %j: %s', (granted, needed, verdict) => expect(suffices(granted, needed)).toBe(verdict))
})

describe('a guard that is told which scopes imply which', async () => {
  const resource = 'https://api.example.com/files'
  const issuer = await createTestIssuer({ audience: resource })
  const guardOf = (more: Partial<ResourceGuardOptions> = {}) => createResourceGuard({
    resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, scopeImplies: { admin: ['files:write'], 'files:write': ['files:read'] }, ...more,
  } as ResourceGuardOptions)
  const visit = async (scope: string, scopes: NeededScopes, guard = guardOf()) => {
    const request = new Request('https://host.internal/files', { headers: { authorization: `Bearer ${await issuer.token({ scope })}` } })
    const outcome = await guard.handle(request, { scopes })
    const later = await guard.handle(request)
    const { principal } = later as { principal: Principal }
    const refusal = guard.authorize(principal, scopes)
    // What is judged with the route and what is judged after it must not differ.
    expect(outcome.kind === 'reply' ? outcome.status : undefined).toBe(refusal?.status)
    return { guard, principal, challenge: new Map(refusal?.headers).get('www-authenticate') }
  }

  it('lets a broader scope do for a narrower one, through any number of steps', async () => {
    expect((await visit('files:write', ['files:read'])).challenge).toBeUndefined()
    expect((await visit('admin', ['files:read', 'files:write'])).challenge).toBeUndefined()
    expect((await visit('admin', { anyOf: ['other', 'files:read'] })).challenge).toBeUndefined()
  })

  it('does not let a narrower scope do for a broader one', async () => {
    expect((await visit('files:read', ['files:write'])).challenge).toMatch(/error="insufficient_scope".*scope="files:write"$/)
  })

  it('names the scopes that are needed, whatever implies them', async () => {
    expect((await visit('other', ['files:read', 'other'])).challenge).toMatch(/scope="files:read other"$/)
  })

  it('names the first of several that would do: a client asks for all that it is told', async () => {
    expect((await visit('other', { anyOf: ['files:read', 'files:write'] })).challenge).toMatch(/scope="files:read"$/)
  })

  it('keeps the principal to what was granted, and tells the rest beside it', async () => {
    const { guard, principal } = await visit('admin', ['files:read'])
    expect(principal.scopes).toEqual(['admin'])
    expect(guard.grantOf(principal)).toEqual({ scopes: ['admin', 'files:write', 'files:read'], metadataUrl: 'https://api.example.com/.well-known/oauth-protected-resource/files' })
    expect(() => guardOf().grantOf(principal)).toThrow('this guard made')
  })

  it('lets each of several resources have its own', async () => {
    const guard = createResourceGuard({
      resources: [{ resource }, { resource: 'https://api.example.com/plain', scopeImplies: {} }],
      authorizationServers: [issuer.issuer], fetch: issuer.fetch, scopeImplies: { 'files:write': ['files:read'] },
    })
    const token = await issuer.token({ aud: [resource, 'https://api.example.com/plain'], scope: 'files:write' })
    const at = async (path: string) => {
      const outcome = await guard.handle(new Request(`https://host.internal${path}`, { headers: { authorization: `Bearer ${token}` } }), { scopes: ['files:read'] })
      return outcome.kind
    }
    expect([await at('/files'), await at('/plain')]).toEqual(['granted', 'reply'])
  })

  it.each<[NeededScopes]>([[[]], [{ anyOf: [] }], [{ anyOf: ['a b'] }]])('is told off for needing %j', async (scopes) => {
    const { principal } = await visit('admin', ['admin'])
    await expect(async () => guardOf().authorize(principal, scopes)).rejects.toThrow()
    await expect(guardOf().handle(new Request('https://x.test/files', { headers: { authorization: `Bearer ${await issuer.token()}` } }), { scopes })).rejects.toThrow(/list|no scope/)
  })
})

describe('a guard that serves its metadata at the root too', async () => {
  const at = async (resource: string, path: string, more: object = { rootMetadata: true }) => {
    const issuer = await createTestIssuer()
    const guard = createResourceGuard({ resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, ...more })
    const outcome = await guard.handle(new Request(`https://host.internal${path}`))
    return outcome.kind === 'reply' ? [outcome.status, outcome.status === 200 ? (JSON.parse(outcome.body) as { resource: string }).resource : ''] : outcome.kind
  }
  const wellKnown = '/.well-known/oauth-protected-resource'
  it.each([
    ['https://api.example.com/mcp', wellKnown, [200, 'https://api.example.com/mcp']],
    ['https://api.example.com/mcp', `${wellKnown}?x`, [200, 'https://api.example.com/mcp']],
    ['https://api.example.com/mcp', `${wellKnown}/mcp`, [200, 'https://api.example.com/mcp']],
    ['https://api.example.com/mcp', `${wellKnown}/`, [404, '']],
    ['https://api.example.com/mcp', `${wellKnown}/other`, [404, '']],
    ['https://api.example.com', wellKnown, [200, 'https://api.example.com']],
  ])('%s: %s', async (resource, path, answer) => expect(await at(resource, path)).toEqual(answer))

  it('serves nothing there unless it is told to', async () => expect(await at('https://api.example.com/mcp', wellKnown, {})).toEqual([404, '']))
})
