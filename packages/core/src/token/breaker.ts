/** What a call that was let through turned out to be. A `fault` is the endpoint's: no answer, or 5xx. `unmade`: it was never asked. */
export type Verdict = 'fine' | 'fault' | 'unmade'

/** Lets calls through to one endpoint, or says why not: too many are under way, or it has failed too often. */
export interface Breaker {
  /** What to report the verdict to, once; or why there may be no call now. */
  enter(): ((verdict: Verdict) => void) | 'busy' | 'paused'
}

export interface BreakerSettings {
  readonly concurrency: number
  /** Milliseconds after which a call that was let through counts as gone: some runtimes drop what a request began once it is answered. */
  readonly lostAfter: number
  /** `failures` in a row, and the `pause` after them in milliseconds. Undefined: never paused. */
  readonly breaker: { readonly failures: number; readonly pause: number } | undefined
  /** Milliseconds; never goes back. */
  readonly now: () => number
}

/**
 * A cap on calls under way, and a circuit breaker. After the pause one call is let through as a trial: if it is fine all are
 * again, if not the pause begins anew. A trial that nobody hears of again makes room for another after one more pause, and not
 * before it counts as gone.
 */
export function createBreaker({ concurrency, lostAfter, breaker, now }: BreakerSettings): Breaker {
  const underWay = new Set<{ readonly begunAt: number }>()
  /** In a row; a pause does not end the row. */
  let failures = 0
  /** While paused: until when, and the trial that is out. */
  let pausedUntil: number | undefined
  let trial: object | undefined

  function dropLost(at: number): void {
    for (const call of underWay) if (at - call.begunAt > lostAfter) underWay.delete(call)
  }

  function settle(call: object, verdict: Verdict): void {
    if (breaker === undefined || verdict === 'unmade' || (pausedUntil !== undefined && call !== trial)) return
    failures = verdict === 'fault' ? failures + 1 : 0
    pausedUntil = failures >= breaker.failures ? now() + breaker.pause : undefined
    trial = undefined
  }

  return {
    enter() {
      const at = now()
      if (pausedUntil !== undefined && at < pausedUntil) return 'paused'
      if (underWay.size >= concurrency) dropLost(at)
      if (underWay.size >= concurrency) return 'busy'
      const call = { begunAt: at }
      underWay.add(call)
      if (breaker !== undefined && pausedUntil !== undefined) {
        trial = call
        pausedUntil = at + Math.max(breaker.pause, lostAfter)
      }
      return (verdict) => {
        underWay.delete(call)
        settle(call, verdict)
      }
    },
  }
}
