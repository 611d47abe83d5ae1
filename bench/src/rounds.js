/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Runs every contender once in each round, beginning with another one each time, so that whatever slows the machine down for a
 * while slows them all. The first round is only for warming up.
 * @template T, M
 * @param {Record<string, T>} contenders
 * @param {number} rounds
 * @param {(contender: T, round: number, name: string) => Promise<M>} measure
 * @returns {Promise<Record<string, M[]>>}
 */
export async function interleave(contenders, rounds, measure) {
  const names = Object.keys(contenders)
  const measured = Object.fromEntries(names.map((name) => [name, /** @type {M[]} */ ([])]))
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length]
      const result = await measure(contenders[name], round, name)
      if (round > 0) measured[name].push(result)
    }
  }
  return measured
}

/** The median of each figure that was measured for a contender, each on its own. @param {Record<string, Record<string, number>[]>} measured */
export function medians(measured) {
  return Object.fromEntries(
    Object.entries(measured).map(([name, results]) => [
      name,
      Object.fromEntries(Object.keys(results[0] ?? {}).map((figure) => [figure, median(results.map((result) => result[figure]))])),
    ]),
  )
}

/** The same numbers on every run (a Lehmer generator), from 0 to below 1. */
export function randomFrom(seed) {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** `count` numbers below `size`: number n comes up 1/(n + 1) as often as number 0. */
export function zipf(size, count, seed = 7) {
  const random = randomFrom(seed)
  const sums = []
  for (let rank = 1, sum = 0; rank <= size; rank++) sums.push((sum += 1 / rank))
  return Array.from({ length: count }, () => {
    const at = random() * sums[size - 1]
    let low = 0
    let high = size - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] < at) low = middle + 1
      else high = middle
    }
    return low
  })
}
