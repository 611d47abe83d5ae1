import { afterEach, describe, expect, it } from 'vitest'
import { createTestIssuer, createTestKey, faults, type Fault, type ListeningIssuer, type TestIssuer } from '../src/index.js'

interface Document { readonly issuer?: string; readonly keys?: readonly { readonly kid: string; readonly x: string }[] }

let listening: ListeningIssuer | undefined
afterEach(async () => {
  await listening?.close()
  listening = undefined
})

/** The same issuer as a test hands it to a guard, and as it is reached over a port. */
const kinds: readonly (readonly [string, () => Promise<{ issuer: TestIssuer; get: (url: string, signal?: AbortSignal) => Promise<Response> }>])[] = [
  ['through its fetch', async () => {
    const issuer = await createTestIssuer()
    return { issuer, get: (url, signal) => issuer.fetch(url, { redirect: 'manual', ...(signal && { signal }) }) }
  }],
  ['over a port', async () => {
    listening = await (await createTestIssuer()).listen()
    return { issuer: listening, get: (url, signal) => fetch(url, { redirect: 'manual', ...(signal && { signal }) }) }
  }],
]

describe.each(kinds)('a test issuer that fails, %s', (_, make) => {
  const failing = async (fault: Fault) => {
    const { issuer, get } = await make()
    issuer.fail('keys', fault)
    return { issuer, jwks: `${issuer.issuer}/jwks`, metadata: `${issuer.issuer}/.well-known/oauth-authorization-server`, get }
  }
  const usual = async ({ get, issuer }: Awaited<ReturnType<typeof failing>>, url: string): Promise<void> =>
    expect(await (await get(url)).json()).toMatchObject(url.endsWith('/jwks') ? { keys: issuer.jwks.keys } : { issuer: issuer.issuer })

  it('does so at one endpoint, until it recovers', async () => {
    const on = await failing(faults.status(502))
    expect((await on.get(on.jwks)).status).toBe(502)
    await usual(on, on.metadata)
    on.issuer.fail('metadata', faults.status())
    expect((await on.get(on.metadata)).status).toBe(503)
    on.issuer.recover('keys')
    await usual(on, on.jwks)
    expect((await on.get(on.metadata)).status).toBe(503)
    on.issuer.recover()
    await usual(on, on.metadata)
  })

  it('refuses connections', async () => {
    const on = await failing(faults.refused())
    await expect(on.get(on.jwks)).rejects.toThrow(TypeError)
  })

  it('hangs before its answer, and in the middle of it', async () => {
    const on = await failing(faults.hang())
    await expect(on.get(on.jwks, AbortSignal.timeout(50))).rejects.toThrow('timeout')
    on.issuer.fail('keys', faults.stall())
    const reader = (await on.get(on.jwks)).body?.getReader()
    expect((await reader?.read())?.value).toEqual(new TextEncoder().encode('{'))
    const next = reader?.read().then(() => 'more')
    expect(await Promise.race([next, new Promise((resolve) => { setTimeout(resolve, 50, 'nothing') })])).toBe('nothing')
    await reader?.cancel()
  })

  it('is slow', async () => {
    const on = await failing(faults.delay(60))
    const begun = performance.now()
    await usual(on, on.jwks)
    expect(performance.now() - begun).toBeGreaterThan(55)
  })

  it('answers with what is no document', async () => {
    const on = await failing(faults.html())
    expect((await on.get(on.jwks)).headers.get('content-type')).toBe('text/html')
    for (const fault of [faults.malformed(), faults.empty()]) {
      on.issuer.fail('keys', fault)
      const response = await on.get(on.jwks)
      expect(response.headers.get('content-type')).toBe('application/json')
      await expect(response.json()).rejects.toThrow(SyntaxError)
    }
  })

  it('answers with a document that is too large', async () => {
    const on = await failing(faults.huge(200_000))
    const response = await on.get(on.jwks)
    expect(response.headers.get('content-length')).toBeNull()
    const text = await response.text()
    expect(text.length).toBeGreaterThan(200_000)
    expect(JSON.parse(text)).toEqual({ keys: on.issuer.jwks.keys })
  })

  it('sends its clients elsewhere', async () => {
    const on = await failing(faults.redirect('https://elsewhere.test/jwks', 307))
    const away = await on.get(on.jwks)
    expect([away.status, away.headers.get('location')]).toEqual([307, 'https://elsewhere.test/jwks'])
    on.issuer.fail('keys', faults.redirect('?moved'))
    const moved = await on.get(on.jwks)
    expect(moved.headers.get('location')).toBe(`${on.jwks}?moved`)
    expect(await (await on.get(`${on.jwks}?moved`)).json()).toEqual({ keys: on.issuer.jwks.keys })
    on.issuer.fail('keys', faults.loop())
    expect((await on.get(on.jwks)).headers.get('location')).toBe(on.jwks)
  })

  it('says that it is somebody else, that it has no keys, or more than one under a name', async () => {
    const on = await failing(faults.noKeys())
    expect(await (await on.get(on.jwks)).json()).toEqual({ keys: [] })
    on.issuer.fail('metadata', faults.wrongIssuer('https://other.test'))
    expect(((await (await on.get(on.metadata)).json()) as Document).issuer).toBe('https://other.test')
    on.issuer.fail('keys', faults.duplicateKids())
    const { keys = [] } = (await (await on.get(on.jwks)).json()) as Document
    const [key] = on.issuer.keys
    expect(keys.map(({ kid }) => kid)).toEqual([key?.kid, key?.kid, key?.kid])
    expect(new Set(keys.map(({ x }) => x)).size).toBe(3)
    expect(keys[1]).toEqual(key?.publicJwk)
  })
})

describe('a test issuer that rotates its keys', () => {
  it('signs with the new one, and publishes each until it is withdrawn, also over its port', async () => {
    const issuer = await createTestIssuer({ algorithms: ['EdDSA'] })
    listening = await issuer.listen()
    const [old] = issuer.keys
    const next = await issuer.rotate()
    expect([issuer.keys, listening.keys]).toEqual([[next, old], [next, old]])
    expect(next.alg).toBe('EdDSA')
    const kidOf = async (from: TestIssuer) => (JSON.parse(Buffer.from((await from.token()).split('.')[0] as string,
      'base64url').toString()) as { kid: string }).kid
    expect([await kidOf(issuer), await kidOf(listening)]).toEqual([next.kid, next.kid])
    const published = async () => ((await (await fetch(`${listening?.issuer}/jwks`)).json()) as Document).keys?.map(({ kid }) => kid)
    expect(await published()).toEqual([next.kid, old?.kid])
    issuer.withdraw(old as never)
    issuer.withdraw(old as never)
    expect(await published()).toEqual([next.kid])
    expect(issuer.jwks.keys).toEqual([next.publicJwk])
    const given = await createTestKey('ES256', { kid: next.kid })
    expect(await issuer.rotate(given)).toBe(given)
    expect(await published()).toEqual([next.kid, next.kid])
  })

  it('leaves the keys that it was given alone', async () => {
    const keys = [await createTestKey()]
    const issuer = await createTestIssuer({ keys })
    await issuer.rotate()
    expect([keys.length, issuer.keys.length]).toEqual([1, 2])
  })
})
