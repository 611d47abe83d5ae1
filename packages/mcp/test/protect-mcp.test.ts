import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createTestIssuer, parseChallenges } from '@resource-guard/testing'
import type { BlockedReason, McpOptions } from '@resource-guard/mcp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toolScopes } from './notes-server.js'
import { servers, startServer, type RunningServer } from './servers.js'

// The requirements on MCP servers, by their place: P, N and J are the specifications of 2025-06-18, 2025-11-25 and 2026-07-28,
// basic/authorization unless it says otherwise; SBP is Security Best Practices.

const issuer = await createTestIssuer()
const blocked: BlockedReason[] = []

const optionsAt = (origin: string, more: Partial<McpOptions> = {}): McpOptions => ({
  resource: `${origin}/mcp`,
  authorizationServers: [issuer.issuer],
  fetch: issuer.fetch,
  challengeScopes: ['notes:read'],
  scopesSupported: ['notes:read', 'notes:write'],
  scopeImplies: { admin: ['notes:write'] },
  toolScopes,
  onBlocked: (reason) => void blocked.push(reason),
  ...more,
} as McpOptions)

const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } }
const call = (name: string) => ({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: {} } })

describe.each(Object.entries(servers))('%s', (name, make) => {
  const { sdk, create } = make()
  let server: RunningServer
  let endpoint: string
  beforeAll(async () => {
    server = await startServer(create, optionsAt)
    endpoint = `${server.origin}/mcp`
  })
  afterAll(() => server.close())

  /** Tests of what only one of the SDKs has. */
  const none = ((): void => {}) as unknown as typeof it
  const [onV1, onV2] = sdk === 'v1' ? [it, none] : [none, it]
  const token = (claims: Record<string, unknown> = {}) => issuer.token({ aud: endpoint, scope: 'notes:read', ...claims })
  const headersFor = (bearer: string | undefined, more: Record<string, string> = {}) => ({
    'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...more,
  })
  const post = (body: unknown, bearer?: string, more: Record<string, string> = {}) =>
    fetch(endpoint, { method: 'POST', headers: headersFor(bearer, more), body: typeof body === 'string' ? body : JSON.stringify(body) })
  const challengeOf = (response: Response) => {
    const header = response.headers.get('www-authenticate') ?? ''
    const parsed = parseChallenges(header)
    expect(parsed).toHaveLength(1)
    return { header, params: Object.fromEntries(parsed[0]?.params ?? []) }
  }
  /** A session, as SDK v1 has it; SDK v2 needs none. */
  const sessionFor = async (bearer: string): Promise<Record<string, string>> => {
    if (sdk === 'v2') return {}
    const response = await post(initialize, bearer)
    await response.text()
    const id = response.headers.get('mcp-session-id') as string
    await (await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, bearer, { 'mcp-session-id': id })).text()
    return { 'mcp-session-id': id }
  }
  const result = async (response: Response) => {
    const body = await response.text()
    const json = body.startsWith('{') ? body : (/^data: (\{.*)$/m.exec(body)?.[1] ?? '{}')
    return JSON.parse(json) as { result?: { isError?: boolean; content: { text: string }[] }; error?: { code: number; message: string } }
  }

  // P, N, J "Authorization Server Location", "Protected Resource Metadata Discovery": 2, 3, 4.
  it.each(['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'])('serves its metadata at %s, to any origin and without a token', async (path) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const response = await fetch(server.origin + path, { method, headers: { origin: 'https://anywhere.example', 'mcp-protocol-version': '2025-11-25' } })
      expect([200, 204]).toContain(response.status)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      if (method !== 'GET') continue
      expect(await response.json()).toMatchObject({ resource: endpoint, authorization_servers: [issuer.issuer], scopes_supported: ['notes:read', 'notes:write'], bearer_methods_supported: ['header'] })
    }
  })

  // 4, 5, 12, 15, 27: 401 for every method, before the server's own 400, 404, 405, 406 and 415.
  it.each(['POST', 'GET', 'DELETE', 'PUT', 'OPTIONS', 'HEAD'])('answers %s without a token with 401 and one challenge that a client can read', async (method) => {
    const response = await fetch(endpoint, { method })
    expect(response.status).toBe(401)
    const { header, params } = challengeOf(response)
    expect(header).toMatch(/^Bearer resource_metadata="http:\/\/127/)
    expect(params).toEqual({ resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp`, scope: 'notes:read' })
    expect(response.headers.get('access-control-expose-headers')).toMatch(/www-authenticate/i)
  })
  it('answers junk without a token with 401', async () => expect((await post('{junk')).status).toBe(401))
  it('answers an unknown path without a token with 401', async () => expect((await fetch(`${server.origin}/other`)).status).toBe(401))

  // P, N, J "Token Handling", "Access Token Privilege Restriction": 8, 9, 10, 11, 13, 14.
  it.each<[string, Record<string, unknown>]>([
    ['for another server', { aud: 'https://other.example.com/mcp' }],
    ['for a server whose name begins like this one', { aud: 'http://127.0.0.1' }],
    ['without an audience', { aud: undefined }],
    ['that has expired', { exp: 1 }],
    ['of another issuer', { iss: 'https://stranger.test' }],
    ['that is bound to a key, shown as a plain bearer (RFC 9449 §7.2)', { cnf: { jkt: 'x'.repeat(43) } }],
  ])('refuses a token %s with invalid_token', async (_what, claims) => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await fetch(endpoint, { method, headers: headersFor(await token(claims)), ...(method === 'POST' && { body: JSON.stringify(initialize) }) })
      expect(response.status).toBe(401)
      expect(challengeOf(response).params).toMatchObject({ error: 'invalid_token', resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp` })
    }
  })
  it('refuses a token whose audience has one slash more', async () => expect((await post(initialize, await token({ aud: `${endpoint}/` }))).status).toBe(401))
  it('refuses a token in the query (J "Token Requirements")', async () => {
    const response = await fetch(`${endpoint}?access_token=${await token()}`, { method: 'POST', headers: headersFor(undefined), body: JSON.stringify(initialize) })
    expect(response.status).toBe(401)
  })
  it('answers a malformed Authorization header with 400 (error table)', async () => {
    const response = await fetch(endpoint, { method: 'POST', headers: { ...headersFor(undefined), authorization: 'Bearer' }, body: JSON.stringify(initialize) })
    expect(response.status).toBe(400)
    expect(challengeOf(response).params).toMatchObject({ error: 'invalid_request' })
  })

  // What the tool sees; SBP "Token Passthrough": 14, 25.
  it('hands a complete AuthInfo to tools, and no token', async () => {
    const bearer = await token({ scope: 'notes:read admin', sub: 'alice', client_id: 'app' })
    const response = await post(call('whoami'), bearer, await sessionFor(bearer))
    expect(response.status).toBe(200)
    const { result: answered } = await result(response)
    const seen = JSON.parse(answered?.content[0]?.text ?? '') as { authInfo: Record<string, unknown>; key: string; authorization: string | null }
    expect(seen.authInfo).toMatchObject({
      token: '(withheld)', clientId: 'app', scopes: ['notes:read', 'admin', 'notes:write'], resource: endpoint,
      resourceMetadataUrl: `${server.origin}/.well-known/oauth-protected-resource/mcp`,
      extra: { issuer: issuer.issuer, subject: 'alice', principal: { scopes: ['notes:read', 'admin'] } },
    })
    expect(seen.authInfo['expiresAt']).toBeGreaterThan(Date.now() / 1000)
    expect(JSON.parse(seen.key)).toEqual([issuer.issuer, 'alice', 'app', endpoint])
    expect(seen.authorization).toBeNull()
    expect(JSON.stringify(seen)).not.toContain(bearer.split('.')[2])
  })

  // N, J "Scope Challenge Handling", "Runtime Insufficient Scope Errors": 15, 16, 17, 18.
  it('answers a tool that the token has no scope for with 403 and the scopes that it needs', async () => {
    const bearer = await token()
    const response = await post(call('write_by_table'), bearer, await sessionFor(bearer))
    expect(response.status).toBe(403)
    expect(challengeOf(response).params).toEqual({
      error: 'insufficient_scope', scope: 'notes:write', resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp`,
      error_description: 'The access token lacks a scope that this operation needs.',
    })
  })
  it('finds a tool in a batch', async () => {
    const bearer = await token()
    const response = await post([call('whoami'), call('write_by_table')], bearer, await sessionFor(bearer))
    expect(response.status).toBe(403)
    expect(challengeOf(response).params).toMatchObject({ error: 'insufficient_scope', scope: 'notes:write' })
  })
  it.each(['notes:write', 'admin', 'admin notes:read'])('lets a token with %s use it: a broader scope does for a narrower one', async (scope) => {
    const bearer = await token({ scope })
    for (const tool of ['write_by_table', 'write_by_tool', ...(sdk === 'v2' ? ['write_by_challenge'] : [])]) {
      const response = await post(call(tool), bearer, await sessionFor(bearer))
      expect([tool, response.status]).toEqual([tool, 200])
      expect((await result(response)).result).toEqual({ content: [{ type: 'text', text: '"written"' }] })
    }
  })
  it('answers with a tool error where the tool asks itself', async () => {
    const bearer = await token()
    const response = await post(call('write_by_tool'), bearer, await sessionFor(bearer))
    expect(response.status).toBe(200)
    expect((await result(response)).result).toMatchObject({ isError: true, content: [{ text: 'insufficient_scope: this needs the scope notes:write' }] })
  })
  onV2('answers with 403 where the SDK asks, and names the same metadata', async () => {
    const response = await post(call('write_by_challenge'), await token())
    expect(response.status).toBe(403)
    expect(challengeOf(response).params).toMatchObject({ error: 'insufficient_scope', scope: 'notes:write', resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/mcp` })
  })
  it('does not let a body through that it cannot read, where tools need scopes', async () => {
    const bearer = await token()
    const response = await post('{junk', bearer, await sessionFor(bearer))
    expect(response.status).toBe(400)
  })
  it('does not read more than 4 MiB', async () => {
    const bearer = await token()
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(endpoint, { method: 'POST', headers: headersFor(bearer), agent: false }, resolve)
      sent.on('error', reject).end(`{"x":"${'x'.repeat(4.5 * 1024 * 1024)}"}`)
    })
    expect([response.statusCode, (await text(response)).includes(name.startsWith('Fastify') ? 'FST_ERR_CTP_BODY_TOO_LARGE' : 'must not exceed 4194304 bytes')]).toEqual([413, true])
  })
  // On the others the framework reads the body, and sees to the connection.
  it.runIf(/^(Express|node:http)/.test(name))('takes the rest off the connection, for a client that sends all before it listens', async () => {
    const agent = new Agent({ keepAlive: true })
    const sent = request(endpoint, { method: 'POST', headers: headersFor(await token()), agent })
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>
    sent.end(`{"x":"${'x'.repeat(32 * 1024 * 1024)}"}`)
    await once(sent, 'finish')
    const [response] = await answered
    expect(response.resume().statusCode).toBe(413)
    agent.destroy()
  })

  // Transports, "Security Warning": 23.
  it.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://localhost:x'])('answers the origin %s with 403, with and without a token', async (origin) => {
    blocked.length = 0
    for (const bearer of [undefined, await token()]) {
      const response = await post(initialize, bearer, { origin })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } })
      expect(response.headers.get('www-authenticate')).toBeNull()
    }
    expect(blocked).toEqual(['origin_not_allowed', 'origin_not_allowed'])
  })
  it.each(['http://localhost:6274', 'http://127.0.0.1', 'http://[::1]:1'])('takes requests of the origin %s on loopback', async (origin) => {
    const bearer = await token()
    expect((await post(initialize, bearer, { origin })).status).toBe(200)
  })

  // SBP "Session Hijacking": 24.
  onV1('binds a session to issuer, subject and client', async () => {
    const alice = await token({ sub: 'alice', client_id: 'app' })
    const session = await sessionFor(alice)
    const outcomes = []
    for (const claims of [{ sub: 'alice', client_id: 'app' }, { sub: 'mallory', client_id: 'app' }, { sub: 'alice', client_id: 'other' }]) {
      const bearer = await token(claims)
      const responses = [await post(call('whoami'), bearer, session), await fetch(endpoint, { method: 'DELETE', headers: headersFor(bearer, claims.sub === 'alice' && claims.client_id === 'app' ? { 'mcp-session-id': 'none' } : session) })]
      outcomes.push(responses.map(({ status }) => status))
      await Promise.all(responses.map((response) => response.text()))
    }
    expect(outcomes).toEqual([[200, 404], [404, 404], [404, 404]])
    expect((await post(call('whoami'), alice, session)).status).toBe(200)
    const stream = await fetch(endpoint, { headers: headersFor(await token({ sub: 'mallory' }), session) })
    expect(stream.status).toBe(404)
  })
  onV1('does not take a session for a token (SBP: MUST NOT use sessions for authentication)', async () => {
    expect((await post(call('whoami'), undefined, await sessionFor(await token()))).status).toBe(401)
  })
  onV1('streams to the owner of a session', async () => {
    const bearer = await token()
    const abort = new AbortController()
    const response = await fetch(endpoint, { headers: headersFor(bearer, await sessionFor(bearer)), signal: abort.signal })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    abort.abort()
  })
  onV2('ignores a session where the server has none (J)', async () => {
    expect((await post(call('whoami'), await token(), { 'mcp-session-id': 'left-over' })).status).toBe(200)
  })
})

