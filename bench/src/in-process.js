import { createPublicKey, verify } from 'node:crypto'
import { digests } from './issuer.js'
import { interleave, ratios, zipf } from './rounds.js'
import { verdictsOf } from './verdicts.js'
import { verifiers } from './verifiers.js'

const baseline = 'crypto.verify'

async function microsEach(verify, tokens) {
  const start = process.hrtime.bigint()
  for (const token of tokens) await verify(token)
  return Number(process.hrtime.bigint() - start) / 1000 / tokens.length
}

/** The baseline: synchronous crypto.verify with a prepared key and prepared input, what a signature costs on this machine at this moment. */
function bareMicros(issuer, alg, tokens) {
  const key = { key: createPublicKey(issuer.publicKey(alg).export({ type: 'spki', format: 'pem' })), dsaEncoding: 'ieee-p1363' }
  const prepared = tokens.map((token) => {
    const end = token.lastIndexOf('.')
    return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')]
  })
  const start = process.hrtime.bigint()
  for (const [input, signature] of prepared) verify(digests[alg], input, key, signature)
  return Number(process.hrtime.bigint() - start) / 1000 / tokens.length
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

/** In process, one token after the other, each awaited. Costs are multiples of one `crypto.verify` in the same round. */
export async function measureInProcess(issuer, { rounds, same, fresh, zipfTokens, zipfRequests, progress }) {
  const results = {}
  for (const alg of /** @type {const} */ (['RS256', 'ES256', 'EdDSA'])) {
    const { usable, verdicts } = await contenders(issuer, alg)
    const built = Object.fromEntries(Object.entries(usable).map(([name, build]) => [name, build(issuer, alg)]))
    const all = { [baseline]: undefined, ...built }

    progress(`same token again, ${alg}`)
    const repeated = Array.from({ length: same }, () => '')
    const token = issuer.token(alg)
    const sameCosts = await interleave(all, rounds, (verify, _, name) =>
      name === baseline ? bareMicros(issuer, alg, repeated.fill(token).slice(0, same / 4)) : microsEach(verify, repeated.fill(token)))

    progress(`tokens never seen before, ${alg}`)
    const batches = Array.from({ length: rounds + 1 }, () => issuer.tokens(alg, fresh))
    const freshCosts = await interleave(all, rounds, (verify, round, name) =>
      name === baseline ? bareMicros(issuer, alg, batches[round]) : microsEach(verify, batches[round]))

    results[alg] = { verdicts, same: ratios(sameCosts, baseline), fresh: ratios(freshCosts, baseline) }
    if (alg !== 'RS256') continue

    progress('zipf reuse, RS256')
    const pool = issuer.tokens(alg, zipfTokens)
    const requests = zipf(zipfTokens, zipfRequests).map((n) => pool[n])
    const zipfCosts = await interleave({ [baseline]: undefined, ...usable }, Math.min(rounds, 5), async (build, _, name) => {
      if (name === baseline) return bareMicros(issuer, alg, requests.slice(0, fresh))
      const verify = build(issuer, alg) // A new one each round: it begins with nothing remembered but its keys.
      await verify(issuer.token(alg))
      return microsEach(verify, requests)
    })
    results[alg].zipf = ratios(zipfCosts, baseline)
  }
  return results
}
