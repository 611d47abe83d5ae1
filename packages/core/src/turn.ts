type SetImmediate = (callback: () => void) => unknown

/**
 * Resolves when this turn of the event loop is over: what has arrived by now has been read then. `undefined` where the runtime cannot say,
 * and where fake timers were there first: they do not run by themselves, and who imports the guard under them would wait forever. Some have
 * a `clock`, and others (of `node:test`, the older ones of Jest) another name.
 */
export function chooseEndOfTurn(afterThisTurn: SetImmediate | undefined): (() => Promise<void>) | undefined {
  if (afterThisTurn?.name !== 'setImmediate' || 'clock' in afterThisTurn) return undefined
  return async () => {
    try {
      await new Promise<void>((resolve) => void afterThisTurn(resolve))
    } catch {
      // On the edge of Next.js it is there to throw.
    }
  }
}

/** By the function that is there at the start, because tests put fake timers in its place later. */
export const endOfTurn = chooseEndOfTurn((globalThis as { setImmediate?: SetImmediate }).setImmediate)
