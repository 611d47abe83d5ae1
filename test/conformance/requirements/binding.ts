import { chapter, notBuilt, rows, testsOf, type Chapter, type Row } from '../requirement.js'

const guard = testsOf('packages/core/test/resource-guard.test.ts')
const replies = testsOf('packages/core/test/introspection/reply.test.ts')('a reply with these claims > %s')
const refusesBound = guard('handle > refuses a token that is bound to a key')

const dpop = notBuilt('DPoP')
const mtls = notBuilt('mutual TLS')
const stepUp = notBuilt('step-up')
const details = notBuilt('authorization details')

/** Rows of a feature that does not exist. */
const unbuilt = (standing: ReturnType<typeof notBuilt>, section: string, table: readonly (readonly [id: string, level: Row[1], at: string, text: string])[]): Row[] =>
  table.map(([id, level, at, text]) => [id, level, `${section} §${at}`, text, standing])

export const binding: readonly Chapter[] = [
  chapter('RFC 9449: DPoP', [
    ['R9449-6-a', 'MUST', 'RFC 9449 §6', 'A token that is bound to a key is told from one that is not', rows('R9449-7.2-a'), rows('RFC 7800 §3.1'), refusesBound],
    ['R9449-6.2-a', 'MUST', 'RFC 9449 §6.2', 'Where introspection says of a bound token that it is a Bearer token, it is refused', replies],
    ['R9449-7.2-a', 'MUST', 'RFC 9449 §7.2', 'A token that is bound to a key is refused under Bearer'],
    ...unbuilt(dpop, 'RFC 9449', [
      ['R9449-4.1-a', 'MUST', '4.1', 'The DPoP header holds one token68'],
      ['R9449-4.3-1', 'MUST', '4.3', 'There is at most one DPoP header'],
      ['R9449-4.3-2', 'MUST', '4.3', 'A proof is one well-formed JWT'],
      ['R9449-4.3-3', 'MUST', '4.3', 'A proof has jti, htm, htu, iat and ath, and nonce where one was given'],
      ['R9449-4.3-4', 'MUST', '4.3', 'The typ of a proof is dpop+jwt'],
      ['R9449-4.3-5', 'MUST', '4.3', 'The algorithm of a proof is asymmetric and allowed'],
      ['R9449-4.3-6', 'MUST', '4.3', 'A proof is signed by the key that it carries'],
      ['R9449-4.3-7', 'MUST', '4.3', 'The key of a proof has no private part'],
      ['R9449-4.3-8', 'MUST', '4.3', 'htm is the method'],
      ['R9449-4.3-9', 'MUST', '4.3', 'htu is the URI without query and fragment'],
      ['R9449-4.3-9n', 'SHOULD', '4.3', 'htu is normalised before it is compared'],
      ['R9449-4.3-10', 'MUST', '4.3', 'The nonce is the one that was given'],
      ['R9449-4.3-11', 'MUST', '4.3', 'A proof is recent'],
      ['R9449-4.3-12a', 'MUST', '4.3', 'ath is the digest of the token'],
      ['R9449-4.3-12b', 'MUST', '4.3', 'The key of the proof is the one that the token is bound to'],
      ['R9449-7.1-a', 'MUST', '7.1', 'The scheme DPoP needs a proof and a bound token'],
      ['R9449-7.1-b', 'SHOULD', '7.1', 'A failed proof is invalid_dpop_proof'],
      ['R9449-7.1-c', 'SHOULD', '7.1', 'The challenge lists algs'],
      ['R9449-7.1-d', 'MUST NOT', '7.1', 'Proxy authentication does not use DPoP'],
      ['R9449-7.2-b', 'RECOMMENDED', '7.2', 'Without credentials neither challenge names an error'],
      ['R9449-7.2-c', 'RECOMMENDED', '7.2', 'The error is on the challenge of the scheme that was used'],
      ['R9449-7.2-d', 'RECOMMENDED', '7.2', 'Two schemes at once are invalid_request'],
      ['R9449-8-a', 'MUST', '8', 'Nonces cannot be guessed, and come in one DPoP-Nonce'],
      ['R9449-8.1-a', 'MUST', '8.1', 'Nonces keep to their characters'],
      ['R9449-8.2-a', 'MAY', '8.2', 'A new nonce can come with any answer'],
      ['R9449-8.2-b', 'SHOULD', '8.2', 'An answer with a nonce is not stored'],
      ['R9449-9-a', 'MUST', '9', 'A nonce is demanded by 401 use_dpop_nonce'],
      ['R9449-9-b', 'MUST', '9', 'A nonce counts at the server that gave it'],
      ['R9449-7.1/8-cors', 'best practice', '8', 'Browsers may read DPoP-Nonce'],
      ['R9449-11.1-a', 'SHOULD', '11.1', 'A proof counts once'],
      ['R9449-11.1-b', 'best practice', '11.1', 'A proof is marked as used after all other checks, atomically'],
      ['R9449-11.3-a', 'MUST NOT', '11.3', 'Proofs without nonce do not count once nonces are demanded'],
      ['R9449-11.6-a', 'MUST', '11.6', 'Only asymmetric algorithms sign proofs'],
      ['R9449-5-a', 'best practice', '5', 'The metadata tell what DPoP needs'],
    ]),
  ]),
  chapter('RFC 8705: tokens bound to certificates', [
    ['R8705-3-b', 'MUST', 'RFC 8705 §3', 'A token bound to a certificate is 401 invalid_token without that certificate', rows('R8705-3-c')],
    ['R8705-3.2-a', 'MUST', 'RFC 8705 §3.2', 'A confirmation that introspection tells binds like one in the token', replies],
    ['R8705-3-c', 'best practice', 'RFC 8705 §3', 'The binding is enforced also where mutual TLS is not configured'],
    ...unbuilt(mtls, 'RFC 8705', [
      ['R8705-3-a', 'MUST', '3', 'The certificate of the connection is compared with the one of the token'],
      ['R8705-3.1-a', 'MUST', '3.1', 'x5t#S256 is the digest of the DER form'],
      ['R8705-6.5-a/R9440', 'MUST', '6.5', 'A certificate in a header counts only from a trusted proxy'],
      ['R8705-7-a', 'best practice', '7', 'Self-signed certificates can be bound to'],
    ]),
  ]),
  chapter('RFC 9470: step-up', unbuilt(stepUp, 'RFC 9470', [
    ['R9470-3-a', 'MUST', '3', 'Authentication that does not suffice is 401 insufficient_user_authentication'],
    ['R9470-3-b', 'MUST', '3', 'acr_values lists what suffices, each by itself'],
    ['R9470-3-c', 'MUST', '3', 'max_age is in seconds since auth_time'],
    ['R9470-3-d', 'MAY', '3', 'Both can be in one challenge'],
    ['R9470-6-a', 'MUST', '6', 'acr and auth_time come from the token or from introspection'],
    ['R9470-3-e', 'best practice', '3', 'That challenge carries resource_metadata too'],
  ])),
  chapter('RFC 9396: authorization details', unbuilt(details, 'RFC 9396', [
    ['R9396-9.1-a', 'MUST', '9.1', 'authorization_details is a list of objects with a type'],
    ['R9396-9-b', 'best practice', '9', 'Entries of unknown types, or for other locations, grant nothing'],
    ['R9396-2.2-a', 'best practice', '2.2', 'Common fields are compared exactly'],
    ['R9396-x', 'MAY', '10', 'The metadata list the types'],
  ])),
]
