import { beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, type Store } from '../../src/index.js'
import { createSealer } from '../../src/token/sealed.js'
import { clock, createEndpoint, good, guardOf, json, pass, principalOf, resource, start, visit } from './endpoint.js'

const storeSecret = 'x'.repeat(32)

/** A store whose content can be seen and changed. */
function openStore(): Store & { readonly held: Map<string, string>; readonly ttls: number[] } {
  const held = new Map<string, string>()
  const ttls: number[] = []
  return {
    held, ttls,
    get: async (key) => held.get(key),
    set: async (key, value, ttl) => {
      ttls.push(ttl)
      held.set(key, value)
    },
    add: async (key, value) => (held.has(key) ? false : (held.set(key, value), true)),
  }
}

/** Replies are written after the request is answered. */
const written = (store: ReturnType<typeof openStore>, replies = 1): Promise<unknown> =>
  vi.waitFor(() => expect(store.ttls.length).toBe(replies), { timeout: 10_000, interval: 5 })
/** For what is not written at all. */
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200))

beforeEach(() => {
  clock.now = start * 1000
})

describe('replies that instances share', () => {
  it('are not used longer for having been written by a clock that is ahead', async () => {
    const at = createEndpoint()
    const memory = memoryStore({ now: () => clock.now })
    const set = vi.fn(memory.set)
    const store = { ...memory, set }
    await visit(guardOf(at, { ttl: 60 }, { store, storeSecret, now: () => clock.now + 50_000 }))
    await vi.waitFor(() => expect(set).toHaveBeenCalledTimes(1))
    const here = guardOf(at, { ttl: 60 }, { store, storeSecret })
    await visit(here)
    expect(at.calls).toBe(1)
    pass(61)
    await visit(here)
    expect(at.calls).toBe(2)
  })
  it('count from when the issuer was asked, not from its answer', async () => {
    const at = createEndpoint(() => {
      pass(5)
      return json(good)
    })
    const store = openStore()
    await visit(guardOf(at, { ttl: 10 }, { store, storeSecret }))
    await written(store)
    pass(4.9)
    const second = guardOf(at, { ttl: 10 }, { store, storeSecret })
    await visit(second)
    expect(at.calls).toBe(1)
    pass(0.2)
    await visit(second)
    expect(at.calls).toBe(2)
  })
  it('cost one call for all of them, and none lives longer for it', async () => {
    const at = createEndpoint(() => json({ ...good, exp: undefined }))
    const store = openStore()
    const [first, second, third] = Array.from({ length: 3 }, () => guardOf(at, {}, { store, storeSecret })) as [ReturnType<typeof guardOf>, ReturnType<typeof guardOf>, ReturnType<typeof guardOf>]
    expect(await visit(first)).toBe('granted')
    await written(store)
    pass(30)
    expect(await principalOf(second)).toMatchObject({ subject: 'alice', scopes: ['photos:read'] })
    pass(29)
    expect([await visit(first), await visit(second), await visit(third)]).toEqual(['granted', 'granted', 'granted'])
    expect(at.calls).toBe(1)
    at.answer = () => json({ active: false })
    pass(2)
    expect([await visit(first), await visit(second), await visit(third)]).toEqual(['401 token_inactive', '401 token_inactive', '401 token_inactive'])
    expect(store.ttls[0]).toBeCloseTo(60)
  })
  it("end with the reader's own TTL, and with exp", async () => {
    const at = createEndpoint(() => json({ ...good, exp: start + 40 }))
    const store = openStore()
    await visit(guardOf(at, { ttl: 600 }, { store, storeSecret }))
    await written(store)
    expect(store.ttls[0]).toBeCloseTo(40)
    pass(20)
    const shorter = guardOf(at, { ttl: 10 }, { store, storeSecret })
    await visit(shorter)
    expect(at.calls).toBe(2)
  })
  it('hold neither token, nor claims, nor secret in the clear', async () => {
    const store = openStore()
    await visit(guardOf(createEndpoint(), {}, { store, storeSecret }), 'opaque-token-4711')
    await written(store)
    expect([...store.held.keys()]).toEqual([expect.stringMatching(/^introspection:[\w-]{43}$/)])
    const text = JSON.stringify([...store.held])
    for (const hidden of ['4711', 'alice', 'photos', 'login.example.com', storeSecret]) {
      expect(text).not.toContain(hidden)
      expect(text).not.toContain(btoa(hidden).slice(0, 6))
    }
  })
  it('are never refusals', async () => {
    const store = openStore()
    for (const claims of [{ active: false }, { ...good, aud: 'https://other.example.com' }, { ...good, exp: start - 60 }]) await visit(guardOf(createEndpoint(() => json(claims)), {}, { store, storeSecret }))
    await settled()
    expect(store.held.size).toBe(0)
  })
  it('are not there without storeSecret, nor with ttl 0', async () => {
    const store = openStore()
    await visit(guardOf(createEndpoint(), {}, { store }))
    await visit(guardOf(createEndpoint(), { ttl: 0 }, { store, storeSecret }))
    await settled()
    expect(store.held.size).toBe(0)
  })
  it('are judged by whoever reads them', async () => {
    const at = createEndpoint(() => json({ ...good, nbf: start - 200 }))
    const store = openStore()
    await visit(guardOf(at, {}, { store, storeSecret, now: () => clock.now + 20_000 }))
    await written(store)
    const late = guardOf(at, {}, { store, storeSecret, now: () => clock.now - 250_000, clockTolerance: 0 })
    expect(await visit(late)).toBe('401 token_not_yet_valid')
    expect(at.calls).toBe(2)
  })

  const tampering: readonly [string, (held: Map<string, string>, key: string, other: string) => void][] = [
    ['tampered with at its end', (held, key) => held.set(key, `${held.get(key)!.slice(0, -2)}AA`)],
    ['tampered with at its beginning', (held, key) => held.set(key, `AAAA${held.get(key)!.slice(4)}`)],
    ['cut off', (held, key) => held.set(key, held.get(key)!.slice(0, 40))],
    ['moved from another token', (held, key, other) => held.set(key, held.get(other)!)],
    ['written in the clear', (held, key) => held.set(key, JSON.stringify({ askedAt: clock.now, claims: good }))],
    ['empty', (held, key) => held.set(key, '')],
    ['no text', (held, key) => held.set(key, 7 as unknown as string)],
  ]
  it.each(tampering)('%s they are a miss', async (_, tamper) => {
    const at = createEndpoint((__, form) => json({ ...good, sub: form.get('token') }))
    const store = openStore()
    const first = guardOf(at, {}, { store, storeSecret })
    await visit(first, 'one')
    await written(store)
    const [one] = store.held.keys()
    await visit(first, 'two')
    await written(store, 2)
    const [, two] = store.held.keys()
    tamper(store.held, one!, two!)
    expect(await principalOf(guardOf(at, {}, { store, storeSecret }), 'one')).toMatchObject({ subject: 'one' })
    expect(at.calls).toBe(3)
  })
  it.each<[string, object, object]>([
    ['another secret', {}, { storeSecret: 'y'.repeat(32) }],
    ['another client', { clientId: 'other-api' }, {}],
    ['another endpoint', { endpoint: 'https://login.example.com/introspect' }, {}],
    ['another resource', { audienceProvenBy: { scope: 'photos:read' } }, { resource: `${resource}/2` }],
    ['signed replies asked for', { signed: true }, {}],
  ])('under %s they are a miss', async (_, introspection, options) => {
    const at = createEndpoint()
    const store = openStore()
    await visit(guardOf(at, {}, { store, storeSecret }))
    await written(store)
    await visit(guardOf(at, introspection, { store, storeSecret, ...options }))
    expect(at.calls).toBe(2)
  })

  it('under another issuer at the same endpoint they are a miss', async () => {
    const at = createEndpoint(() => json({ ...good, iss: undefined }))
    const store = openStore()
    const described = { endpoint: 'https://login.example.com/introspect' }
    await visit(guardOf(at, described, { store, storeSecret }))
    await written(store)
    const second = guardOf(at, described, { store, storeSecret, server: { issuer: 'https://second.example.com' } })
    expect(await principalOf(second)).toMatchObject({ issuer: 'https://second.example.com' })
    expect(at.calls).toBe(2)
  })

  const broken: readonly [string, Partial<Store>][] = [
    ['rejects', { get: () => Promise.reject(new Error('down')), set: () => Promise.reject(new Error('down')) }],
    ['throws', { get: () => { throw new Error('down') }, set: () => { throw new Error('down') } }],
    ['hangs', { get: () => new Promise(() => {}), set: () => new Promise(() => {}) }],
  ]
  it.each(broken)('where the store %s, the issuer is asked', async (_, faults) => {
    const at = createEndpoint()
    // Revocation needs the store too, and fails closed: this is about the replies alone.
    const working = openStore()
    const store = { ...working, get: (key: string) => (key.startsWith('revoked:') ? working.get(key) : faults.get!(key)), set: faults.set! }
    const begun = performance.now()
    expect(await visit(guardOf(at, {}, { store, storeSecret, storeTimeout: 0.3 }))).toBe('granted')
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(at.calls).toBe(1)
  })
  it('work over the store in memory', async () => {
    const at = createEndpoint()
    const store = memoryStore({ now: () => clock.now })
    await visit(guardOf(at, {}, { store, storeSecret }))
    await settled()
    expect(await visit(guardOf(at, {}, { store, storeSecret }))).toBe('granted')
    expect(at.calls).toBe(1)
  })
})

describe('a seal', () => {
  const sealer = createSealer(storeSecret)
  it('opens under its name alone', async () => {
    const sealed = await sealer.seal('a', 'text ü€')
    expect(await sealer.open('a', sealed)).toBe('text ü€')
    expect(await createSealer(storeSecret).open('a', sealed)).toBe('text ü€')
    for (const name of ['b', '', 'a ']) expect(await sealer.open(name, sealed)).toBeUndefined()
    expect(await createSealer('y'.repeat(32)).open('a', sealed)).toBeUndefined()
  })
  it('does not open with any bit changed, and never looks the same twice', async () => {
    const sealed = await sealer.seal('a', 'text')
    expect(await sealer.seal('a', 'text')).not.toBe(sealed)
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`
      expect(await sealer.open('a', changed)).toBeUndefined()
    }
  })
  it.each(['', 'A', '!', 'AAAAAAAAAAAAAAAA', 'x'.repeat(100), undefined, null, 7, {}])('%j is none', async (text) => expect(await sealer.open('a', text)).toBeUndefined())
})
