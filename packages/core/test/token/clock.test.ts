import { expect, it } from 'vitest'
import { neverBack } from '../../src/token/clock.js'

it('a clock that is set back twice goes on from where it was', () => {
  let time = 1000
  const now = neverBack(() => time)
  const seen = [now()]
  for (time of [500, 400, 410]) seen.push(now())
  expect(seen).toEqual([1000, 1000, 1000, 1010])
})
