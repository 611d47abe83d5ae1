import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const introspectionMutants = [
  // What the issuer says of a token
  {
    why: 'a token that is not active is good',
    file: core('claims/introspection'), tests: [test('introspection/reply')],
    find: 'active === true ?',
    replace: 'active !== undefined ?',
  },
  {
    why: 'a reply that names no resource is for this one',
    file: core('claims/introspection'), tests: [test('introspection/reply')],
    find: "claims['aud'] === undefined && proves(claims, expected) ?",
    replace: "claims['aud'] === undefined ?",
  },
  {
    why: 'a reply for another resource is for this one',
    file: core('claims/introspection'), tests: [test('introspection/reply')],
    find: "(claims['aud'] === undefined && proves(claims, expected) ? undefined : rfc9068.aud(claims, expected, now))",
    replace: "(claims['aud'] !== null ? undefined : rfc9068.aud(claims, expected, now))",
  },
  {
    why: 'refresh tokens are access tokens',
    file: core('claims/introspection'), tests: [test('introspection/reply')],
    find: "    case 'access_token':",
    replace: "    case 'access_token':\n    case 'refresh_token':",
  },
  {
    why: 'a remembered reply does not expire',
    file: core('token/introspection'), tests: [test('introspection/remembering'), test('introspection/shared')],
    find: 'return judge(answer.claims, Math.max(now, clock() / 1000)) ?? tokenOf(',
    replace: 'return tokenOf(',
  },
  {
    why: 'an endpoint that fails is asked about every token',
    file: core('token/introspection-client'), tests: [test('introspection/remembering')],
    find: "verdict = answer.status < 500 ? 'fine' : 'fault'",
    replace: "verdict = 'fine'",
  },
  {
    why: 'an issuer whose metadata name no endpoint is taken for one that is down',
    file: core('token/introspection-client'), tests: [test('introspection/remembering')],
    find: "error instanceof OutboundFault ? 'fault' : 'fine'",
    replace: "'fault'",
  },
  {
    why: 'each junk token has the metadata read',
    file: core('token/locator'), tests: [test('introspection/client')],
    find: 'Math.min(located.freshUntil, askedAt + lookupPause)',
    replace: '-Infinity',
  },
  {
    why: 'token and secret follow a redirect',
    file: core('outbound/post-form'), tests: [test('introspection/client')],
    find: "redirect: 'manual'",
    replace: "redirect: 'follow'",
  },
  {
    why: "one issuer's shared replies are another's",
    file: core('token/introspector'), tests: [test('introspection/shared')],
    find: 'JSON.stringify([signer.issuer, endpoint,',
    replace: 'JSON.stringify([endpoint,',
  },
  {
    why: 'a JWT that was refused is asked about',
    file: core('token/introspection'), tests: [test('introspection/routing')],
    find: 'return isProblem(verified) || verified.issuer',
    replace: 'if (isProblem(verified) && trust.introspecting[0]) return introspect(token, trust.introspecting[0], now, undefined)\n    return isProblem(verified) || verified.issuer',
  },
  {
    why: 'an opaque token is shown to issuers that may not be its own',
    file: core('token/introspection'), tests: [test('introspection/routing')],
    find: 'issuer === undefined || recognised.length > 1',
    replace: 'issuer === undefined',
  },
  {
    why: 'a revoked token is let in',
    file: core('resource-guard'), tests: [test('revocation')],
    find: 'if (revoked) return',
    replace: "if (revoked && revoked.reason !== 'token_inactive') return",
  },
  {
    why: 'a store that is down revokes nothing',
    file: core('revocation'), tests: [test('revocation')],
    find: "return problem('store_unavailable', { detail: `whether the token is revoked cannot be told: ${describeFailure(error)}` })",
    replace: 'return undefined',
  },
  {
    why: 'a revocation of one issuer is one of all',
    file: core('revocation'), tests: [test('revocation')],
    find: 'JSON.stringify([issuer, kind, value])',
    replace: 'JSON.stringify([issuer && kind, kind, value])',
  },
  {
    why: 'anything but true is no revocation',
    file: core('revocation'), tests: [test('revocation')],
    find: 'if (verdict === false) return undefined',
    replace: 'if (verdict !== true) return undefined',
  },
  {
    why: "what a JWT is called by itself is forgotten over its introspection reply",
    file: core('resource-guard'), tests: [test('revocation')],
    find: 'revocations?.check(principal.issuer, principal.claims, jwt)',
    replace: 'revocations?.check(principal.issuer, principal.claims)',
  },
  {
    why: 'of two revocations at once the later written counts',
    file: core('revocation'), tests: [test('revocation')],
    find: 'before === undefined ? work() : waitAtMost(patience, before).then(work)',
    replace: 'work()',
  },
  {
    why: 'a revocation whose request is gone keeps all later ones waiting',
    file: core('revocation'), tests: [test('revocation')],
    find: 'waitAtMost(patience, before).then(work)',
    replace: 'before.then(work)',
  },
  {
    why: "one tenant's tokens are shown to another tenant's issuer",
    file: core('token/introspectors'), tests: [test('introspection/routing')],
    find: 'JSON.stringify([issuer, description.endpoint,',
    replace: 'JSON.stringify([description.endpoint,',
  },
  {
    why: 'a revocation that was shortened meanwhile counts as kept',
    file: core('revocation'), tests: [test('revocation')],
    find: 'known.issuedBefore >= issuedBefore && known.until >= keepUntil',
    replace: 'known.issuedBefore >= issuedBefore',
  },
  {
    why: 'what no token can come from is revoked, and nothing happens',
    file: core('revocation'), tests: [test('revocation')],
    find: 'if (!mayIssue(revocation.issuer))',
    replace: "if (revocation.issuer === '')",
  },
  {
    why: 'a clock that is ahead has replies live longer',
    file: core('token/introspector'), tests: [test('introspection/shared')],
    find: 'Math.min(askedAt, at) + ttl * 1000',
    replace: 'askedAt + ttl * 1000',
  },
  {
    why: 'a refused reply that time makes good outlives the TTL',
    file: core('token/introspector'), tests: [test('introspection/remembering')],
    find: 'Math.min(refusedTtl, ttl)',
    replace: 'refusedTtl',
  },
  {
    why: 'a TTL that was lowered is not heeded',
    file: core('token/introspector'), tests: [test('introspection/remembering')],
    find: '=> `${ttl} ${key}`',
    replace: '=> key',
  },
  {
    why: 'a secret that was changed in place is not sent',
    file: core('token/introspectors'), tests: [test('introspection/remembering')],
    find: ', description.given])',
    replace: '])',
  },
  {
    why: 'a JWT with dots behind it is opaque',
    file: core('token/format'), tests: [test('introspection/routing')],
    find: '{4})\\.*$)/',
    replace: '{4})$)/',
  },
  {
    why: 'revoke takes an issuer with a variable in it',
    file: core('resource-guard'), tests: [test('revocation')],
    find: '!/[{}]/.test(issuer) && ',
    replace: '',
  },
]
