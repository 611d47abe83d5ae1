import { createTestIssuer, type TestIssuer } from '@resource-guard/testing'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createResourceGuard, memoryStore, StoreError, type Problem, type ResourceGuardOptions, type Revocation, type Store } from '../src/index.js'
import { createRevocations } from '../src/revocation.js'
import { clock, createEndpoint, good, guardOf, issuer, json, pass, resource, start, visit, type Watched } from './introspection/endpoint.js'

let signer: TestIssuer
beforeAll(async () => {
  signer = await createTestIssuer({ issuer, now: () => clock.now, audience: resource })
})
beforeEach(() => {
  clock.now = start * 1000
})

const guardWith = (more: Partial<ResourceGuardOptions>): Watched => {
  const problems: Problem[] = []
  const options = { resource, authorizationServers: [{ issuer, jwks: signer.jwks }], now: () => clock.now, onRefused: (problem: Problem) => void problems.push(problem), ...more }
  return { ...createResourceGuard(options as ResourceGuardOptions), problems }
}
const twoInstances = () => {
  const store = memoryStore({ now: () => clock.now })
  return [guardWith({ store }), guardWith({ store })] as const
}
const revoked = '401 token_inactive'
const unavailable = '503 store_unavailable'

describe('a revoked token', () => {
  it('is refused by every instance at once, remembered or not', async () => {
    const [here, there] = twoInstances()
    const token = await signer.token({ jti: 'one' })
    expect([await visit(here, token), await visit(there, token)]).toEqual(['granted', 'granted'])
    await here.revoke({ issuer, jti: 'one' })
    expect([await visit(here, token), await visit(there, token)]).toEqual([revoked, revoked])
    expect(there.problems[0]).toEqual({ reason: 'token_inactive', claim: 'jti', detail: 'revoked', verified: true })
    expect(await visit(there, await signer.token({ jti: 'two' }))).toBe('granted')
  })
  it('is one of that issuer', async () => {
    const second = 'https://second.example.com'
    const here = guardWith({ store: memoryStore({ now: () => clock.now }), authorizationServers: [{ issuer, jwks: signer.jwks }, second] })
    await here.revoke({ issuer: second, jti: 'one' })
    expect(await visit(here, await signer.token({ jti: 'one' }))).toBe('granted')
  })
  it('of a kind: a jti is not a sub', async () => {
    const [here] = twoInstances()
    await here.revoke({ issuer, jti: 'alice' })
    expect(await visit(here, await signer.token({ sub: 'alice', jti: 'x', sid: 'alice' }))).toBe('granted')
  })
  it('may be opaque', async () => {
    const at = createEndpoint(() => json({ ...good, jti: 'j', sid: 's' }))
    for (const revocation of [{ jti: 'j' }, { sub: 'alice' }, { sid: 's' }]) {
      const guard = guardOf(at, {}, { store: memoryStore({ now: () => clock.now }) })
      expect(await visit(guard)).toBe('granted')
      await guard.revoke({ issuer, ...revocation } as Revocation)
      expect(await visit(guard)).toBe(revoked)
    }
  })
})

describe('the tokens of a subject or session', () => {
  it.each(['sub', 'sid'] as const)('with %s, issued before now, are revoked, and later ones are not', async (kind) => {
    const [here, there] = twoInstances()
    const before = await signer.token({ [kind]: 'alice-1' })
    const other = await signer.token({ [kind]: 'bob' })
    pass(0.5)
    await here.revoke({ issuer, [kind]: 'alice-1' } as unknown as Revocation)
    pass(1)
    const after = await signer.token({ [kind]: 'alice-1' })
    expect([await visit(there, before), await visit(there, other), await visit(there, after)]).toEqual([revoked, 'granted', 'granted'])
  })
  it('of the second of the revocation all are', async () => {
    const [here] = twoInstances()
    pass(0.2)
    await here.revoke({ issuer, sub: 'alice' })
    pass(0.2)
    expect(await visit(here, await signer.token())).toBe(revoked)
  })
  it('without iat all are', async () => {
    const described = { authorizationServers: [{ issuer, jwks: signer.jwks, omits: ['iat' as const] }], store: memoryStore({ now: () => clock.now }) }
    const guard = guardWith(described)
    await guard.revoke({ issuer, sub: 'alice', issuedBefore: 1000 })
    expect(await visit(guard, await signer.token({ iat: undefined }))).toBe(revoked)
    expect(await visit(guard, await signer.token())).toBe('granted')
  })
  it('of a moment that is written with an exponent none are that came later', async () => {
    const [here] = twoInstances()
    await here.revoke({ issuer, sub: 'alice', issuedBefore: 1e-7 })
    expect(await visit(here, await signer.token())).toBe('granted')
  })
  it('an earlier moment does not weaken a later one, nor a shorter time a longer', async () => {
    const [here] = twoInstances()
    const token = await signer.token({ exp: start + 1000 })
    await here.revoke({ issuer, sub: 'alice', issuedBefore: start + 1, keepFor: 500 })
    await here.revoke({ issuer, sub: 'alice', issuedBefore: start - 1000, keepFor: 5 })
    pass(499)
    expect(await visit(here, token)).toBe(revoked)
    pass(2)
    expect(await visit(here, token)).toBe('granted')
  })
})