describe.each(['Express, SDK v2', 'Fastify, SDK v1', 'Hono, SDK v1', 'node:http, SDK v1', 'fetch, SDK v2'])('%s, told otherwise', (name) => {
  const make = servers[name] as (typeof servers)[string]
  const start = (more: Partial<McpOptions>, resource?: string) => startServer(make().create, (origin) => optionsAt(origin, { ...(resource && { resource }), ...more } as Partial<McpOptions>))
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' }

  it('exposes the token', async () => {
    const server = await start({ exposeToken: true, toolScopes: {} })
    const authorization = `Bearer ${await issuer.token({ aud: `${server.origin}/mcp` })}`
    const opened = await fetch(`${server.origin}/mcp`, { method: 'POST', headers: { ...headers, authorization }, body: JSON.stringify(initialize) })
    await opened.text()
    const session = opened.headers.get('mcp-session-id')
    const response = await fetch(`${server.origin}/mcp`, { method: 'POST', headers: { ...headers, authorization, ...(session && { 'mcp-session-id': session }) }, body: JSON.stringify(call('whoami')) })
    const body = await response.text()
    expect(body).toContain(authorization.slice('Bearer '.length))
    expect(body).not.toContain('withheld')
    await server.close()
  })

  it('judges the host, after the metadata and before the token', async () => {
    const server = await start({ allowedHosts: ['mcp.example.com'] })
    expect((await fetch(`${server.origin}/mcp`)).status).toBe(403)
    expect((await fetch(`${server.origin}/.well-known/oauth-protected-resource/mcp`)).status).toBe(200)
    await server.close()
  })

  it('takes no more origins than are listed, and those', async () => {
    const server = await start({ allowedOrigins: ['https://app.example.com'] })
    const statuses = []
    for (const origin of ['https://app.example.com', 'https://app.example.com:444', 'http://localhost', server.origin]) {
      statuses.push((await fetch(`${server.origin}/mcp`, { headers: { origin } })).status)
    }
    expect(statuses).toEqual([401, 403, 403, 403])
    await server.close()
  })

  it('gives each tenant its own metadata, and none at the root', async () => {
    const server = await start({ tenants: { tenant: ['acme'] } } as Partial<McpOptions>, 'https://mcp.example.com/{tenant}/mcp')
    const wellKnown = `${server.origin}/.well-known/oauth-protected-resource`
    expect((await fetch(wellKnown)).status).toBe(404)
    expect(await (await fetch(`${wellKnown}/acme/mcp`)).json()).toHaveProperty('resource', 'https://mcp.example.com/acme/mcp')
    await server.close()
  })
})
