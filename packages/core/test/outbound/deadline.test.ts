import { expect, it } from 'vitest'
import { anyOf } from '../../src/outbound/deadline.js'

it('a signal of several aborts with the first of them, for its reason', () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const signal = anyOf(one.signal, other.signal)
  expect(signal.aborted).toBe(false)
  other.abort('late')
  one.abort('later')
  expect([signal.aborted, signal.reason]).toEqual([true, 'late'])
  expect(anyOf(new AbortController().signal, one.signal).reason).toBe('later')
})