it('is kept for 30 days, or as long as it says', async () => {
  const memory = memoryStore({ now: () => clock.now })
  const set = vi.fn(memory.set)
  const guard = guardWith({ store: { ...memory, set } })
  await guard.revoke({ issuer, jti: 'a' })
  await guard.revoke({ issuer, sub: 'a', keepFor: 60 })
  expect(set.mock.calls.map((call) => (call as unknown[])[2])).toEqual([30 * 86_400, 60])
  const keys = set.mock.calls.map((call) => (call as unknown[])[0])
  expect(keys).toEqual([expect.stringMatching(/^revoked:[\w-]{43}$/), expect.stringMatching(/^revoked:[\w-]{43}$/)])
})

describe('revocations of the same at once', () => {
  /** One that takes its time, so that what is begun together overlaps. */
  const slowStore = (): Store => {
    const memory = memoryStore({ now: () => clock.now })
    const slowly = () => new Promise((resolve) => setTimeout(resolve, 5))
    return {
      ...memory,
      get: async (key) => {
        const value = await memory.get(key)
        await slowly()
        return value
      },
      set: async (key, value, ttl) => {
        await slowly()
        await memory.set(key, value, ttl)
      },
    }
  }
  const orders = [['the stronger first', [0, 1]], ['the weaker first', [1, 0]]] as const

  it.each(orders)('leave the later moment: %s', async (_, order) => {
    const guard = guardWith({ store: slowStore() })
    const token = await signer.token()
    pass(1)
    const both = [{ issuer, sub: 'alice' }, { issuer, sub: 'alice', issuedBefore: start - 3600 }]
    await Promise.all(order.map((index) => guard.revoke(both[index]!)))
    expect(await visit(guard, token)).toBe(revoked)
  })
  it.each(orders)('leave the longer time: %s', async (_, order) => {
    const guard = guardWith({ store: slowStore() })
    const token = await signer.token({ jti: 'one', exp: start + 1000 })
    const both = [{ issuer, jti: 'one', keepFor: 100 }, { issuer, jti: 'one', keepFor: 1 }]
    await Promise.all(order.map((index) => guard.revoke(both[index]!)))
    pass(99)
    expect(await visit(guard, token)).toBe(revoked)
    pass(2)
    expect(await visit(guard, token)).toBe('granted')
  })
  it('take turns, and wait for no others', async () => {
    const memory = memoryStore({ now: () => clock.now })
    let [now, most] = [0, 0]
    const counted = async <T>(work: () => Promise<T>): Promise<T> => {
      most = Math.max(most, (now += 1))
      await new Promise((resolve) => setTimeout(resolve, 2))
      return work().finally(() => void (now -= 1))
    }
    const store: Store = { ...memory, get: (key) => counted(() => memory.get(key)), set: (key, value, ttl) => counted(() => memory.set(key, value, ttl)) }
    const guard = guardWith({ store })
    await Promise.all(Array.from({ length: 4 }, () => guard.revoke({ issuer, sub: 'alice' })))
    expect(most).toBe(1)
    await Promise.all([guard.revoke({ issuer, sub: 'alice' }), guard.revoke({ issuer, sub: 'bob' })])
    expect(most).toBe(2)
  })
  it('do not wait for ever for one whose request is gone', async () => {
    const memory = memoryStore({ now: () => clock.now })
    const get = vi.fn(memory.get).mockImplementationOnce(() => new Promise(() => {}))
    const revocations = createRevocations({ store: { ...memory, get }, now: () => clock.now, timeout: 0.01, mayIssue: () => true })
    void revocations.revoke({ issuer, sub: 'alice' })
    await revocations.revoke({ issuer, sub: 'alice' })
    expect(await revocations.check(issuer, { sub: 'alice', iat: start - 1 })).toMatchObject({ reason: 'token_inactive' })
  })
  it('do not add up where the store hangs', async () => {
    const hangs = (): Promise<never> => new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), 50))
    const revocations = createRevocations({ store: { get: hangs, set: hangs, add: hangs }, now: () => clock.now, timeout: 0.05, mayIssue: () => true })
    const begun = performance.now()
    const ended = await Promise.allSettled(Array.from({ length: 40 }, () => revocations.revoke({ issuer, sub: 'alice' })))
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(performance.now() - begun).toBeLessThan(1000) // one after the other they would take 2 seconds
  })
  it('do not stop the next where one fails', async () => {
    const memory = memoryStore({ now: () => clock.now })
    const set = vi.fn(memory.set).mockRejectedValueOnce(new Error('full'))
    const guard = guardWith({ store: { ...memory, set } })
    const ended = await Promise.allSettled([guard.revoke({ issuer, jti: 'one' }), guard.revoke({ issuer, jti: 'one' })])
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await visit(guard, await signer.token({ jti: 'one' }))).toBe(revoked)
  })
  it.each([
    ['an earlier moment for longer', { moment: -3600, until: 900 }, { moment: 0, until: 900 }],
    ['a later moment for less long', { moment: 10, until: 5 }, { moment: 10, until: 100 }],
  ])('are written again where another instance wrote over them, with the stronger of both: %s', async (_, other, stronger) => {
    const memory = memoryStore({ now: () => clock.now })
    const values: string[] = []
    const set: Store['set'] = async (key, value, ttl) => {
      values.push(value)
      await memory.set(key, value, ttl)
      if (values.length === 1) await memory.set(key, `${start + other.moment} ${start + other.until}`, other.until)
    }
    const guard = guardWith({ store: { ...memory, set } })
    await guard.revoke({ issuer, sub: 'alice', keepFor: 100 })
    expect(values).toEqual([`${start} ${start + 100}`, `${start + stronger.moment} ${start + stronger.until}`])
  })
  it('are given up where the store never has them', async () => {
    const set = vi.fn(async () => {})
    const guard = guardWith({ store: { get: async () => `1 ${start + 5}`, set, add: async () => true } })
    await expect(guard.revoke({ issuer, sub: 'alice' })).rejects.toMatchObject({ name: 'StoreError', code: 'STORE_NOT_KEPT' })
    expect(set).toHaveBeenCalledTimes(5)
  })
})

