import { describe, expect, it } from 'vitest'
import { createBreaker, type Verdict } from '../../src/token/breaker.js'

const settings = { concurrency: 2, lostAfter: 6000, breaker: { failures: 2, pause: 10_000 } }

function make(more: Partial<typeof settings> = {}) {
  const clock = { now: 0 }
  const breaker = createBreaker({ ...settings, ...more, now: () => clock.now })
  const enter = () => {
    const leave = breaker.enter()
    if (typeof leave === 'string') throw new Error(leave)
    return leave
  }
  const call = (verdict: Verdict) => enter()(verdict)
  return { clock, breaker, enter, call }
}

describe('the cap', () => {
  it('is on calls under way', () => {
    const { breaker, enter } = make()
    const first = enter()
    enter()
    expect(breaker.enter()).toBe('busy')
    first('fine')
    expect(breaker.enter()).toBeTypeOf('function')
    expect(breaker.enter()).toBe('busy')
  })
  it('gives up for lost what nobody hears of again', () => {
    const { clock, breaker, enter } = make()
    enter()
    enter()
    clock.now = 6000
    expect(breaker.enter()).toBe('busy')
    clock.now = 6001
    expect(breaker.enter()).toBeTypeOf('function')
  })
})

describe('the breaker', () => {
  const paused = () => {
    const made = make()
    made.call('fault')
    made.call('fault')
    return made
  }
  it('pauses after failures in a row', () => {
    const { breaker, clock } = paused()
    expect(breaker.enter()).toBe('paused')
    clock.now = 9999
    expect(breaker.enter()).toBe('paused')
    clock.now = 10_000
    expect(breaker.enter()).toBeTypeOf('function')
    expect(breaker.enter()).toBe('paused')
  })
  it('of which a fine one is the end, and one that was never made is not', () => {
    const { breaker, call } = make()
    call('fault')
    call('fine')
    call('fault')
    call('unmade')
    expect(breaker.enter()).toBeTypeOf('function')
    call('fault')
    expect(breaker.enter()).toBe('paused')
  })
  it('a trial that fails pauses again, from then on', () => {
    const { breaker, clock, enter } = paused()
    clock.now = 10_000
    const trial = enter()
    clock.now = 12_000
    trial('fault')
    clock.now = 21_999
    expect(breaker.enter()).toBe('paused')
    clock.now = 22_000
    expect(breaker.enter()).toBeTypeOf('function')
  })
  it('a trial that is fine is the end of it, and failures count anew', () => {
    const { breaker, clock, call } = paused()
    clock.now = 10_000
    call('fine')
    call('fault')
    expect(breaker.enter()).toBeTypeOf('function')
  })
  it('a trial that is lost, or was never made, makes room for another', () => {
    for (const verdict of [undefined, 'unmade'] as const) {
      const { breaker, clock, enter } = paused()
      clock.now = 10_000
      const trial = enter()
      if (verdict !== undefined) trial(verdict)
      expect(breaker.enter()).toBe('paused')
      clock.now = 20_000
      expect(breaker.enter()).toBeTypeOf('function')
    }
  })
  it('a trial that takes longer than the pause is heard', () => {
    const { breaker, clock, enter, call } = make({ breaker: { failures: 1, pause: 100 } })
    call('fault')
    clock.now = 100
    const trial = enter()
    clock.now = 5000
    expect(breaker.enter()).toBe('paused')
    trial('fine')
    expect(breaker.enter()).toBeTypeOf('function')
  })
  it('calls from before the pause have no say in it', () => {
    const { breaker, clock, enter, call } = make({ concurrency: 9 })
    const [early, late] = [enter(), enter()]
    call('fault')
    call('fault')
    early('fine')
    expect(breaker.enter()).toBe('paused')
    clock.now = 10_000
    const trial = enter()
    late('fault')
    trial('fine')
    expect(breaker.enter()).toBeTypeOf('function')
  })
})
