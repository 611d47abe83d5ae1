import { digestToken } from './digest.js'
import { decodeJwt, type JwtHeader, type UnverifiedJwt } from './format.js'
import { checkHeader } from './header.js'
import type { VerificationKey } from './signature.js'
import type { VerifiedCache, VerifiedToken } from './verified-cache.js'
import type { TrustedIssuer, TrustedIssuers, Verdict, Verifier } from './verifier.js'
import type { Claims, Expectation } from '../claims/rule.js'
import { isProblem, problem, type Problem } from '../response/problem.js'

/** Of tokens that were verified: an issuer has about one header for each of its keys. */
const mostHeaders = 64

type Judge = (claims: Claims, expected: Expectation, now: number) => Problem | undefined

export interface JwtVerification {
  /** The rules whose verdict time cannot change, and those that it can. */
  readonly judgeLasting: Judge
  readonly judgeTime: Judge
  /** Remembers which tokens carry a valid signature. Without it each signature is checked each time. */
  readonly cache: VerifiedCache | undefined
}

/**
 * Verifies JWT access tokens (RFC 9068 §4). Whatever can be judged without the issuer's keys is judged before they are asked
 * for, so that a token that cannot be good costs no network and no cryptography. A remembered signature saves the signature
 * check and nothing else: every rule is held against this issuer, as this resource trusts it.
 */
export function createJwtVerifier({ judgeLasting, judgeTime, cache }: JwtVerification): Verifier {
  const headers = new Map<string, JwtHeader>()

  return (token, { issuers }, now) => {
    const digest = cache === undefined ? '' : digestToken(token)
    return typeof digest === 'string' ? verify(token, digest, issuers, now) : digest.then((known) => verify(token, known, issuers, now))
  }

  function verify(token: string, digest: string, issuers: TrustedIssuers, now: number): Verdict | Promise<Verdict> {
    const remembered = cache && recall(cache, digest, issuers)
    const jwt = remembered ?? decodeJwt(token, headers)
    if (isProblem(jwt)) return jwt

    const issuer = issuers.get(jwt.claims['iss'] as string)
    if (issuer === undefined) return problem('issuer_untrusted', { claim: 'iss', actual: jwt.claims['iss'], expected: [...issuers.keys()] })
    const found = judgeToken(jwt, remembered, issuer) ?? judgeTime(jwt.claims, issuer, now)
    if (found !== undefined) return remembered === undefined ? found : { ...found, verified: true }
    return remembered === undefined ? verifyNew(jwt as UnverifiedJwt, digest, issuer) : { claims: jwt.claims, issuer }
  }

  async function verifyNew(jwt: UnverifiedJwt, digest: string, issuer: TrustedIssuer): Promise<Verdict> {
    const signedBy = await verifySignature(jwt, issuer)
    if (isProblem(signedBy)) return signedBy
    const { header, claims, signingInput } = jwt
    if (headers.size < mostHeaders) headers.set(signingInput.slice(0, signingInput.indexOf('.')), header)
    cache?.set(digest, { header, claims, key: signedBy, source: issuer.keys, size: signingInput.length })
    return { claims, issuer }
  }

  /** Header and lasting rules. A remembered token that has passed them for this issuer at this resource will pass them again. */
  function judgeToken(jwt: Pick<UnverifiedJwt, 'header' | 'claims'>, remembered: VerifiedToken | undefined, issuer: TrustedIssuer): Problem | undefined {
    if (remembered !== undefined && issuer.approved.has(remembered)) return undefined
    const found = checkHeader(jwt.header, issuer) ?? judgeLasting(jwt.claims, issuer, 0)
    if (found === undefined && remembered !== undefined) issuer.approved.add(remembered)
    return found
  }
}

/** A remembered token, if its signature still stands: made by a key of the same source, and that key not withdrawn since. */
function recall(cache: VerifiedCache, digest: string, issuers: TrustedIssuers): VerifiedToken | undefined {
  const entry = cache.get(digest)
  if (entry === undefined || issuers.get(entry.claims['iss'] as string)?.keys !== entry.source) return undefined
  const keys = entry.source.snapshot()
  if (keys?.has(entry.key)) return entry
  if (keys !== undefined) cache.delete(digest)
  return undefined
}

/** The key that made the signature. Fetches keys where it must, and looks for newer ones where that is affordable. */
export async function verifySignature(jwt: UnverifiedJwt, { keys: source }: Pick<TrustedIssuer, 'keys'>): Promise<VerificationKey | Problem> {
  const alg = jwt.header['alg'] as string
  const kid = jwt.header['kid'] as string | undefined
  const keys = source.snapshot() ?? (await source.load())
  if (isProblem(keys)) return keys
  const candidates = keys.candidates(alg, kid)
  const signedBy = await firstThatVerifies(candidates, alg, jwt)
  if (signedBy !== undefined) return signedBy

  const cause = candidates.length === 0 ? 'key_unknown' : 'signature_invalid'
  const refused = problem(cause, { claim: 'kid', actual: kid })
  const newer = await source.reload(keys, cause, kid)
  if (isProblem(newer)) return newer
  return (newer === keys ? undefined : await firstThatVerifies(newer.candidates(alg, kid), alg, jwt)) ?? refused
}

async function firstThatVerifies(keys: readonly VerificationKey[], alg: string, jwt: UnverifiedJwt): Promise<VerificationKey | undefined> {
  for (const key of keys) {
    const verdict = key.verify(alg, jwt.signingInput, jwt.signature)
    if (typeof verdict === 'boolean' ? verdict : await verdict) return key
  }
  return undefined
}
