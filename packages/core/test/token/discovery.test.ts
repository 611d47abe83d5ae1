import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { metadataLocations } from '../../src/token/discovery.js'
import { createKeyServer, got, hang, json, kids, makeKey, moveClock, pass, sleep, slowly, sourcesOf, type Answer, type KeyServer } from './key-server.js'
import type { KeySource } from '../../src/token/keys.js'

const a = makeKey('a')

beforeEach(() => moveClock())
afterEach(() => vi.useRealTimers())

const missing: Answer = () => new Response('no', { status: 404 })

/** A server with these documents; a path without one is 404. */
const documents = (paths: Record<string, Answer | object>): Answer => (url, init) => {
  const answer = paths[url.pathname] ?? missing
  return typeof answer === 'function' ? (answer as Answer)(url, init) : json(answer)
}

function setUp(issuer: string, paths: Record<string, Answer | object>, allowedHosts?: ReadonlySet<string>): { server: KeyServer; source: KeySource } {
  const server = createKeyServer(documents(paths))
  return { server, source: sourcesOf(server, {}, { ...(allowedHosts && { allowedHosts }) }).source({ issuer }) }
}

const pathsAsked = (server: KeyServer): readonly string[] => server.requests.map(({ url }) => new URL(url).pathname)

describe('metadata', () => {
  it.each([
    ['https://a.example', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    ['https://a.example/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    ['https://a.example/t/1', [
      '/.well-known/oauth-authorization-server/t/1', '/.well-known/openid-configuration/t/1',
      '/t/1/.well-known/openid-configuration', '/t/1/.well-known/oauth-authorization-server',
    ]],
    ['https://a.example/t/', [
      '/.well-known/oauth-authorization-server/t', '/.well-known/openid-configuration/t',
      '/t/.well-known/openid-configuration', '/t/.well-known/oauth-authorization-server',
    ]],
  ])('of %s is looked for in this order', (issuer, paths) => {
    expect(metadataLocations(new URL(issuer)).map(({ pathname }) => pathname)).toEqual(paths)
  })

  it.each(['https://a.example', 'https://a.example/', 'https://a.example/t/1', 'https://a.example/t/1/'])('of %s is found wherever it is', async (issuer) => {
    const places = metadataLocations(new URL(issuer)).map(({ pathname }) => pathname)
    for (const [index, place] of places.entries()) {
      const { server, source } = setUp(issuer, { [place]: { issuer, jwks_uri: 'https://a.example/keys' }, '/keys': { keys: [a] } })
      expect(kids(await source.load())).toEqual(['a'])
      expect(pathsAsked(server)).toEqual([...places.slice(0, index + 1), '/keys'])
    }
  })

  it.each<[string, unknown, string]>([
    ['names another issuer', { issuer: 'https://evil.example', jwks_uri: 'https://a.example/keys' }, 'is metadata of another issuer (RFC 8414 §3.3): "https://evil.example"'],
    ['names the issuer with a slash more', { issuer: 'https://a.example/', jwks_uri: 'https://a.example/keys' }, 'another issuer'],
    ['names the issuer in capitals', { issuer: 'https://A.example', jwks_uri: 'https://a.example/keys' }, 'another issuer'],
    ['names no issuer', { jwks_uri: 'https://a.example/keys' }, 'another issuer (RFC 8414 §3.3): none'],
    ['names a list of issuers', { issuer: ['https://a.example'], jwks_uri: 'https://a.example/keys' }, 'another issuer'],
    ['is no object', 'https://a.example', 'is not metadata'],
    ['is null', null, 'is not metadata'],
    ['has no jwks_uri', { issuer: 'https://a.example' }, 'has no jwks_uri'],
    ['has a relative jwks_uri', { issuer: 'https://a.example', jwks_uri: '/keys' }, 'has no jwks_uri'],
    ['has an http jwks_uri', { issuer: 'https://a.example', jwks_uri: 'http://a.example/keys' }, 'not https'],
    ['has a jwks_uri with a password', { issuer: 'https://a.example', jwks_uri: 'https://u:secret@a.example/keys' }, 'not https'],
    ['has a jwks_uri on localhost', { issuer: 'https://a.example', jwks_uri: 'https://localhost/keys' }, 'private address'],
    ['has a jwks_uri at a link-local address', { issuer: 'https://a.example', jwks_uri: 'https://169.254.169.254/keys' }, 'private address'],
    ['has a jwks_uri at an http loopback address', { issuer: 'https://a.example', jwks_uri: 'http://127.0.0.1/keys' }, 'private address'],
  ])('that %s is discarded', async (_, document, detail) => {
    const good = { issuer: 'https://a.example', jwks_uri: 'https://a.example/good' }
    const paths = { '/.well-known/oauth-authorization-server': () => json(document), '/good': { keys: [a] } }
    const alone = setUp('https://a.example', paths)
    const refused = await alone.source.load()
    expect(refused).toMatchObject({ reason: 'keys_unavailable' })
    expect((refused as { detail: string }).detail).toContain(detail)
    expect((refused as { detail: string }).detail).not.toContain('secret')
    expect(pathsAsked(alone.server)).toEqual(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])

    const beside = setUp('https://a.example', { ...paths, '/.well-known/openid-configuration': good })
    expect(kids(await beside.source.load())).toEqual(['a'])
  })

  it('may lead to a private address that the configuration names', async () => {
    const paths = { '/.well-known/oauth-authorization-server': { issuer: 'https://a.example', jwks_uri: 'https://10.0.0.7:8443/keys' }, '/keys': { keys: [a] } }
    for (const allowed of ['10.0.0.7', '10.0.0.7:8443']) got(await setUp('https://a.example', paths, new Set([allowed])).source.load())
    for (const allowed of ['10.0.0.8', '10.0.0.7:443', 'a.example']) {
      expect(await setUp('https://a.example', paths, new Set([allowed])).source.load()).toHaveProperty('reason')
    }
  })

  it('of an issuer on loopback may lead to that issuer itself', async () => {
    const issuer = 'http://localhost:8080/realms/x'
    const paths = (jwksUri: string): Record<string, object> => ({ '/realms/x/.well-known/openid-configuration': { issuer, jwks_uri: jwksUri }, '/keys': { keys: [a] } })
    got(await setUp(issuer, paths('http://localhost:8080/keys')).source.load())
    expect(await setUp(issuer, paths('http://localhost:6379/keys')).source.load()).toHaveProperty('reason')
  })

  it('is not looked for at an issuer that is not https', async () => {
    for (const issuer of ['http://a.example', 'stytch.com/PROJECT', 'did:web:a', 'https://u:p@a.example']) {
      const { server, source } = setUp(issuer, {})
      expect(await source.load()).toMatchObject({ reason: 'keys_unavailable' })
      expect(server.requests).toHaveLength(0)
    }
  })

  it('says what is wrong rather than what is not there', async () => {
    const { source } = setUp('https://a.example/t', { '/t/.well-known/openid-configuration': () => new Response('<html>', { headers: { 'content-type': 'text/html' } }) })
    expect(await source.load()).toHaveProperty('detail', expect.stringContaining('/t/.well-known/openid-configuration answered with a content type'))
    expect(await setUp('https://a.example', {}).source.load()).toHaveProperty('detail', expect.stringContaining('no metadata at any of 2 places, the last https://a.example/.well-known/openid-configuration answered 404: is the issuer right?'))
  })
})

