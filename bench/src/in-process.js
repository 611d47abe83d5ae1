import { createPublicKey, verify } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { digests } from './issuer.js'
import { interleave, medians, zipf } from './rounds.js'
import { verdictsOf } from './verdicts.js'
import { verifiers } from './verifiers.js'

async function microsEach(verify, tokens) {
  const start = process.hrtime.bigint()
  for (const token of tokens) await verify(token)
  return Number(process.hrtime.bigint() - start) / 1000 / tokens.length
}

/** Servers run for days: what is measured is code that the runtime has already optimized. */
export async function runFor(millis, verify, tokens) {
  const end = performance.now() + millis
  while (performance.now() < end) await microsEach(verify, tokens)
}

const sample = 150

setFlagsFromString('--expose-gc')
/** What one contender leaves behind is not to be swept up in the time of the next. */
const collectGarbage = runInNewContext('gc')

/** The unit: synchronous crypto.verify with a prepared key and prepared input, what a signature costs on this machine at this moment. */
export function unitOf(issuer, alg) {
  const key = Object.assign(createPublicKey(issuer.publicKey(alg).export({ type: 'spki', format: 'pem' })), { dsaEncoding: 'ieee-p1363' })
  const prepared = issuer.tokens(alg, sample).map((token) => {
    const end = token.lastIndexOf('.')
    return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')]
  })
  return () => {
    const start = process.hrtime.bigint()
    for (const [input, signature] of prepared) verify(digests[alg], input, key, signature)
    return Number(process.hrtime.bigint() - start) / 1000 / sample
  }
}

/** The unit is timed right before and right after, so that what slows the machine down slows both. */
export async function measure(unit, verify, tokens) {
  collectGarbage()
  const before = unit()
  const micros = await microsEach(verify, tokens)
  return { micros, ratio: micros / ((before + unit()) / 2) }
}

/** Verifiers that know the algorithm, and what they said to good and bad tokens. */
async function contenders(issuer, alg) {
  const usable = {}
  const verdicts = {}
  for (const [name, build] of Object.entries(verifiers)) {
    verdicts[name] = await verdictsOf(build(issuer, alg), issuer, alg)
    if (verdicts[name].accepts) usable[name] = build
  }
  return { usable, verdicts }
}

/** In process, one token after the other, each awaited. Costs are multiples of one `crypto.verify`. */
export async function measureInProcess(issuer, { rounds, same, fresh, zipfTokens, zipfRequests, warmUp, progress }) {
  const results = {}
  for (const alg of /** @type {const} */ (['RS256', 'ES256', 'EdDSA'])) {
    const { usable, verdicts } = await contenders(issuer, alg)
    const built = Object.fromEntries(Object.entries(usable).map(([name, build]) => [name, build(issuer, alg)]))
    const unit = unitOf(issuer, alg)

    progress(`same token again, ${alg}`)
    const repeated = Array.from({ length: same }, () => '').fill(issuer.token(alg))
    for (const verify of Object.values(built)) await runFor(warmUp.millis, verify, repeated)
    const sameCosts = await interleave(built, rounds, (verify) => measure(unit, verify, repeated))

    progress(`tokens never seen before, ${alg}`)
    const first = issuer.tokens(alg, warmUp.fresh)
    for (const verify of Object.values(built)) await microsEach(verify, first)
    const batches = Array.from({ length: rounds + 1 }, () => issuer.tokens(alg, fresh))
    const freshCosts = await interleave(built, rounds, (verify, round) => measure(unit, verify, batches[round]))

    results[alg] = { verdicts, same: medians(sameCosts), fresh: medians(freshCosts) }
    if (alg !== 'RS256') continue

    progress('zipf reuse, RS256')
    const pool = issuer.tokens(alg, zipfTokens)
    const requests = zipf(zipfTokens, zipfRequests).map((n) => pool[n])
    const zipfCosts = await interleave(usable, Math.min(rounds, 5), async (build) => {
      const verify = build(issuer, alg) // A new one each round: it begins with nothing remembered but its keys.
      await verify(issuer.token(alg))
      return measure(unit, verify, requests)
    })
    results[alg].zipf = medians(zipfCosts)
  }
  return results
}
