import { decodeUtf8 } from './base64url.js'
import { decodeJwt, parseStrictly } from './format.js'
import { checkHeader } from './header.js'
import { inactive, type IntrospectionReply } from './introspection-cache.js'
import { verifySignature } from './jwt.js'
import type { TrustedIssuer } from './verifier.js'
import type { Claims } from '../claims/rule.js'
import { isJsonType } from '../outbound/body.js'
import type { FormAnswer } from '../outbound/post-form.js'
import { isProblem, problem, type Problem } from '../response/problem.js'

/** What a signed reply is held against: who signs, and by what names this resource server may be addressed. */
export interface ReplySigner extends Pick<TrustedIssuer, 'issuer' | 'algorithms' | 'keys' | 'audiences'> {
  readonly clientId: string | undefined
}

/** How far ahead the `iat` of a signed reply may be, in seconds. */
const iatAhead = 60

/** Reads a reply (RFC 7662 §2.2). Whatever is not one is a fault of the issuer or of the way to it, and says nothing about the token. */
export function readPlainReply({ type, body }: FormAnswer, issuer: string): IntrospectionReply | Problem {
  const unreadable = (what: string): Problem => introspectionUnavailable(issuer, what)
  if (!isJsonType(type)) return unreadable('answered with a content type that is not JSON')
  if (body === undefined) return unreadable('answered with too many bytes')
  const text = decodeUtf8(body)
  const claims = text === undefined ? undefined : parseStrictly(text)
  if (claims === undefined) return unreadable('answered with what is not a JSON object in UTF-8 with each member once')
  return replyOf(claims, body.length) ?? unreadable('answered with an error')
}

/** Reads a signed reply (RFC 9701 §5). Only what is in `token_introspection` is about the token. Encrypted ones are not supported. */
export async function readSignedReply({ type, body }: FormAnswer, signer: ReplySigner, now: number): Promise<IntrospectionReply | Problem> {
  const unreadable = (what: string): Problem => introspectionUnavailable(signer.issuer, what)
  if (type !== 'application/token-introspection+jwt') return unreadable('answered without a signature, which is asked for here (RFC 9701 §5)')
  const jwt = decodeJwt((body && decodeUtf8(body)) ?? '')
  if (isProblem(jwt)) return unreadable(`signed reply: ${jwt.detail ?? 'not a JWT'}`)
  const found = checkHeader(jwt.header, { algorithms: signer.algorithms, types: new Set(['token-introspection+jwt']) })
  if (found !== undefined) return unreadable(`signed reply: ${found.reason} ${found.claim}`)
  const { iss, aud, iat, token_introspection: claims } = jwt.claims
  if (iss !== signer.issuer) return unreadable('signed reply: iss is another')
  const addressed = [aud].flat().some((entry) => typeof entry === 'string' && (entry === signer.clientId || signer.audiences.has(entry)))
  if (!addressed) return unreadable('signed reply: aud is neither clientId nor this resource')
  if (typeof iat !== 'number' || !(iat <= now + iatAhead)) return unreadable('signed reply: no iat, or one ahead of now')
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return unreadable('signed reply: no object in token_introspection')
  const signedBy = await verifySignature(jwt, signer)
  if (isProblem(signedBy)) return signedBy.reason === 'keys_unavailable' ? signedBy : unreadable(`signed reply: ${signedBy.reason} ${signedBy.detail ?? ''}`)
  return replyOf(claims as Claims, jwt.signingInput.length) ?? unreadable('answered with an error')
}

/** An error that came with status 200, as RFC 6749 §5.2 has it or otherwise, is about the request. Of a token that is not active there is nothing to keep. */
function replyOf(claims: Claims, size: number): IntrospectionReply | undefined {
  if (claims['active'] === true) return { claims, size }
  return (claims['active'] ?? undefined) === undefined && 'error' in claims ? undefined : inactive
}

/** Nothing is known about the token, and why. `what` holds nothing that was in the request or in the answer. */
export const introspectionUnavailable = (issuer: string, what: string): Problem =>
  problem('introspection_unavailable', { detail: `introspection at ${issuer.slice(0, 96)}: ${what}` })
