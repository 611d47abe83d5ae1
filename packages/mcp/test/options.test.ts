import { createResourceGuard } from '@resource-guard/core'
import {
  createMcpGuard, InsufficientScopeError, principalKey, principalOf, protectMcp, requireAnyScope, requireScope, type AuthInfo, type McpOptions, type Principal,
} from '@resource-guard/mcp'
import { createTestIssuer } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'
import { checkBoundary, checkHosts, checkOrigins } from '../src/boundary.js'
import { createSessions } from '../src/sessions.js'

const resource = 'https://mcp.example.com/mcp'
const base = { resource, authorizationServers: ['https://login.example.com'] }

describe('a mistake in the options names the option and the fix', () => {
  it.each<[object | null, string, string | RegExp]>([
    [null, 'options', 'a plain object'],
    [{ audience: 'x' }, 'options', 'no option "audience"'],
    [{ allowedHost: ['x'] }, 'options', /no option "allowedHost" here; there are .*\bresource, .*\bonRefused, .*\ballowedHosts, .*\bonBlocked$/],
    [{ resources: [{ resource }], toolScope: {} }, 'options', /no option "toolScope" here; there are .*\btoolScopes\b/],
    [{ allowedHosts: 'mcp.example.com' }, 'allowedHosts', 'a list'],
    [{ allowedHosts: ['https://mcp.example.com'] }, 'allowedHosts[0]', 'a host'],
    [{ allowedHosts: ['MCP.example.com'] }, 'allowedHosts[0]', 'lower case'],
    [{ allowedOrigins: ['app.example.com'] }, 'allowedOrigins[0]', 'an origin'],
    [{ allowedOrigins: ['https://app.example.com/'] }, 'allowedOrigins[0]', 'an origin'],
    [{ allowedOrigins: ['https://app.example.com', '*'] }, 'allowedOrigins[1]', 'an origin'],
    [{ allowedOrigins: ['null'] }, 'allowedOrigins[0]', 'an origin'],
    [{ toolScopes: ['a'] }, 'toolScopes', 'delete_file'],
    [{ toolScopes: { tool: 'a' } }, 'toolScopes["tool"]', 'list'],
    [{ toolScopes: new Map([['tool', ['a']]]) }, 'toolScopes', 'a plain object'],
    [{ toolScopes: Object.create({ tool: ['a'] }) as object }, 'toolScopes', 'a plain object'],
    [{ toolScopes: { tool: ['a', 'offline_access'] } }, 'toolScopes["tool"]', 'refresh token'],
    [{ toolScopes: { tool: [] } }, 'toolScopes["tool"]', 'list'],
    [{ toolScopes: { tool: ['a b'] } }, 'toolScopes["tool"]', 'no scope'],
    [{ toolScopes: null }, 'toolScopes', ''],
    [{ rootMetadata: null }, 'rootMetadata', 'true or false'],
    [{ handle: () => {} }, 'options', 'no option "handle"'],
    [{ exposeToken: 'yes' }, 'exposeToken', 'true or false'],
    [{ sessions: false }, 'sessions', "'bound'"],
    [{ onBlocked: 'x' }, 'onBlocked', 'a function'],
    [{ challengeScopes: ['offline_access'] }, 'challengeScopes', 'refresh token'],
    [{ scopesSupported: ['a', 'offline_access'] }, 'scopesSupported', 'refresh token'],
    [{ resource: 'https://mcp.example.com/{tenant}', tenants: { tenant: ['a'] }, rootMetadata: true }, 'rootMetadata', 'without variables'],
  ])('%j', (more, option, fix) => {
    const message = (typeof fix === 'string' ? expect.stringContaining(fix) : expect.stringMatching(fix)) as string
    expect(() => createMcpGuard(more === null ? (null as never) : ({ ...base, ...more } as McpOptions))).toThrow(expect.objectContaining({ option, message }))
  })
})

it('a guard of createResourceGuard is none for MCP, and the message says what makes one', () => {
  expect(() => protectMcp(async () => new Response(), createResourceGuard(base) as never)).toThrow('make it with createMcpGuard(options)')
})

