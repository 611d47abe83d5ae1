import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/configuration-error.js'
import { completeKeyPolicy } from '../../src/token/key-policy.js'

describe('a key policy', () => {
  it('has the documented defaults', () => {
    expect(completeKeyPolicy()).toEqual({
      minFresh: 300, maxFresh: 600, maxStale: 3600, staleWait: 0.3, longStale: 600, maxBackoff: 8, deadline: 3, metadataFresh: 3600, maxBytes: 524_288,
      maxKeys: 64, unknownKidReloads: 2, unknownKidInterval: 30, unknownKidMemory: 5, badSignatureReloads: 1, badSignatureInterval: 30, newKeyRefunds: 3, maxSources: 1000,
    })
  })

  it('keeps what is given, and fits the defaults to it', () => {
    expect(completeKeyPolicy({ maxFresh: 2 })).toMatchObject({ minFresh: 2, maxFresh: 2, maxStale: 3600 })
    expect(completeKeyPolicy({ minFresh: 900 })).toMatchObject({ minFresh: 900, maxFresh: 900 })
    expect(completeKeyPolicy({ maxFresh: 7200 })).toMatchObject({ minFresh: 300, maxFresh: 7200, maxStale: 7200 })
    expect(completeKeyPolicy({ maxStale: 0.5, maxFresh: 0.5, deadline: undefined as never })).toMatchObject({ minFresh: 0.5, maxStale: 0.5, deadline: 3 })
  })

  it.each<[object, string]>([
    [{ maxStale: -1 }, 'keys.maxStale'],
    [{ maxStale: '3600' }, 'keys.maxStale'],
    [{ maxStale: Number.NaN }, 'keys.maxStale'],
    [{ maxStale: Infinity }, 'keys.maxStale'],
    [{ maxStale: null }, 'keys.maxStale'],
    [{ maxStale: 599 }, 'keys.maxStale'],
    [{ minFresh: 100, maxFresh: 50 }, 'keys.maxFresh'],
    [{ deadline: 0 }, 'keys.deadline'],
    [{ maxKeys: 1.5 }, 'keys.maxKeys'],
    [{ unknownKidReloads: 0 }, 'keys.unknownKidReloads'],
    [{ cooldown: 30 }, 'keys'],
    [{ toString: 1 }, 'keys'],
  ])('is refused with the option at fault: %j', (policy, option) => {
    expect(() => completeKeyPolicy(policy)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option }))
  })

  it.each([[null], [1], ['x'], [[]]])('must be an object: %j', (policy) => {
    expect(() => completeKeyPolicy(policy as never)).toThrow(ConfigurationError)
  })
})
