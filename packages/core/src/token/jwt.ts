import { digestToken } from './digest.js'
import { decodeJwt, type JwtHeader, type UnverifiedJwt } from './format.js'
import { checkHeader } from './header.js'
import type { KeySnapshot } from './keys.js'
import type { VerificationKey } from './signature.js'
import type { VerifiedCache, VerifiedToken } from './verified-cache.js'
import type { TrustedIssuer, TrustedIssuers, Verdict, Verifier } from './verifier.js'
import type { Rule } from '../claims/rule.js'
import { isProblem, problem, type Problem } from '../response/problem.js'

/** Of tokens that were verified: an issuer has about one header for each of its keys. */
const mostHeaders = 64

export interface JwtVerification {
  /** The rules whose verdict time cannot change, and those that it can. */
  readonly judgeLasting: Rule
  readonly judgeTime: Rule
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

  function verifyNew(jwt: UnverifiedJwt, digest: string, issuer: TrustedIssuer): Verdict | Promise<Verdict> {
    const signedBy = verifySignature(jwt, issuer)
    return signedBy instanceof Promise ? signedBy.then((found) => accept(jwt, digest, issuer, found)) : accept(jwt, digest, issuer, signedBy)
  }

  function accept(jwt: UnverifiedJwt, digest: string, issuer: TrustedIssuer, signedBy: VerificationKey | Problem): Verdict {
    if (isProblem(signedBy)) return signedBy
    const { header, encodedHeader, claims, signingInput } = jwt
    if (headers.size < mostHeaders && !headers.has(encodedHeader)) headers.set(encodedHeader, header)
    cache?.set(digest, { header, claims, key: signedBy, source: issuer.keys, size: signingInput.length, approvedAt: undefined })
    return { claims, issuer, isNew: true }
  }

  /** Header and lasting rules. A remembered token that has passed them for this issuer at this resource will pass them again. */
  function judgeToken(jwt: Pick<UnverifiedJwt, 'header' | 'claims'>, remembered: VerifiedToken | undefined, issuer: TrustedIssuer): Problem | undefined {
    if (remembered?.approvedAt === issuer.identity) return undefined
    const found = checkHeader(jwt.header, issuer) ?? judgeLasting(jwt.claims, issuer, 0)
    if (found === undefined && remembered !== undefined) remembered.approvedAt = issuer.identity
    return found
  }
}

/** A remembered token, if its signature still stands: made by a key of the same source that is for its algorithm here too, and not withdrawn since. */
function recall(cache: VerifiedCache, digest: string, issuers: TrustedIssuers): VerifiedToken | undefined {
  const entry = cache.get(digest)
  const issuer = entry && issuers.get(entry.claims['iss'] as string)
  if (entry === undefined || issuer?.keys !== entry.source) return undefined
  const keys = entry.source.snapshot()
  if (keys?.has(entry.key)) {
    return entry.approvedAt === issuer.identity || entry.key.serves(entry.header['alg'] as string, issuer.algorithms) ? entry : undefined
  }
  if (keys !== undefined) cache.delete(digest)
  return undefined
}

type Found = VerificationKey | undefined
type Signer = Pick<TrustedIssuer, 'keys' | 'algorithms'>

/**
 * The key that made the signature, without a promise where a key at hand says yes at once. Else it fetches keys where it must,
 * and looks for newer ones where that is affordable.
 */
export function verifySignature(
  jwt: UnverifiedJwt, issuer: Signer,
): VerificationKey | Problem | Promise<VerificationKey | Problem> {
  const keys = issuer.keys.snapshot()
  const found = keys && firstThatVerifies(keys, jwt, issuer)
  return found === undefined || found instanceof Promise ? lookFurther(jwt, issuer, keys, found) : found
}

/** Where there were keys at hand, `atHandFound` is what they came to; where there were none, it is undefined. */
async function lookFurther(
  jwt: UnverifiedJwt, issuer: Signer, atHand: KeySnapshot | undefined, atHandFound: Found | Promise<Found>,
): Promise<VerificationKey | Problem> {
  const keys = atHand ?? (await issuer.keys.load())
  if (isProblem(keys)) return keys
  const signedBy = await (atHand === undefined ? firstThatVerifies(keys, jwt, issuer) : atHandFound)
  if (signedBy !== undefined) return signedBy

  const { alg, kid } = jwt.header as unknown as SignatureHeader
  const cause = keys.candidates(alg, kid, issuer.algorithms).length === 0 ? 'key_unknown' : 'signature_invalid'
  const detail = cause === 'key_unknown' ? otherAlgorithms(keys, kid, issuer) : undefined
  const refused = problem(cause, { claim: 'kid', actual: kid, ...(detail && { detail }) })
  const newer = await issuer.keys.reload(keys, cause, kid)
  if (isProblem(newer)) return newer
  return (newer === keys ? undefined : await firstThatVerifies(newer, jwt, issuer)) ?? refused
}

/** Where a key is there and for another algorithm: which that is. */
function otherAlgorithms(keys: KeySnapshot, kid: string | undefined, { algorithms }: Signer): string | undefined {
  const served = [...algorithms].filter((alg) => keys.candidates(alg, kid, algorithms).length > 0)
  return served.length === 0 ? undefined : `its key is for ${served.join(', ')}: see algorithms`
}

/** As `checkHeader` has found them. */
interface SignatureHeader {
  readonly alg: string
  readonly kid: string | undefined
}

function firstThatVerifies(keys: KeySnapshot, jwt: UnverifiedJwt, { algorithms }: Signer): Found | Promise<Found> {
  const { alg, kid } = jwt.header as unknown as SignatureHeader
  return firstOf(keys.candidates(alg, kid, algorithms), 0, alg, jwt)
}

function firstOf(keys: readonly VerificationKey[], from: number, alg: string, jwt: UnverifiedJwt): Found | Promise<Found> {
  for (let at = from; at < keys.length; at++) {
    const key = keys[at] as VerificationKey
    const verdict = key.verify(alg, jwt.signingInput, jwt.signature)
    if (verdict === true) return key
    if (verdict !== false) return verdict.then((isGood) => (isGood === true ? key : firstOf(keys, at + 1, alg, jwt)))
  }
  return undefined
}
