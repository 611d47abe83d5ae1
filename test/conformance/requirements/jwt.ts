import { chapter, notApplicable, rows, testsOf, theme, type Chapter } from '../requirement.js'

const configuration = testsOf('packages/core/test/configuration/configuration.test.ts')
const format = testsOf('packages/core/test/token/format.test.ts')
const base64url = testsOf('packages/core/test/token/base64url.test.ts')
const jwk = testsOf('packages/core/test/token/jwk.test.ts')
const snapshot = testsOf('packages/core/test/token/key-snapshot.test.ts')
const signature = testsOf('packages/core/test/token/signature.test.ts')
const agreement = testsOf('packages/core/test/token/signature-agreement.test.ts')
const claims = testsOf('packages/core/test/claims/rfc9068.test.ts')
const keySources = testsOf('packages/core/test/token/key-sources.test.ts')
const json = testsOf('test/properties/json.test.ts')
const resourceIds = testsOf('test/properties/resource-ids.test.ts')
const oidcProvider = testsOf('test/oidc-provider.test.ts')
const delegation = testsOf('packages/core/test/claims/delegation.test.ts')

const encrypted = notApplicable('encrypted tokens are refused, whatever is in them')

export const jwt: readonly Chapter[] = [
  chapter('RFC 7515 to 7519: JOSE and JWT', [
    ['R7515-4-a', 'MUST', 'RFC 7515 §4', 'A header that says something twice is refused', format('decodeJwt'), json('JSON that is written with every freedom there is')],
    ['R7515-4.1.1-a', 'MUST', 'RFC 7515 §4.1.1', 'alg is there, allowed, and compared exactly; none is never'],
    ['R7515-4.1.2/3/5-6-a', 'MUST', 'RFC 7515 §4.1.2', 'Keys come from the issuer: jku, x5u, jwk and x5c are neither followed nor trusted'],
    ['R7515-4.1.4-a', 'MUST', 'RFC 7515 §4.1.4', 'kid is a string, compared exactly'],
    ['R7515-4.1.9-a', 'MUST', 'RFC 7515 §4.1.9', 'typ is a media type: in any case, with or without application/'],
    ['R7515-4.1.11-a', 'MUST', 'RFC 7515 §4.1.11', 'A critical extension that is unknown, empty or misplaced refuses the token'],
    ['R7515-5.2-a', 'MUST', 'RFC 7515 §5.2', 'base64url is exact: no padding, no white space, no spare bits', base64url('decodes %j'), base64url('refuses %s'), base64url('accepts exactly one text for every last byte, and for every last two')],
    ['R7515-5.2-b', 'MUST', 'RFC 7515 §5.2', 'Only the compact serialisation is read', format('decodeJwt')],
    ['R7515-10.7-a', 'MUST', 'RFC 7515 §10.7', 'An algorithm is used only with a key of its type', signature('signatures with %s')],
    ['R7517-5-a', 'SHOULD', 'RFC 7517 §5', 'Keys that cannot be used are passed over, not the set that has them', snapshot('a key set > is read past what cannot be used')],
    ['R7517-4.2-a', 'SHOULD', 'RFC 7517 §4.2', 'A key for encryption, or for other operations than verify, verifies nothing', jwk('an unusable JWK is undefined, never a throw')],
    ['R7517-4.4-a', 'SHOULD', 'RFC 7517 §4.4', 'The alg of a key is the only one that it serves', signature('signatures with %s')],
    ['R7517-4.5-a', 'SHOULD', 'RFC 7517 §4.5', 'Keys under one kid are told apart by type, curve, use and alg', snapshot('a key set > keeps several keys of one kid apart by what they are for')],
    ['R7517-9-a', 'MUST', 'RFC 7517 §9', 'Private and symmetric keys in a published set are not used', jwk('an unusable JWK is undefined, never a throw')],
    ['R7518-3.3-a', 'MUST', 'RFC 7518 §3.3', 'RSA keys have at least 2048 bits', jwk('an unusable JWK is undefined, never a throw')],
    ['R7518-3.2-a', 'MUST', 'RFC 7518 §3.2', 'HMAC keys are as long as the hash', notApplicable('symmetric algorithms are not supported')],
    ['R7518-3.4-a', 'MUST', 'RFC 7518 §3.4', 'An ECDSA signature is R and S at their exact length, over the curve of its algorithm', signature('signatures with %s'), agreement('%s: node:crypto and jose never come to a different verdict')],
    ['R7519-4-a', 'MUST', 'RFC 7519 §4', 'Claims that say something twice are refused', format('decodeJwt'), json('JSON that is written with every freedom there is')],
    ['R7519-4.1.1-a', 'MUST', 'RFC 7519 §4.1.1', 'iss is compared exactly'],
    ['R7519-4.1.3-a', 'MUST', 'RFC 7519 §4.1.3', 'aud is a string or a list of strings, and names this resource', claims('aud')],
    ['R7519-4.1.4-a', 'MUST', 'RFC 7519 §4.1.4', 'A token ends at exp, but for a small tolerance', claims('times')],
    ['R7519-4.1.5-a', 'MUST', 'RFC 7519 §4.1.5', 'A token is not taken before nbf, but for a small tolerance', claims('times')],
    ['R7519-4.1.6-a', 'best practice', 'RFC 7519 §4.1.6', 'A token issued in the future is refused'],
    ['R7519-2-a', 'MUST', 'RFC 7519 §2', 'NumericDate may have a fraction'],
    ['R7519-7.2-a', 'MUST', 'RFC 7519 §7.2', 'Header and claims are JSON objects in UTF-8', format('decodeJwt'), base64url('UTF-8')],
    ['R7519-6-a', 'MUST NOT', 'RFC 7519 §6', 'An unsecured token is not taken', rows('R7515-4.1.1-a')],
    ['R7519-7.3-a', 'MUST', 'RFC 7519 §7.3', 'Strings are compared code point by code point, after escapes are read and without normalisation', resourceIds('a token is for a resource')],
    ['R7638-3-a', 'MUST', 'RFC 7638 §3', 'A thumbprint is over the required members, in order', signature('canonical')],
    ['R8037/R9864-a', 'SHOULD', 'RFC 9864 §2.2', 'Ed25519 is taken under its name and under EdDSA', signature('signatures with %s')],
  ]),
  chapter('RFC 8725 and its revision: JWT best current practice', [
    ['R8725-3.1-a', 'MUST', 'RFC 8725 §3.1', 'The algorithms are those that were allowed, and no others run', configuration('a mistake in the options names the option and the fix')],
    ['bis-3.1-b', 'MUST', 'rfc8725bis §3.1', 'The algorithm agrees with the key that the kid names', signature('signatures with %s')],
    ['bis-3.1-c', 'MUST', 'rfc8725bis §3.1', 'Each issuer has its own algorithms'],
    ['R8725-3.1-d', 'MUST', 'RFC 8725 §3.1', 'A JWK serves exactly one algorithm, whether or not it names it', rows('R7517-4.4-a'), signature('signatures with %s')],
    ['bis-3.1-e', 'SHOULD', 'rfc8725bis §3.1', 'Algorithms are allowed by exact name, never forbidden by one', rows('R7515-4.1.1-a'), configuration('a mistake in the options names the option and the fix')],
    ['R8725-3.2-a', 'MUST', 'RFC 8725 §3.2', 'Only current algorithms: no HMAC, no SHA-1, no secp256k1', rows('R8725-3.1-a'), jwk('an unusable JWK is undefined, never a throw')],
    ['R8725-3.3-a', 'MUST', 'RFC 8725 §3.3', 'Every signature is verified over what it signs', signature('signatures with %s')],
    ['bis-3.3-b', 'MUST', 'rfc8725bis §3.3', 'An encrypted token is not taken for a signed one'],
    ['R8725-3.4-a', 'MUST', 'RFC 8725 §3.4', 'Points lie on their curve, moduli and exponents are sane', jwk('an unusable JWK is undefined, never a throw'), signature('signatures with %s')],
    ['R8725-3.7-a', 'MUST', 'RFC 8725 §3.7', 'UTF-8 only', base64url('UTF-8')],
    ['R8725-3.8-a', 'MUST', 'RFC 8725 §3.8', 'A key signs for its issuer alone', keySources('a key source > is never shared by two issuers, nor is a key, also at one URL or with one set in hand'), oidcProvider("a template with an issuer for each tenant > does not let one tenant's issuer speak for another tenant")],
    ['R8725-3.8-b', 'MUST', 'RFC 8725 §3.8', 'A subject is one only together with its issuer'],
    ['R8725-3.9-a', 'MUST', 'RFC 8725 §3.9', 'A token without an audience, or with another one, is refused', theme('audience')],
    ['R8725-3.10-a', 'MUST', 'RFC 8725 §3.10', 'kid selects among keys in hand and nothing else; no URL of a token is followed', rows('R7515-4.1.2/3/5-6-a'), rows('RFC 8725 §3.10')],
    ['R8725-3.11-a', 'RECOMMENDED', 'RFC 8725 §3.11', 'Access tokens are typed', rows('R9068-4-1')],
    ['bis-3.11-b', 'MUST', 'rfc8725bis §3.11', 'A typ without a slash means application/ and it'],
    ['bis-3.11-c', 'best practice', 'rfc8725bis §3.11', 'An issuer that does not type its tokens can be described as such'],
    ['R8725-3.12-a', 'MUST', 'RFC 8725 §3.12', 'Other kinds of JWT from the same issuer are not access tokens', configuration('a mistake in the options names the option and the fix')],
    ['bis-3.13-a', 'RECOMMENDED', 'rfc8725bis §3.13', 'The iteration count of password-based encryption is bounded', encrypted],
    ['bis-3.14-a', 'MUST', 'rfc8725bis §3.14', 'Other characters than a token may have are refused, whatever they would decode to', rows('R6750-2.1-c'), format('decodeJwt')],
    ['bis-3.15-a', 'RECOMMENDED', 'rfc8725bis §3.15', 'What an encrypted token unpacks to is bounded', encrypted],
    ['bis-3.2-b', 'SHOULD', 'rfc8725bis §3.2', 'Fully specified algorithm names are understood', rows('R8037/R9864-a')],
  ]),
  chapter('RFC 9068: JWT access tokens', [
    ['R9068-2.1-a', 'MUST', 'RFC 9068 §2.1', 'Tokens are signed; RS256 is supported', rows('RFC 7518 §3.1')],
    ['R9068-4-1', 'MUST', 'RFC 9068 §4', 'typ is at+jwt or application/at+jwt', rows('R8725-3.11-a'), rows('R8725-3.12-a')],
    ['R9068-4-2', 'SHOULD', 'RFC 9068 §4', 'Where encryption was agreed on, tokens in the clear are refused', notApplicable('encryption is never agreed on')],
    ['R9068-4-3', 'MUST', 'RFC 9068 §4', 'iss is exactly that of the authorization server', rows('R7519-4.1.1-a')],
    ['R9068-4-4', 'MUST', 'RFC 9068 §4', 'aud has an identifier that this resource server expects for itself', resourceIds('a token is for a resource'), oidcProvider('several resources of one issuer > refuses it at every other')],
    ['R9068-4-5', 'MUST', 'RFC 9068 §4', 'The signature is verified by a key of the issuer', rows('R8725-3.3-a')],
    ['R9068-4-6', 'MUST', 'RFC 9068 §4', 'Now is before exp; the tolerance is seconds, and minutes at most', configuration('a mistake in the options names the option and the fix')],
    ['R9068-4-7', 'MUST', 'RFC 9068 §4', 'Every check that fails is invalid_token', theme('claims'), theme('audience'), theme('signature')],
    ['R9068-2.2-a', 'MUST', 'RFC 9068 §2.2', 'iss, exp, aud, sub, client_id, iat and jti are there'],
    ['R9068-2.2.1-a', 'MAY', 'RFC 9068 §2.2.1', 'auth_time, acr and amr can be asked for', { standing: 'not yet built', why: 'step-up; handlers see the claims' }],
    ['R9068-4-8', 'SHOULD', 'RFC 9068 §4', 'Scopes are read and used to authorize; further claims are for the application'],
    ['R9068-5-a', 'best practice', 'RFC 9068 §5', 'A client that acts for itself can be told from a user'],
    ['R9068-6-a', 'MUST', 'RFC 9068 §6', 'A refusal does not tell the client what is in the token'],
  ]),
  chapter('RFC 8693: delegation', [
    ['R8693-4.1-a', 'MUST', 'RFC 8693 §4.1', 'Access follows from the claims of the token itself; no actor adds to it', delegation('an actor')],
    ['R8693-4.1-b', 'best practice', 'RFC 8693 §4.1', 'Claims within act are not those of the token, and may not nest without end', delegation('an actor')],
    ['R8693-4.4-a', 'best practice', 'RFC 8693 §4.4', 'may_act grants nothing', delegation('who may act')],
    ['R8693-4.2/4.3', 'MAY', 'RFC 8693 §4.2', 'scope is a string; where an issuer is described so, a list', claims('scope')],
  ]),
]
