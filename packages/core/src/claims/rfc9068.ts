import { hintAt, type Claims, type Expectation, type Rule, type RuleSet } from './rule.js'
import { areScopes } from './scope.js'
import type { OmittableClaim } from '../options.js'
import { problem, type Problem } from '../response/problem.js'
import { foldHost } from '../secure-url.js'

const longestAudienceList = 32
/** 9999-12-31: a NumericDate beyond it is a mistake or milliseconds, not a time. */
const latestDate = 253_402_300_799
/** How far ahead `iat` may be, in seconds: an issuer's clock that is further off is wrong. */
const iatAhead = 60

/** The claims of a JWT access token (RFC 9068 §2.2 and §4). Not checked here: the signature, `cnf`, and whether scopes suffice. */
export const rfc9068: RuleSet = {
  iss: (claims, expected) =>
    claims['iss'] === expected.issuer ? undefined : problem('issuer_untrusted', { claim: 'iss', actual: claims['iss'], expected: expected.issuer }),

  aud: (claims, expected) => {
    const aud = claims['aud']
    if (aud === undefined) return missing('aud')
    const list = typeof aud === 'string' ? [aud] : aud
    if (!isAudienceList(list)) return invalid('aud', 'neither a string nor 1 to 32 strings', aud)
    if (list.some((entry) => isOurs(entry, expected))) return undefined
    return problem('audience_mismatch', { claim: 'aud', actual: list, expected: [...expected.audiences] })
  },

  exp: (claims, { clockTolerance }, now) => {
    const exp = claims['exp']
    if (exp === undefined) return missing('exp')
    if (!isDate(exp)) return invalid('exp', 'no NumericDate', exp)
    return now < exp + clockTolerance ? undefined : problem('token_expired', { claim: 'exp', actual: exp, expected: Math.floor(now) })
  },

  nbf: (claims, { clockTolerance }, now) => {
    const nbf = claims['nbf']
    return nbf === undefined ? undefined : notAhead('nbf', nbf, now, clockTolerance)
  },

  iat: (claims, expected, now) => {
    const iat = claims['iat']
    if (iat === undefined) return expected.omits.has('iat') ? undefined : missing('iat')
    return notAhead('iat', iat, now, Math.max(iatAhead, expected.clockTolerance))
  },

  sub: (claims, expected) => name(claims, 'sub', 'sub', expected),
  client_id: (claims, expected) => name(claims, expected.clientIdClaim, 'client_id', expected),
  jti: (claims, expected) => name(claims, 'jti', 'jti', expected),

  scope: (claims, { scopeClaim }) =>
    areScopes(claims, scopeClaim) ? undefined : invalid(scopeClaim, 'no scopes as RFC 6749 §3.3 has them', claims[scopeClaim]),
}

/** The first problem that any of the rules finds. */
export const judgeBy = (rules: readonly Rule[]): Rule => (claims, expected, now) => {
  for (const rule of rules) {
    const found = rule(claims, expected, now)
    if (found !== undefined) return found
  }
  return undefined
}

/** The rules whose verdict changes with time, and the rest: a verdict of the rest may be remembered for a token at a target. */
export const timeRules: readonly Rule[] = [rfc9068.exp, rfc9068.nbf, rfc9068.iat]
export const lastingRules: readonly Rule[] = Object.values(rfc9068).filter((rule) => !timeRules.includes(rule))

const isAudienceList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.length <= longestAudienceList && value.every((entry) => typeof entry === 'string')

const isOurs = (audience: string, { audiences, foldsAudienceHost }: Expectation): boolean =>
  audiences.has(audience) || (foldsAudienceHost && audiences.has(foldHost(audience)))

const isDate = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= latestDate

function notAhead(claim: string, value: unknown, now: number, tolerance: number): Problem | undefined {
  if (!isDate(value)) return invalid(claim, 'no NumericDate', value)
  return now + tolerance >= value ? undefined : problem('token_not_yet_valid', { claim, actual: value, expected: Math.floor(now) })
}

/** A claim that names somebody or something: a string that is not empty. */
function name(claims: Claims, claim: string, kind: OmittableClaim, expected: Expectation): Problem | undefined {
  const value = claims[claim]
  if (value === undefined) {
    return expected.omits.has(kind) ? undefined : missing(claim, kind === 'client_id' && hintAt(claims, ['azp', 'cid', 'appid'], 'clientIdClaim'))
  }
  return typeof value === 'string' && value !== '' ? undefined : invalid(claim, 'no string, or an empty one', value)
}

const missing = (claim: string, detail?: string | false): Problem => problem('claim_missing', { claim, ...(detail && { detail }) })
const invalid = (claim: string, detail: string, actual: unknown): Problem => problem('claim_invalid', { claim, detail, actual })
