import type { CompleteKeyPolicy } from './key-policy.js'

/**
 * For how many seconds an answer may be used without asking again (RFC 9111 §4.2): `max-age` less `Age`, held between
 * `minFresh` and `maxFresh`. `no-store`, `no-cache` and values that cannot be read mean `minFresh`, no word `maxFresh`. `Expires` and
 * `Date` are not read: within these bounds they would only bring the issuer's clock into it.
 */
export function freshness(headers: Headers, { minFresh, maxFresh }: CompleteKeyPolicy): number {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(',').map((directive) => directive.trim())
  if (directives.some((directive) => /^no-(?:store|cache)(?:=|$)/.test(directive))) return minFresh
  const ages = directives.filter((directive) => /^max-age\s*(?:=|$)/.test(directive)).map(seconds)
  if (ages.length === 0) return maxFresh
  const age = headers.get('age') ?? ''
  const lifetime = Math.min(...ages) - (/^\d+$/.test(age) ? Number(age) : 0)
  return Math.min(Math.max(lifetime, minFresh), maxFresh)
}

function seconds(directive: string): number {
  const match = /^max-age\s*=\s*"?(\d+)"?$/.exec(directive)
  return match === null ? 0 : Number(match[1])
}