describe('where requests are taken from', () => {
  const at = (host: string | undefined, origin?: string, url = '/mcp') => ({
    method: 'POST', url, headers: { get: (name: string) => ({ host, origin } as Record<string, string | undefined>)[name] ?? null },
  })
  const boundary = (urls: string[], hosts?: unknown, origins?: unknown) => {
    const resources = urls.map((url) => new URL(url))
    return { hosts: checkHosts('allowedHosts', hosts, resources), origins: checkOrigins('allowedOrigins', origins, resources) }
  }
  const local = boundary(['http://localhost:3000/mcp'])
  const remote = boundary([resource])
  const both = ['http://localhost:3000/mcp', resource]
  const mixed = boundary(both)

  it.each([
    ['loopback', local, at('localhost:3000'), undefined],
    ['loopback by another name and port', local, at('127.0.0.1:9'), undefined],
    ['loopback by IPv6', local, at('[::1]:9'), undefined],
    ['loopback in capitals', local, at('LocalHost:3000'), undefined],
    ['a name rebound to loopback', local, at('evil.example:3000'), 'host_not_allowed'],
    ['a name that begins like loopback', local, at('localhost.evil.example'), 'host_not_allowed'],
    ['no host', local, at(undefined), 'host_not_allowed'],
    ['a host in the URL alone, as HTTP/2 may have it', local, at(undefined, undefined, 'http://localhost:3000/mcp'), undefined],
    ['another host in the URL alone', local, at(undefined, undefined, 'http://evil.example/mcp'), 'host_not_allowed'],
    ['any host where the server is public', remote, at('10.0.0.7:8080'), undefined],
    ['the origin of the resource', remote, at('x', 'https://mcp.example.com'), undefined],
    ['a loopback origin where the server is public', remote, at('x', 'http://localhost:6274'), 'origin_not_allowed'],
    ['the origin of a public resource beside one on loopback', mixed, at('x', 'https://mcp.example.com'), undefined],
    ['the origin of a resource on loopback beside a public one', mixed, at('x', 'http://localhost:3000'), 'origin_not_allowed'],
    ['another loopback origin where one of the resources is public', mixed, at('x', 'http://127.0.0.1:6274'), 'origin_not_allowed'],
    ['a loopback origin beside a public one, listed', boundary(both, undefined, ['http://localhost:3000']), at('x', 'http://localhost:3000'), undefined],
    ['two origins', remote, at('x', 'https://mcp.example.com, https://mcp.example.com'), 'origin_not_allowed'],
    ['an empty origin', remote, at('x', ''), 'origin_not_allowed'],
    ['a listed host, any port', boundary([resource], ['mcp.example.com']), at('mcp.example.com:8443'), undefined],
    ['a listed host and port', boundary([resource], ['mcp.example.com:8443']), at('mcp.example.com:8443'), undefined],
    ['a listed host at another port', boundary([resource], ['mcp.example.com:8443']), at('mcp.example.com'), 'host_not_allowed'],
    ['a listed origin of a scheme of its own', boundary([resource], undefined, ['vscode-file://vscode-app']), at('x', 'vscode-file://vscode-app'), undefined],
    ['any origin', boundary([resource], undefined, '*'), at('x', 'null'), undefined],
    ['no origin of a list that is empty', boundary([resource], undefined, []), at('x', 'https://mcp.example.com'), 'origin_not_allowed'],
  ])('%s', (_what, where, request, verdict) => expect(checkBoundary(where, request)).toBe(verdict))
})

describe('sessions', () => {
  it('are their owner\'s alone, and nobody\'s once forgotten', () => {
    const sessions = createSessions(2, 2)
    expect(sessions.mayUse('left over', 'alice')).toBe(true)
    sessions.open('a', 'alice')
    sessions.open('b', 'bob')
    sessions.open('a', 'bob')
    expect([sessions.mayUse('a', 'alice'), sessions.mayUse('a', 'bob'), sessions.mayUse('left over', 'alice')]).toEqual([true, false, false])
    sessions.open('c', 'carol')
    expect([sessions.mayUse('a', 'alice'), sessions.mayUse('b', 'bob'), sessions.mayUse('c', 'carol')]).toEqual([true, false, true])
  })
  it('of one owner push out only one another, the one that was used longest ago first', () => {
    const sessions = createSessions(5, 3)
    sessions.open('b', 'bob')
    for (const id of ['1', '2', '3']) sessions.open(id, 'alice')
    expect(sessions.mayUse('1', 'alice')).toBe(true)
    for (const id of ['4', '5']) sessions.open(id, 'alice')
    expect(['1', '2', '3', '4', '5'].filter((id) => sessions.mayUse(id, 'alice'))).toEqual(['1', '4', '5'])
    expect(sessions.mayUse('b', 'bob')).toBe(true)
  })
  it('are no more than so many, whosesoever they are', () => {
    const sessions = createSessions(4, 2)
    const all = ['a', 'b', 'c'].flatMap((owner) => [`${owner}1`, `${owner}2`].map((id) => [id, owner] as const))
    for (const [id, owner] of all) sessions.open(id, owner)
    expect(all.filter(([id, owner]) => sessions.mayUse(id, owner)).map(([id]) => id)).toEqual(['b1', 'b2', 'c1', 'c2'])
    // What was forgotten does not count any more.
    sessions.open('a3', 'a')
    sessions.open('a4', 'a')
    expect(['a3', 'a4'].map((id) => sessions.mayUse(id, 'a'))).toEqual([true, true])
  })
})

