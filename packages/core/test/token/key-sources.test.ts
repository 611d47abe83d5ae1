import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigurationError } from '../../src/configuration-error.js'
import { checkJwks } from '../../src/token/keys-in-hand.js'
import { createKeyServer, got, issuer, jwksUri, keysOf, kids, makeKey, moveClock, pass, serve, sourcesOf, unreachable } from './key-server.js'

const a = makeKey('a')
const other = 'https://other.test'

beforeEach(() => moveClock())
afterEach(() => vi.useRealTimers())

describe('a key source', () => {
  it('is one for an issuer and a place, however often it is asked for', () => {
    const sources = sourcesOf(createKeyServer(serve([a])))
    expect(sources.source({ issuer, jwksUri })).toBe(sources.source({ issuer, jwksUri }))
    expect(sources.source({ issuer })).toBe(sources.source({ issuer, jwksUri: undefined }))
    expect(sources.source({ issuer })).not.toBe(sources.source({ issuer, jwksUri }))
    expect(sources.source({ issuer, jwks: { keys: [a] } })).toBe(sources.source({ issuer, jwks: { keys: [{ ...a }] } }))
    expect(sources.source({ issuer, jwks: { keys: [a] } })).not.toBe(sources.source({ issuer, jwks: { keys: [makeKey('a')] } }))
    expect(sources.source({ issuer: `${issuer}","x` })).not.toBe(sources.source({ issuer, jwksUri: 'x' }))
  })

  it('is never shared by two issuers, nor is a key, also at one URL or with one set in hand', async () => {
    const server = createKeyServer(serve([a]))
    const sources = sourcesOf(server)
    const jwks = { keys: [a] }
    for (const where of [{ jwksUri }, { jwks }]) {
      const one = sources.source({ issuer, ...where })
      const two = sources.source({ issuer: other, ...where })
      expect(one).not.toBe(two)
      expect([one.health().issuer, two.health().issuer]).toEqual([issuer, other])
      const [key] = keysOf(got(await one.load()), 'a')
      expect(got(await two.load()).has(key!)).toBe(false)
    }
    expect(server.requests).toHaveLength(2)
  })

  it('does not spend the budget of another', async () => {
    const server = createKeyServer(serve([a]))
    const sources = sourcesOf(server)
    const [one, two] = [sources.source({ issuer, jwksUri }), sources.source({ issuer: other, jwksUri })]
    const [oneKeys, twoKeys] = [got(await one.load()), got(await two.load())]
    for (let i = 0; i < 10; i += 1) await one.reload(oneKeys, 'key_unknown', `x${i}`)
    server.answer = serve([a, makeKey('b')])
    expect(kids(await two.reload(twoKeys, 'key_unknown', 'b'))).toEqual(['a', 'b'])
  })
})

describe('many key sources', () => {
  it('are bounded: the least recently asked for is closed and let go, and goes on for who holds it', async () => {
    const server = createKeyServer(serve([a]))
    const sources = sourcesOf(server, { maxSources: 3 })
    const tenant = (n: number): ReturnType<typeof sources.source> => sources.source({ issuer: `https://issuer.test/${n}`, jwksUri })
    const [one, two] = [tenant(1), tenant(2)]
    tenant(3)
    await Promise.all([one.load(), two.load()])
    expect(vi.getTimerCount()).toBe(2)
    expect(tenant(1)).toBe(one)
    tenant(4)
    expect(sources.health().map((health) => health.issuer.slice(-1))).toEqual(['3', '1', '4'])
    expect(vi.getTimerCount()).toBe(1)
    expect(tenant(1)).toBe(one)
    expect(kids(two.snapshot())).toEqual(['a'])
    server.answer = serve([makeKey('b')])
    await pass(500)
    expect(kids(one.snapshot())).toEqual(['b'])
    two.snapshot()
    await pass(0)
    expect(kids(two.snapshot())).toEqual(['b'])
    expect(tenant(2)).not.toBe(two)
  })

  it('are at most 1,000 by default', () => {
    const sources = sourcesOf(createKeyServer(serve([a])))
    for (let i = 0; i < 1200; i += 1) sources.source({ issuer: `https://issuer.test/${i}` })
    expect(sources.health()).toHaveLength(1000)
  })

  it('close together, also those that come later, and go on serving', async () => {
    const sources = sourcesOf(createKeyServer(serve([a])))
    await sources.source({ issuer, jwksUri }).load()
    sources.close()
    const later = sources.source({ issuer: other, jwksUri })
    expect(kids(await later.load())).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('use no network until they are asked for keys', () => {
    const server = createKeyServer(unreachable)
    const sources = sourcesOf(server)
    sources.source({ issuer })
    sources.health()
    sources.close()
    expect(server.requests).toHaveLength(0)
  })

  it('refuse a jwksUri that may not be fetched, without a request', async () => {
    const server = createKeyServer(serve([a]))
    for (const refused of ['http://issuer.test/jwks', 'https://u:p@issuer.test/jwks', 'file:///jwks', 'jwks']) {
      expect(await sourcesOf(server).source({ issuer, jwksUri: refused }).load()).toMatchObject({ reason: 'keys_unavailable' })
    }
    expect(server.requests).toHaveLength(0)
  })
})

describe('keys in hand', () => {
  it('are there at once, for good, without network or timer', async () => {
    const server = createKeyServer(unreachable)
    const source = sourcesOf(server).source({ issuer, jwks: { keys: [a, null] } })
    const keys = got(source.snapshot())
    expect(kids(keys)).toEqual(['a'])
    await pass(1_000_000)
    expect(source.snapshot()).toBe(keys)
    expect(await source.load()).toBe(keys)
    expect(await source.reload(keys, 'key_unknown', 'x')).toBe(keys)
    expect(source.health()).toEqual({ issuer, state: 'fresh', age: undefined, lastError: undefined, nextRefresh: undefined })
    expect(server.requests).toHaveLength(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are keys_unavailable where none can be used', async () => {
    for (const jwks of [{}, { keys: [] }, { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }]) {
      const source = sourcesOf(createKeyServer(unreachable)).source({ issuer, jwks })
      expect(source.snapshot()).toBeUndefined()
      expect(await source.load()).toMatchObject({ reason: 'keys_unavailable' })
      expect(source.health()).toMatchObject({ state: 'empty' })
    }
  })

  it('are checked at start-up', () => {
    const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    const check = (jwks: unknown) => (): void => checkJwks('authorizationServers[0].jwks', jwks)
    expect(check({ keys: [a] })).not.toThrow()
    expect(check({ keys: [{ kty: 'future' }, a] })).not.toThrow()
    expect(check({ keys: [] })).toThrow(/^authorizationServers\[0\]\.jwks: is an empty key set/)
    expect(check({ keys: [{ ...a, use: 'enc' }] })).toThrow('none of which can verify a token')
    expect(check({ keys: [a, secret] })).toThrow(/^authorizationServers\[0\]\.jwks\.keys\[1\]: holds a private/)
    expect(check({ keys: [a, { kty: 'oct', k: 'c2VjcmV0' }] })).toThrow('symmetric')
    for (const shape of [undefined, null, 'x', [], {}, { keys: {} }]) expect(check(shape)).toThrow(ConfigurationError)
  })
})
