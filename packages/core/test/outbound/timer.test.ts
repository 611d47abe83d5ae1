import { expect, it } from 'vitest'
import { startTimer } from '../../src/outbound/timer.js'

const holding = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

it('a timer does not keep the process alive', () => {
  const before = holding()
  const cancel = startTimer(60_000, () => {})
  expect(holding()).toBe(before)
  cancel()
})

it('a timer fires once, unless cancelled', async () => {
  let fired = 0
  startTimer(1, () => {
    fired += 1
  })
  startTimer(1, () => {
    fired += 10
  })()
  await new Promise((resolve) => {
    setTimeout(resolve, 30)
  })
  expect(fired).toBe(1)
})
