import { isAlgorithm } from './algorithms.js'
import type { TrustedIssuer } from './verifier.js'
import { problem, type Problem } from '../response/problem.js'

const longestKid = 256

/**
 * The JOSE header (RFC 7515 §4.1, RFC 8725 §3.1 and §3.11). `jwk`, `jku`, `x5c` and `x5u` are never looked at: keys come from the
 * configured issuer only.
 */
export function checkHeader(header: Readonly<Record<string, unknown>>, issuer: Pick<TrustedIssuer, 'algorithms' | 'types'>): Problem | undefined {
  const { alg, typ, kid } = header as { alg: unknown; typ: unknown; kid: unknown }
  if (!isAlgorithm(alg) || !issuer.algorithms.has(alg)) {
    return problem('algorithm_not_allowed', { claim: 'alg', actual: alg, expected: [...issuer.algorithms] })
  }
  if (typ !== undefined && typeof typ !== 'string') return problem('token_malformed', { claim: 'typ', actual: typ })
  if (!issuer.types.has(typ === undefined ? undefined : mediaType(typ))) {
    const detail = 'no access token, or an issuer that typ should describe'
    return problem('type_mismatch', { claim: 'typ', actual: typ ?? '(absent)', expected: [...issuer.types].map((type) => type ?? '(absent)'), detail })
  }
  // No extension is understood here, so one that must be understood is refused; b64 changes what was signed (RFC 7797).
  if ('crit' in header || 'b64' in header) return problem('token_malformed', { claim: 'crit', detail: 'an extension that is not understood' })
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > longestKid)) return problem('token_malformed', { claim: 'kid', actual: kid })
  return undefined
}

/** A `typ` as a media type to compare: any case, and `application/` may be left out (RFC 7515 §4.1.9). */
export const mediaType = (typ: string): string => typ.toLowerCase().replace(/^application\/(?=[^/]*$)/, '')
