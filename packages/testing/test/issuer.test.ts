import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createTestIssuer, createTestKey, createTestSecret } from '../src/index.js'

const now = (): number => Date.UTC(2030, 0, 1, 0, 0, 0, 700)
const every = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const part = (token: string, at: number): string => Buffer.from(token.split('.')[at] as string, 'base64url').toString()
const claimsOf = (token: string): Record<string, unknown> => JSON.parse(part(token, 1)) as Record<string, unknown>

describe('a token of the test issuer', () => {
  it('is complete after RFC 9068 §2 and verifies by another implementation', async () => {
    const issuer = await createTestIssuer({ now })
    const { payload, protectedHeader } = await jwtVerify(await issuer.token(), createLocalJWKSet({ keys: [...issuer.jwks.keys] }), {
      issuer: 'https://issuer.test', audience: 'https://api.example.com', typ: 'at+jwt', currentDate: new Date(now()),
    })
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: issuer.keys[0]?.kid })
    const iat = Date.UTC(2030, 0, 1) / 1000
    expect(payload).toEqual({
      iss: 'https://issuer.test', sub: 'alice', client_id: 'test-client', aud: 'https://api.example.com', scope: 'photos:read',
      iat, exp: iat + 300, jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    })
  })

  it('verifies under every algorithm that it can be asked for', async () => {
    const issuer = await createTestIssuer({ algorithms: every })
    const keys = createLocalJWKSet({ keys: [...issuer.jwks.keys] })
    for (const alg of every) {
      expect((await jwtVerify(await issuer.token({}, { alg }), keys, { algorithms: [alg] })).protectedHeader.alg).toBe(alg)
    }
    await expect(issuer.token({}, { alg: 'HS256' })).rejects.toThrow('no key for "HS256"')
    await expect(createTestIssuer({ algorithms: ['none'] })).rejects.toThrow('"none" is not an algorithm')
  })

  it('has any claim or header member replaced, added or left out', async () => {
    const issuer = await createTestIssuer()
    const token = await issuer.token({ aud: ['a', 1], jti: undefined, extra: null }, { header: { typ: undefined, alg: 'none', crit: ['x'] } })
    expect(claimsOf(token)).toMatchObject({ aud: ['a', 1], extra: null })
    expect(claimsOf(token)).not.toHaveProperty('jti')
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'none', kid: issuer.keys[0]?.kid, crit: ['x'] })
  })

  it('has its text and its signature edited', async () => {
    const issuer = await createTestIssuer()
    const token = await issuer.token({ aud: 'y' }, {
      edit: {
        header: (json) => json.replace('{', '{"alg":"none",'),
        payload: (json) => json.replace('{', '{"aud":"x",'),
        signature: (bytes) => bytes.subarray(0, 10),
      },
    })
    expect(part(token, 0)).toMatch(/^\{"alg":"none","alg":"ES256"/)
    expect(part(token, 1)).toMatch(/^\{"aud":"x".*"aud":"y"/)
    expect(Buffer.from(token.split('.')[2] as string, 'base64url')).toHaveLength(10)
    const raw = await issuer.token({}, { edit: { payload: () => new Uint8Array([0xff, 0xfe]) } })
    expect([...Buffer.from(raw.split('.')[1] as string, 'base64url')]).toEqual([0xff, 0xfe])
  })

  it('is signed by any other key, under the kid that the key has', async () => {
    const issuer = await createTestIssuer()
    const keys = createLocalJWKSet({ keys: [...issuer.jwks.keys] })
    const kid = issuer.keys[0]?.kid as string
    const forged = await issuer.token({}, { key: await createTestKey('ES256', { kid }) })
    expect(decodeProtectedHeader(forged).kid).toBe(kid)
    await expect(jwtVerify(forged, keys)).rejects.toThrow('signature verification failed')
    const secret = 'secret'.repeat(8)
    const hmac = await issuer.token({}, { key: createTestSecret(secret) })
    expect((await jwtVerify(hmac, Buffer.from(secret))).protectedHeader).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    const weak = await createTestKey('RS256', { modulusLength: 1024 })
    expect(Buffer.from(weak.publicJwk.n as string, 'base64url')).toHaveLength(128)
  })
})