describe("under when 'always' a JWT whose reply says something else", () => {
  const asked = (reply: object) => {
    const server = { jwks: signer.jwks, omits: ['iat' as const] }
    return guardOf(createEndpoint(() => json({ ...good, ...reply })), { when: 'always' }, { server, store: memoryStore({ now: () => clock.now }) })
  }
  const own = { jti: 'j1', sub: 'alice', sid: 's1' }
  const told = { jti: 'other', sub: 'pairwise', sid: 's2' }

  it.each([{ jti: 'j1' }, { sub: 'alice' }, { sid: 's1' }, { jti: 'other' }, { sub: 'pairwise' }, { sid: 's2' }])('is revoked by %j', async (revocation) => {
    const guard = asked(told)
    const token = await signer.token(own)
    expect(await visit(guard, token)).toBe('granted')
    pass(1)
    await guard.revoke({ issuer, ...revocation } as Revocation)
    expect(await visit(guard, token)).toBe(revoked)
    expect(await visit(guard, await signer.token({ jti: 'j9', sub: 'bob', sid: 's9' }))).toBe(Object.values(told).includes(Object.values(revocation)[0]!) ? revoked : 'granted')
  })
  it.each<[number | undefined, number | undefined, string]>([
    [start - 100, start - 10, revoked],
    [start - 10, start - 100, revoked],
    [start - 10, start - 10, 'granted'],
    [start - 10, undefined, 'granted'],
    [start - 100, undefined, revoked],
    [undefined, start - 10, 'granted'],
    [undefined, start - 100, revoked],
    [undefined, undefined, revoked],
  ])('was issued when the earlier iat of both says: %j here, %j there', async (iat, later, verdict) => {
    const guard = asked({ ...told, iat: later })
    await guard.revoke({ issuer, sub: 'alice', issuedBefore: start - 50 })
    expect(await visit(guard, await signer.token({ ...own, iat }))).toBe(verdict)
  })
  it('is looked up once by what both say', async () => {
    const memory = memoryStore({ now: () => clock.now })
    const get = vi.fn(memory.get)
    const guard = guardOf(createEndpoint(() => json({ ...good, jti: 'j1' })), { when: 'always' }, { server: { jwks: signer.jwks }, store: { ...memory, get } })
    expect(await visit(guard, await signer.token({ jti: 'j1', sub: 'alice' }))).toBe('granted')
    expect(get.mock.calls.filter(([key]) => key.startsWith('revoked:'))).toHaveLength(2)
  })
})