const principal = { issuer: 'https://a.test', subject: 'alice', clientId: 'app', scopes: ['a'], resource, variables: {}, expiresAt: 1, claims: {} } as unknown as Principal

describe('principalKey', () => {
  it('differs wherever the principal does, and nowhere else', () => {
    const others = [{}, { issuer: 'https://b.test' }, { subject: 'bob' }, { subject: undefined }, { clientId: 'other' }, { clientId: undefined }, { resource: `${resource}2` }, { subject: 'alice","app' }]
    const keys = others.map((other) => principalKey({ ...principal, ...other } as Principal))
    expect(new Set(keys).size).toBe(others.length)
    expect(principalKey({ ...principal, scopes: ['b'], expiresAt: 2, claims: { jti: 'other' } })).toBe(keys[0])
  })
  it('is none for somebody without a name', () => {
    expect(() => principalKey({ ...principal, subject: undefined, clientId: undefined })).toThrow('must not omit both')
  })
})

describe('in a tool', () => {
  const authInfo = { scopes: ['a', 'b'], extra: { principal } } as unknown as AuthInfo
  it.each([['extra of SDK v1', { authInfo }], ['ctx of SDK v2', { http: { authInfo } }]])('%s tells who is calling and what they may do', (_what, context) => {
    expect(principalOf(context)).toBe(principal)
    expect(() => requireScope(context, 'a', 'b')).not.toThrow()
    expect(() => requireAnyScope(context, 'c', 'b')).not.toThrow()
    expect(() => requireScope(context, 'a', 'c')).toThrow(InsufficientScopeError)
    expect(() => requireAnyScope(context, 'c', 'd')).toThrow('one of the scopes c, d')
    expect(() => requireScope(context, 'c', 'a', 'c')).toThrow(expect.objectContaining({ scopes: ['c', 'a'] }))
  })
  it.each([[[]], [['']], [['a b']], [['a', undefined]]])('scopes that are none are a mistake of the tool: %j', (scopes) => {
    const wrong = scopes as unknown as [string]
    expect(() => requireScope({ authInfo }, ...wrong)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option: 'requireScope' }))
    expect(() => requireAnyScope({ authInfo }, ...wrong)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option: 'requireAnyScope' }))
  })
  it.each([[{}], [{ http: {} }], [{ authInfo: { scopes: ['a'] } }]])('%j is nobody', (context) => {
    expect(() => principalOf(context)).toThrow('let nobody in here')
    expect(() => requireScope(context, 'a')).toThrow('let nobody in here')
  })
})

describe('a guard', async () => {
  const issuer = await createTestIssuer({ audience: resource })
  it('does not stumble over an observer that throws, and shows it what it blocked', async () => {
    const seen: string[] = []
    const guard = createMcpGuard({ ...base, authorizationServers: [issuer.issuer], fetch: issuer.fetch, onBlocked: (reason, { url }) => {
      seen.push(`${reason} ${url}`)
      throw new Error('no log')
    } })
    const outcome = await guard.handle({ method: 'HEAD', url: '/mcp', headers: new Headers({ origin: 'https://evil.example' }) })
    expect(outcome).toMatchObject({ kind: 'reply', status: 403, body: '' })
    expect(seen).toEqual(['origin_not_allowed /mcp'])
  })
  it('does not wait for an observer, nor end the process with one that rejects', async () => {
    const rejected: unknown[] = []
    const listen = (reason: unknown) => void rejected.push(reason)
    process.on('unhandledRejection', listen)
    const onBlocked = async () => Promise.reject(new Error('no log'))
    const guard = createMcpGuard({ ...base, authorizationServers: [issuer.issuer], fetch: issuer.fetch, onBlocked })
    const outcome = await guard.handle({ method: 'POST', url: '/mcp', headers: new Headers({ origin: 'https://evil.example' }) })
    await new Promise((resolve) => void setTimeout(resolve, 10))
    process.off('unhandledRejection', listen)
    expect([outcome, rejected]).toEqual([expect.objectContaining({ kind: 'reply', status: 403 }), []])
  })
  it('leaves sessions alone where they are bound elsewhere', async () => {
    const guard = createMcpGuard({ ...base, authorizationServers: [issuer.issuer], fetch: issuer.fetch, sessions: 'elsewhere' })
    const ask = async (sub: string) => guard.handle({ method: 'POST', url: '/mcp', headers: new Headers({ authorization: `Bearer ${await issuer.token({ sub })}`, 'mcp-session-id': 's' }) })
    const alice = await ask('alice')
    if (alice.kind === 'granted') guard.bindSession('s', alice.principal, { method: 'POST', url: '/mcp', headers: new Headers() })
    expect([alice.kind, (await ask('bob')).kind]).toEqual(['granted', 'granted'])
  })
})