describe('one deadline', () => {
  const issuer = 'https://a.example/t'
  const metadata = { issuer, jwks_uri: 'https://a.example/keys' }

  it('is enough where the places before the right one hang', async () => {
    const { source } = setUp(issuer, {
      '/.well-known/oauth-authorization-server/t': hang,
      '/.well-known/openid-configuration/t': hang,
      '/t/.well-known/openid-configuration': hang,
      '/t/.well-known/oauth-authorization-server': metadata,
      '/keys': { keys: [a] },
    })
    const loading = source.load()
    await pass(1.5)
    expect(kids(await loading)).toEqual(['a'])
  })

  it('holds over all places and the keys together', async () => {
    const { server, source } = setUp(issuer, { '/t/.well-known/oauth-authorization-server': slowly(700, () => json(metadata)), '/keys': hang })
    const begun = Date.now()
    const loading = source.load()
    await pass(3)
    expect(await loading).toMatchObject({ reason: 'keys_unavailable' })
    expect((Date.now() - begun) / 1000).toBe(3)
    expect(pathsAsked(server).at(-1)).toBe('/keys')
  })

  it('ends what is still under way once the metadata is found', async () => {
    const { server, source } = setUp(issuer, { '/.well-known/oauth-authorization-server/t': slowly(60_000, missing), '/.well-known/openid-configuration/t': metadata, '/keys': { keys: [a] } })
    const loading = source.load()
    await pass(0.5)
    got(await loading)
    expect(server.requests[0]?.init.signal?.aborted).toBe(true)
  })
})

describe('a jwks_uri that was found', () => {
  const issuer = 'https://a.example'
  const place = '/.well-known/oauth-authorization-server'

  it('is used for an hour, then looked up again', async () => {
    const { server, source } = setUp(issuer, { [place]: { issuer, jwks_uri: 'https://a.example/keys' }, '/keys': { keys: [a] } })
    await source.load()
    await pass(3500)
    expect(pathsAsked(server).filter((path) => path === place)).toHaveLength(1)
    await pass(600)
    expect(pathsAsked(server).filter((path) => path === place)).toHaveLength(2)
  })

  it('is looked up again when its keys fail, so that they may move', async () => {
    const { server, source } = setUp(issuer, { [place]: { issuer, jwks_uri: 'https://a.example/old' }, '/old': { keys: [a] } })
    await source.load()
    server.answer = documents({ [place]: { issuer, jwks_uri: 'https://a.example/new' }, '/new': { keys: [makeKey('b')] } })
    await pass(451)
    expect(kids(source.snapshot())).toEqual(['b'])
  })

  it('is used on while it cannot be looked up, for maxStale', async () => {
    const { server, source } = setUp(issuer, { [place]: { issuer, jwks_uri: 'https://a.example/keys' }, '/keys': { keys: [a] } })
    await source.load()
    server.answer = documents({ [place]: hang, '/keys': { keys: [a] } })
    await pass(7190)
    expect(source.health().lastError).toBeUndefined()
    await pass(610)
    expect(source.health().lastError).toBeTypeOf('string')
    await pass(3600)
    expect(source.health().state).toBe('dead')
  })

  it('does not get the ETag of another', async () => {
    const { server, source } = setUp(issuer, { [place]: { issuer, jwks_uri: 'https://a.example/old' }, '/old': () => json({ keys: [a] }, { etag: '"old"' }) })
    await source.load()
    server.answer = documents({ [place]: { issuer, jwks_uri: 'https://a.example/new' }, '/new': { keys: [a] } })
    sleep(3601)
    await source.load()
    expect(pathsAsked(server).at(-1)).toBe('/new')
    expect(new Headers(server.requests.at(-1)?.init.headers).get('if-none-match')).toBeNull()
  })
})
