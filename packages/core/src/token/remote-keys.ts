import type { FetchedKeys, FetchKeys } from './key-fetch.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import type { KeySnapshot, KeySource } from './keys.js'
import { createReloadBudget, type Reload } from './reload-budget.js'
import { waitAtMost } from '../outbound/deadline.js'
import { describeFailure } from '../outbound/outbound-error.js'
import { startTimer } from '../outbound/timer.js'
import { problem, type Problem } from '../response/problem.js'

export interface RemoteKeysSettings {
  readonly issuer: string
  readonly fetchKeys: FetchKeys
  readonly policy: CompleteKeyPolicy
  /** Milliseconds; never goes back. */
  readonly now: () => number
  /** From 0 to 1: spreads refreshes and retries, so that many servers do not come to the issuer at once. */
  readonly random: () => number
}

/** The keys of the last successful fetch. Its times count from when it was begun, because that is how old they may be. */
interface Held extends FetchedKeys {
  readonly confirmedAt: number
  readonly refreshAt: number
  readonly freshUntil: number
  readonly deadAt: number
}

/** A fetch under way. */
interface Flight {
  readonly begunAt: number
  /** Begun where freshness had ended and nothing had been tried since: requests wait for it a little. */
  readonly awaited: boolean
  /** Resolves when it has landed or failed; never rejects. */
  readonly done: Promise<void>
}

const firstBackoff = 0.5
/** Milliseconds. */
const grace = 1000

/**
 * The keys of one issuer from one place on the network. There is one flight at a time, whatever began it: the refresh in
 * time, a request that has no keys, or a token that asks for newer ones.
 */