describe('the fetch of the test issuer', () => {
  it('serves RFC 8414 and OpenID metadata and the keys, and nothing else, and records what it was asked', async () => {
    const issuer = await createTestIssuer({ issuer: 'https://issuer.test/tenant1' })
    const urls = [
      'https://issuer.test/.well-known/oauth-authorization-server/tenant1',
      'https://issuer.test/tenant1/.well-known/openid-configuration',
      'https://issuer.test/tenant1/jwks',
    ]
    const [oauth, openid, jwks] = await Promise.all(urls.map(async (url) => (await issuer.fetch(url)).json() as Promise<unknown>))
    expect(oauth).toMatchObject({ issuer: 'https://issuer.test/tenant1', jwks_uri: urls[2] })
    expect(openid).toMatchObject({ issuer: 'https://issuer.test/tenant1', jwks_uri: urls[2] })
    expect(jwks).toEqual({ keys: [issuer.keys[0]?.publicJwk] })
    expect(JSON.stringify(jwks)).not.toContain('"d"')
    for (const url of ['https://issuer.test/jwks', 'https://other.test/tenant1/jwks', 'https://issuer.test/.well-known/oauth-authorization-server']) {
      expect((await issuer.fetch(url)).status).toBe(404)
    }
    expect(issuer.requests).toHaveLength(6)
    expect(issuer.requests.slice(0, 3)).toEqual(urls)
  })

  it('lets the test answer instead, fail, or never answer', async () => {
    const issuer = await createTestIssuer({
      respond: ({ url }) => {
        if (url.endsWith('/down')) throw new TypeError('connection refused')
        if (url.endsWith('/hang')) return new Promise<Response>(() => {})
        return url.endsWith('/jwks') ? new Response('<html>') : undefined
      },
    })
    expect(await (await issuer.fetch('https://issuer.test/jwks')).text()).toBe('<html>')
    expect((await issuer.fetch('https://issuer.test/.well-known/oauth-authorization-server')).status).toBe(200)
    await expect(issuer.fetch('https://issuer.test/down')).rejects.toThrow('connection refused')
    await expect(issuer.fetch('https://issuer.test/hang', { signal: AbortSignal.timeout(20) })).rejects.toThrow('timeout')
    await expect(issuer.fetch('https://issuer.test/jwks', { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})

describe('a test issuer that listens', () => {
  it('is the same under its address on the loopback, until it is closed', async () => {
    const issuer = await createTestIssuer({ issuer: 'https://issuer.test/tenant1', respond: ({ url }) => {
      if (url.endsWith('/down')) throw new TypeError('connection refused')
      return undefined
    } })
    const listening = await issuer.listen()
    try {
      expect(listening.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/tenant1$/)
      expect(listening.keys).toBe(issuer.keys)
      const keys = createRemoteJWKSet(new URL(`${listening.issuer}/jwks`))
      expect((await jwtVerify(await listening.token(), keys, { issuer: listening.issuer })).payload.sub).toBe('alice')
      expect(listening.requests).toEqual([`${listening.issuer}/jwks`])
      const { origin } = new URL(listening.issuer)
      expect(await (await fetch(`${origin}/.well-known/oauth-authorization-server/tenant1`)).json()).toMatchObject({ issuer: listening.issuer })
      expect((await fetch(`${origin}/nothing`)).status).toBe(404)
      await expect(fetch(`${origin}/down`)).rejects.toThrow('fetch failed')
    } finally {
      await listening.close()
    }
    await expect(fetch(`${listening.issuer}/jwks`)).rejects.toThrow('fetch failed')
  })
})
