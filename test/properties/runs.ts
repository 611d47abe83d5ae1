import type { Parameters } from 'fast-check'

// The seed is fixed, so that `npm test` says the same thing each time; with more runs it is a new one each time. A failure prints the seed and the
// reduced case: PROPERTY_SEED=… runs the same cases again.
const times = Number(process.env['PROPERTY_RUNS'] ?? 1)
const seed = Number(process.env['PROPERTY_SEED'] ?? (times === 1 ? 9728 : Date.now() % 2 ** 31))

/** How a property is run: so many cases, times `PROPERTY_RUNS`. */
export const runs = <Ts = unknown>(cases: number): Parameters<Ts> => ({ numRuns: cases * times, seed })

/** How long a property may take, in milliseconds. */
export const patience = 20_000 * times
