import { createTestIssuer } from '@resource-guard/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createResourceGuard } from '../src/index.js'
import { passThrough } from '../src/passage.js'
import { chooseEndOfTurn } from '../src/turn.js'

const resource = 'https://api.example.com'

async function arrival(token: 'good' | 'none'): Promise<() => Promise<'passage' | 'reply'>> {
  const issuer = await createTestIssuer()
  const guard = createResourceGuard({ resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch })
  const headers = new Headers(token === 'good' ? { authorization: `Bearer ${await issuer.token({ aud: resource })}` } : {})
  const arrive = async (): Promise<'passage' | 'reply'> => ('status' in (await passThrough(guard, { method: 'GET', url: '/', headers })) ? 'reply' : 'passage')
  await arrive()
  return arrive
}

afterEach(() => void vi.useRealTimers())

it.each([
  ['lets a request go on after the turn of the event loop that it came in', 'good', ['the turn is over', 'passage']],
  ['refuses at once', 'none', ['reply', 'the turn is over']],
] as const)('%s', async (_, token, expected) => {
  const arrive = await arrival(token)
  const order: string[] = []
  const turn = new Promise<void>((resolve) => void setImmediate(() => resolve(void order.push('the turn is over'))))
  const outcome = arrive().then((kind) => order.push(kind))
  await Promise.all([turn, outcome])
  expect(order).toEqual(expected)
})

it('goes on where a test has put other timers in the place of the real ones', async () => {
  const arrive = await arrival('good')
  vi.useFakeTimers()
  expect(await arrive()).toBe('passage')
})

describe('the end of a turn', () => {
  it('is not waited for where fake timers were there first', () => {
    vi.useFakeTimers()
    expect(chooseEndOfTurn(setImmediate)).toBeUndefined()
  })

  it('is not waited for where the runtime cannot say', () => {
    expect(chooseEndOfTurn(undefined)).toBeUndefined()
  })

  it('is now where the runtime has a function that throws', async () => {
    const setImmediate = (): never => {
      throw new Error('not supported on the edge')
    }
    await expect(chooseEndOfTurn(setImmediate)?.()).resolves.toBeUndefined()
  })
})