it('a token dated ahead of the revocation is accepted, unless that says a moment ahead too', async () => {
  const [here] = twoInstances()
  const token = await signer.token({ iat: start + 30 })
  await here.revoke({ issuer, sub: 'alice' })
  expect(await visit(here, token)).toBe('granted')
  await here.revoke({ issuer, sub: 'alice', issuedBefore: start + 60 })
  expect(await visit(here, token)).toBe(revoked)
})

describe('revoke rejects', () => {
  it.each<[unknown, string]>([
    ...[undefined, null, 7, '', 'abc', () => {}].map((value): [unknown, string] => [value, 'give exactly one']),
    [{}, 'exactly one'],
    [{ issuer }, 'exactly one'],
    [{ issuer, jti: 'a', sub: 'b' }, 'exactly one'],
    [{ jti: 'a' }, 'issuer'],
    [{ issuer: '', jti: 'a' }, 'issuer'],
    [{ issuer, jti: '' }, 'jti must'],
    [{ issuer, sub: 7 }, 'sub must'],
    [{ issuer, jti: 'a', issuedBefore: 1 }, 'sub or sid'],
    [{ issuer, sub: 'a', issuedBefore: Number.NaN }, 'issuedBefore'],
    [{ issuer, sub: 'a', issuedBefore: start * 1000 }, 'seconds'],
    [{ issuer, sub: 'a', issuedBefore: new Date() }, 'issuedBefore'],
    [{ issuer, jti: 'a', keepFor: 0 }, 'keepFor'],
    [{ issuer, jti: 'a', keepFor: Infinity }, 'keepFor'],
    [{ issuer, jti: 'a', keepForr: 60 }, 'no member "keepForr"; there are issuer, jti, sub, sid, issuedBefore, keepFor'],
    [{ issuer, sub: 'a', issuedbefore: start }, 'no member "issuedbefore"'],
  ])('%j', async (revocation, message) => {
    const [here] = twoInstances()
    const refused = here.revoke(revocation as Revocation)
    await expect(refused).rejects.toThrow(TypeError)
    await expect(refused).rejects.toThrow(message)
  })
  it.each([
    [['https://login.example.com/'], 'https://login.example.com'],
    [['https://login.example.com/{tenant}'], 'https://login.example.com'],
    [['https://login.example.com/{tenant}'], 'https://login.example.com/acme/v2'],
    [['https://login.example.com/{tenant}'], 'https://login.example.com/{tenant}'],
  ])('of %j for an issuer that is none of them: %s', async (authorizationServers, other) => {
    const template = { resource: `${resource}/{tenant}`, tenants: { tenant: () => true } }
    const guard = guardWith({ ...(authorizationServers[0]?.includes('{') ? template : {}), authorizationServers, store: memoryStore() })
    await expect(guard.revoke({ issuer: other, jti: 'a' })).rejects.toThrow(new TypeError(`revoke: "${other}" is no issuer of this guard`))
  })
  it('never for an issuer that only a request tells', async () => {
    const template = { resource: `${resource}/{tenant}`, tenants: { tenant: () => true }, store: memoryStore() }
    await guardWith({ ...template, authorizationServers: ['https://login.example.com/{tenant}'] }).revoke({ issuer: 'https://login.example.com/acme', jti: 'a' })
    await guardWith({ ...template, authorizationServers: () => [] }).revoke({ issuer: 'https://any.example.com', jti: 'a' })
  })
  it('without a store', () => expect(guardWith({}).revoke({ issuer, jti: 'a' })).rejects.toMatchObject({ name: 'ConfigurationError', option: 'store' }))
  it('where the store does not take it', async () => {
    const store = { get: async () => undefined, set: () => Promise.reject(new Error('full')), add: async () => true }
    await expect(guardWith({ store }).revoke({ issuer, jti: 'a' })).rejects.toThrow('full')
    const hanging = { ...store, set: () => new Promise<void>(() => {}) }
    await expect(guardWith({ store: hanging, storeTimeout: 0.3 }).revoke({ issuer, jti: 'a' })).rejects.toThrow('0.3 s')
  })
})

