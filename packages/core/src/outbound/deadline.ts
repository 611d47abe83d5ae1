import { OutboundError, OutboundFault } from './outbound-error.js'
import { startTimer } from './timer.js'

/**
 * Does `work` within `seconds`: then its signal aborts and this rejects, also where `work` does not listen to the signal.
 * What `work` still brings after that is lost.
 */
export async function withDeadline<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let cancel!: () => void
  const late = new Promise<never>((_, reject) => {
    cancel = startTimer(seconds * 1000, () => {
      const error = new OutboundFault(`no complete answer within ${seconds} s`)
      controller.abort(error)
      reject(error)
    })
  })
  try {
    return await Promise.race([work(controller.signal), late])
  } finally {
    cancel()
  }
}

/** Aborts as soon as one of them does. Not by `AbortSignal.any`, which is missing on the edge of Next.js. */
export function anyOf(...signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    const abort = (): void => controller.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  return controller.signal
}

/**
 * What the application's function `name` answers, now or within `seconds`. Rejects after that, and says whose answer it was that
 * did not come. An answer that is there costs no timer.
 */
export function settleWithin<T>(seconds: number, name: string, answer: T | PromiseLike<T>): T | Promise<T> {
  const isLater = typeof answer === 'object' && answer !== null && 'then' in answer
  if (!isLater) return answer
  return withDeadline(seconds, async () => answer).catch((error: unknown) => {
    throw error instanceof OutboundError ? new Error(`${name} gave no answer within ${seconds} s (storeTimeout)`) : error
  })
}

/** Waits for `promise`, which must not reject, but not longer than `ms` milliseconds. Resolves to undefined when that is over. */
export async function waitAtMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  if (ms <= 0) return undefined
  return withDeadline(ms / 1000, () => promise).catch(() => undefined)
}