export function createRemoteKeys({ issuer, fetchKeys, policy, now, random }: RemoteKeysSettings): KeySource {
  const budget = createReloadBudget(policy)
  let held: Held | undefined
  let flight: Flight | undefined
  let failures = 0
  let failedAt = -Infinity
  let retryAt = -Infinity
  let lastError: string | undefined
  let cancelTimer: (() => void) | undefined
  let closed = false

  const usable = (at: number): Held | undefined => (held !== undefined && at < held.deadAt ? held : undefined)

  /**
   * A flight long past its deadline is lost: some runtimes drop what a request began once it is answered. Where the process is busy the
   * timer of the deadline may be late, and a flight that was taken for lost too soon would never count as failed.
   */
  const isLost = ({ begunAt }: Flight, at: number): boolean => at - begunAt > policy.deadline * 1000 + Math.min(grace, policy.deadline * 1000)

  const underWay = (at: number): Flight | undefined => (flight !== undefined && !isLost(flight, at) ? flight : undefined)

  const refreshDueAt = (): number => Math.max(held?.refreshAt ?? -Infinity, retryAt)

  /**
   * Freshness has ended, and nothing was tried since, or not for long: what is held could be older than anyone has noticed. A failure that
   * backoff has not got over yet counts as tried, or an outage would have requests wait that began before.
   */
  const isUnattended = (keys: Held, at: number): boolean =>
    at >= keys.freshUntil && at - failedAt > (failedAt < keys.freshUntil ? policy.maxBackoff * 1000 + grace : policy.longStale * 1000)

  function mustWait(keys: Held, at: number): boolean {
    const current = underWay(at)
    if (current === undefined) return isUnattended(keys, at)
    return current.awaited && at < waitUntil(current, keys)
  }

  const waitUntil = ({ begunAt }: Flight, keys: Held | undefined): number => {
    const briefly = keys !== undefined && begunAt < keys.freshUntil + policy.longStale * 1000
    return begunAt + (briefly ? Math.min(policy.staleWait, policy.deadline) : policy.deadline) * 1000
  }

  function begin(at: number, reload?: Reload): Flight {
    const begun: Flight = {
      begunAt: at,
      awaited: held !== undefined && isUnattended(held, at),
      done: fetchKeys(held).then((fetched) => landed(begun, fetched, reload), (error: unknown) => failed(begun, error)),
    }
    flight = begun
    return begun
  }

  function landed(begun: Flight, fetched: FetchedKeys, reload: Reload | undefined): void {
    // One that was given up for lost must not undo what a later one has brought.
    if (flight !== begun) return
    flight = undefined
    failures = 0
    failedAt = retryAt = -Infinity
    lastError = undefined
    const fresh = fetched.freshFor * 1000
    held = {
      ...fetched,
      confirmedAt: begun.begunAt,
      refreshAt: begun.begunAt + fresh * (0.75 + 0.2 * random()),
      freshUntil: begun.begunAt + fresh,
      deadAt: begun.begunAt + policy.maxStale * 1000,
    }
    const at = now()
    budget.fetched(canonicals(fetched), reload, at)
    setTimer(at)
  }

  function failed(begun: Flight, error: unknown): void {
    if (flight !== begun) return
    flight = undefined
    const at = now()
    lastError = describeFailure(error)
    // The process slept, or was stopped, in the middle of it: that says nothing of the issuer, and nothing was tried since.
    if (held !== undefined && isLost(begun, at)) return setTimer(at)
    failures += 1
    failedAt = at
    const backoff = Math.min(policy.maxBackoff, firstBackoff * 2 ** (failures - 1)) * (1 - random() / 4)
    // From its beginning, so that an endpoint that hangs is asked as often as one that fails at once.
    retryAt = Math.max(begun.begunAt + backoff * 1000, failedAt + Math.min(firstBackoff, policy.maxBackoff) * 1000)
    setTimer(failedAt)
  }

  /**
   * Lets an idle process see removals too. Not before the first success: a runtime may allow timers only while it serves
   * a request. Keys that have died are looked for by requests; the timer then only keeps health up to date.
   */
  function setTimer(at: number): void {
    cancelTimer?.()
    if (closed || held === undefined) return
    const due = usable(at) === undefined ? at + policy.maxFresh * 1000 : refreshDueAt()
    cancelTimer = startTimer(Math.max(due - at, 0), () => {
      const then = now()
      if (underWay(then) !== undefined) return
      if (then < refreshDueAt()) setTimer(then)
      else begin(then)
    })
  }

  const answer = (): Held['set'] | Problem => {
    const keys = usable(now())
    if (keys !== undefined) return keys.set
    return problem('keys_unavailable', { detail: `keys of ${issuer.slice(0, 96)}: ${lastError ?? 'no answer in time'}` })
  }

  async function load(): Promise<Held['set'] | Problem> {
    const at = now()
    const keys = usable(at)
    if (keys !== undefined && at < keys.freshUntil) return keys.set
    const current = underWay(at) ?? (at >= retryAt ? begin(at) : undefined)
    if (current !== undefined) await waitAtMost(waitUntil(current, keys) - at, current.done)
    return answer()
  }

  /** For a token that came at `cameAt`. */
  async function reloadFor(tried: KeySnapshot, reload: Reload, cameAt: number): Promise<KeySnapshot | Problem> {
    const at = now()
    const keys = usable(at)
    if (keys === undefined) return load()
    if (keys.set !== tried) return keys.set
    const current = underWay(at) ?? (at >= retryAt && budget.take(reload, at) ? begin(at, reload) : undefined)
    if (current === undefined) return answer()
    await waitAtMost(current.begunAt + policy.deadline * 1000 - at, current.done)
    // What was on its way before the token came may be older than its key: then it is worth another look, if one can be afforded.
    const isOlder = current.begunAt < cameAt && flight !== current && failures === 0
    return isOlder && held?.set === tried ? reloadFor(tried, reload, cameAt) : answer()
  }

  return {
    snapshot() {
      const at = now()
      const keys = usable(at)
      if (keys === undefined || at < keys.refreshAt) return keys?.set
      if (mustWait(keys, at)) return undefined
      if (underWay(at) === undefined && at >= retryAt) begin(at)
      return keys.set
    },
    load,
    reload: (tried, cause, kid) => reloadFor(tried, { cause, kid }, now()),
    health() {
      const at = now()
      return {
        issuer,
        state: held === undefined ? 'empty' : at < held.freshUntil ? 'fresh' : at < held.deadAt ? 'stale' : 'dead',
        age: held === undefined ? undefined : (at - held.confirmedAt) / 1000,
        lastError,
        nextRefresh: underWay(at) === undefined ? Math.max((refreshDueAt() - at) / 1000, 0) : 0,
      }
    },
    close() {
      closed = true
      cancelTimer?.()
    },
  }
}

const canonicals = ({ set }: FetchedKeys): readonly string[] => [...set.keys.values()].map(({ canonical }) => canonical)