it('a token that was issued at the very moment is spared, and one before it is not', async () => {
  const [here] = twoInstances()
  await here.revoke({ issuer, sub: 'alice', issuedBefore: start })
  expect(await visit(here, await signer.token({ sub: 'alice', iat: start }))).toBe('granted')
  expect(await visit(here, await signer.token({ sub: 'alice', iat: start - 1 }))).toBe(revoked)
})

describe('a store that is out of order', () => {
  const faults: readonly [string, Store['get']][] = [
    ['rejects', () => Promise.reject(new Error('down'))],
    ['throws', () => { throw new Error('down') }],
    ['hangs', () => new Promise(() => {})],
  ]
  it.each(faults)('that %s is 503, not 401, and not let in', async (_, get) => {
    const guard = guardWith({ store: { get, set: async () => {}, add: async () => true }, storeTimeout: 0.3 })
    const begun = performance.now()
    expect(await visit(guard, await signer.token())).toBe(unavailable)
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(await visit(guard, await signer.token({ aud: 'x' }))).toBe('401 audience_mismatch')
  })
  it('says its code to the log', async () => {
    const guard = guardWith({ store: { get: () => Promise.reject(new StoreError('STORE_BUSY', 'x')), set: async () => {}, add: async () => true } })
    await visit(guard, await signer.token())
    expect(guard.problems[0]?.detail).toBe('whether the token is revoked cannot be told: STORE_BUSY')
  })
  it('is the same for tokens that are remembered, and over when it is', async () => {
    let down = false
    const memory = memoryStore({ now: () => clock.now })
    const guard = guardWith({ store: { ...memory, get: (key) => (down ? Promise.reject(new Error('down')) : memory.get(key)) } })
    const token = await signer.token()
    expect(await visit(guard, token)).toBe('granted')
    down = true
    expect(await visit(guard, token)).toBe(unavailable)
    down = false
    expect(await visit(guard, token)).toBe('granted')
  })
  it('that says null for nothing is not', async () => {
    const guard = guardWith({ store: { get: async () => null as unknown as undefined, set: async () => {}, add: async () => true } })
    expect(await visit(guard, await signer.token())).toBe('granted')
  })
  it.each(['', 'x', 'NaN', '{}', '  ', '0x10 5', '-1 5'])('that holds %j in a place of a revocation has it revoked', async (value) => {
    const guard = guardWith({ store: { get: async () => value, set: async () => {}, add: async () => true } })
    expect(await visit(guard, await signer.token())).toBe(revoked)
  })
})

describe('isRevoked', () => {
  it('is asked about every principal, also a remembered one', async () => {
    const isRevoked = vi.fn(() => false)
    const guard = guardWith({ isRevoked })
    const token = await signer.token()
    await visit(guard, token)
    await visit(guard, token)
    expect(isRevoked).toHaveBeenCalledTimes(2)
    expect((isRevoked.mock.calls as unknown[][])[0]).toMatchObject([{ subject: 'alice', issuer }, { method: 'GET' }])
    isRevoked.mockReturnValue(true)
    expect(await visit(guard, token)).toBe(revoked)
    expect(isRevoked).toHaveBeenCalledTimes(3)
    expect(await visit(guard, await signer.token({ aud: 'x' }))).toMatch(/^401 audience/)
    expect(isRevoked).toHaveBeenCalledTimes(3)
  })
  it.each<[string, () => unknown, string]>([
    ['false', () => false, 'granted'],
    ['false in time', async () => false, 'granted'],
    ['true', () => true, revoked],
    ['true in time', async () => true, revoked],
    ['nothing', () => undefined, unavailable],
    ['null', () => null, unavailable],
    ['0', () => 0, unavailable],
    ['"false"', () => 'false', unavailable],
    ['an exception', () => { throw new Error('x') }, unavailable],
    ['a rejection', () => Promise.reject(new Error('x')), unavailable],
    ['no answer', () => new Promise(() => {}), unavailable],
  ])('%s', async (_, isRevoked, verdict) => {
    const guard = guardWith({ isRevoked: isRevoked as () => boolean, storeTimeout: 0.3 })
    expect(await visit(guard, await signer.token())).toBe(verdict)
  })
  it('is asked beside the store', async () => {
    const guard = guardWith({ store: memoryStore({ now: () => clock.now }), isRevoked: () => false })
    const token = await signer.token({ jti: 'a' })
    expect(await visit(guard, token)).toBe('granted')
    await guard.revoke({ issuer, jti: 'a' })
    expect(await visit(guard, token)).toBe(revoked)
  })
})

it('without a store nothing is looked up', async () => {
  const guard = guardWith({})
  expect(await visit(guard, await signer.token())).toBe('granted')
})
