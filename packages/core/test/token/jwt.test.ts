import { expect, it, vi } from 'vitest'
import { verifySignature } from '../../src/token/jwt.js'

it.each([['at once', (verdict: boolean) => verdict], ['later', async (verdict: boolean) => verdict]] as const)(
  'each candidate is tried where keys answer %s',
  async (_, say) => {
    const key = (verdict: boolean) => ({ kid: 'a', canonical: '', serves: () => true, verify: () => say(verdict) })
    const [wrong, right] = [key(false), key(true)]
    const set = { candidates: () => [wrong, right], has: () => true }
    const reload = vi.fn(async () => set)
    const jwt = { header: { alg: 'ES256', kid: 'a' }, encodedHeader: '', claims: {}, signingInput: '', signature: new Uint8Array(64) }
    expect(await verifySignature(jwt, { algorithms: new Set(['ES256']), keys: { snapshot: () => set, load: async () => set, reload } as never })).toBe(right)
    expect(reload).not.toHaveBeenCalled()
  },
)
