import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const tokenMutants = [
  // For whom a token was issued
  {
    why: 'any audience will do',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'if (list.some((entry) => isOurs(entry, expected))) return',
    replace: 'if (list.length > 0) return',
  },
  {
    why: 'an audience that begins with the resource will do',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: '  audiences.has(audience) ||',
    replace: '  [...audiences].some((one) => audience.startsWith(one)) ||',
  },
  {
    why: 'a resource that begins with the audience will do',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: '  audiences.has(audience) ||',
    replace: "  [...audiences].some((one) => audience !== '' && one.startsWith(audience)) ||",
  },
  {
    why: 'the case of an audience does not matter',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: '  audiences.has(audience) ||',
    replace: '  audiences.has(audience.toLowerCase()) ||',
  },
  {
    why: "the case of an audience's host never matters",
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: '(foldsAudienceHost && audiences',
    replace: '(audiences.size > 0 && audiences',
  },
  {
    why: 'a token without an audience is for everybody',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: "if (aud === undefined) return missing('aud')",
    replace: 'if (aud === undefined) return undefined',
  },
  {
    why: "what one issuer's tokens may say, every issuer's may",
    file: core('trust'), tests: [test('attacks')],
    find: '...description.alsoAccept.map(filled)',
    replace: '...((globalThis as { names?: string[] }).names = [...((globalThis as { names?: string[] }).names ?? []), ...description.alsoAccept]).map(filled)',
  },
  {
    why: 'an origin is the same with and without its slash, and so is a path',
    file: core('configuration/policy'), tests: [test('attacks')],
    find: "query === '' && (path === '' || path === '/') ? [origin, `${origin}/`] : [text]",
    replace: "query === '' && (path === '' || path === '/') ? [origin, `${origin}/`] : [text, `${text}/`]",
  },

  // What kind of token it is
  {
    why: 'the type of a token is not looked at',
    file: core('token/header'), tests: [test('resource-guard')],
    find: 'if (!issuer.types.has(',
    replace: 'if (issuer.types.size === 0 && !issuer.types.has(',
  },
  {
    why: 'any JWT will do by default',
    file: core('configuration/issuer'), tests: [test('resource-guard')],
    find: "byDefault(described.typ, ['at+jwt'])",
    replace: "described.typ ?? ['at+jwt', 'JWT', null]",
  },
  {
    why: 'a type that ends alike will do',
    file: core('token/header'), tests: [test('attacks')],
    find: "replace(/^application\\/(?=[^/]*$)/, '')",
    replace: "replace(/^.*\\//, '')",
  },
  {
    why: 'every algorithm will do, whatever an issuer may use',
    file: core('token/header'), tests: [test('attacks')],
    find: '!isAlgorithm(alg) || !issuer.algorithms.has(alg)',
    replace: '!isAlgorithm(alg)',
  },
  {
    why: 'a key is used with algorithms of other types',
    file: core('token/key-snapshot'), tests: [test('token/key-snapshot')],
    find: '.filter((key) => key.serves(alg, allowed))',
    replace: '.filter((key) => key.serves(alg, allowed) || alg !== undefined)',
  },
  {
    why: 'an RSA key that names no algorithm is used with each',
    file: core('token/signature'), tests: [test('token/signature')],
    find: 'if (suits(one)) return one === alg',
    replace: 'if (suits(one)) return suits(alg)',
  },
  {
    why: 'a remembered token is let in where its key is for another algorithm',
    file: core('token/jwt'), tests: [test('resource-guard')],
    find: "entry.key.serves(entry.header['alg'] as string, issuer.algorithms) ? entry : undefined",
    replace: "entry.key.serves(entry.header['alg'] as string, issuer.algorithms) ? entry : entry",
  },
  {
    why: 'a key is used with other algorithms than its own',
    file: core('token/jwk'), tests: [test('token/jwk'), test('token/signature')],
    find: "filter((one) => one === alg || members['kty'] === 'OKP')",
    replace: "filter((one) => one === alg || members['kty'] !== 'EC')",
  },
  {
    why: 'extensions that must be understood are passed over',
    file: core('token/header'), tests: [test('resource-guard')],
    find: "if ('crit' in header || 'b64' in header)",
    replace: "if ('b64' in header)",
  },
  {
    why: 'an unencoded payload is passed over',
    file: core('token/header'), tests: [test('attacks')],
    find: "if ('crit' in header || 'b64' in header)",
    replace: "if ('crit' in header)",
  },
  {
    why: 'a kid of any type is used',
    file: core('token/header'), tests: [test('resource-guard')],
    find: "typeof kid !== 'string' || kid.length",
    replace: 'String(kid).length',
  },
  {
    why: 'a token that names no key of the issuer may be signed by any of them',
    file: core('token/key-snapshot'), tests: [test('token/key-snapshot')],
    find: '(byKid.get(kid) ?? [])',
    replace: '(byKid.get(kid) ?? all)',
  },

  // When it is good
  {
    why: 'a token is good for ever',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'return now < exp + clockTolerance ?',
    replace: 'return exp > 0 ?',
  },
  {
    why: 'a token is good in the second in which it expires',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'now < exp + clockTolerance',
    replace: 'now <= exp + clockTolerance',
  },
  {
    why: 'a clock that tells no time lets tokens in',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'return now < exp + clockTolerance ?',
    replace: 'return !(now >= exp + clockTolerance) ?',
  },
  {
    why: 'nbf is not looked at',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'return nbf === undefined ?',
    replace: 'return nbf !== null ?',
  },
  {
    why: 'tokens from the future are good',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'return now + tolerance >= value ?',
    replace: 'return value >= 0 ?',
  },
  {
    why: 'times in milliseconds are times',
    file: core('claims/rfc9068'), tests: [test('claims/rfc9068')],
    find: 'value >= 0 && value <= latestDate',
    replace: 'value >= 0',
  },
  {
    why: 'the defaults forgive an hour',
    file: core('configuration/policy'), tests: [test('resource-guard')],
    find: 'byDefault(options.clockTolerance, 5)',
    replace: 'options.clockTolerance ?? 300',
  },

  // Who holds it
  {
    why: 'a bound token passes as a plain one',
    file: core('resource-guard'), tests: [test('resource-guard')],
    find: 'if (unbound !== undefined) return',
    replace: 'if (unbound?.claim === undefined && unbound) return',
  },
  {
    why: 'a cnf that is null binds nothing',
    file: core('binding/binding'), tests: [test('resource-guard')],
    find: "claims['cnf'] === undefined",
    replace: "claims['cnf'] == null",
  },

  // What it may do
  {
    why: 'one of the scopes is enough',
    file: core('claims/scope'), tests: [test('claims/scope')],
    find: 'needed.every((scope)',
    replace: 'needed.some((scope)',
  },
  {
    why: 'where no scope is named every token will do',
    file: core('claims/scope'), tests: [test('claims/scope')],
    find: 'needed.length > 0 && needed.every',
    replace: 'needed.every',
  },
  {
    why: 'a scope that begins alike will do',
    file: core('claims/scope'), tests: [test('attacks')],
    find: 'needed.every((scope) => granted.includes(scope))',
    replace: 'needed.every((scope) => granted.some((one) => one.startsWith(scope)))',
  },
  {
    why: 'narrower scopes imply broader ones',
    file: core('claims/scope'), tests: [test('claims/scope')],
    find: '[scope, ...(implies.get(scope) ?? [])]',
    replace: '[scope, ...(implies.get(scope) ?? []), ...[...implies].filter(([, list]) => list.includes(scope)).map(([name]) => name)]',
  },
  {
    why: 'principals of other guards are believed',
    file: core('resource-guard'), tests: [test('resource-guard')],
    find: 'if (target?.policies !== policies) {',
    replace: 'if (target === undefined) {',
  },
  {
    why: 'a letter that is no ASCII makes an audience this one',
    file: core('secure-url'), tests: [test('claims/rfc9068')],
    find: 'prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase())',
    replace: 'prefix.toLowerCase()',
  },
  {
    why: 'a token expires while keys are fetched, and is let in',
    file: core('resource-guard'), tests: [test('resource-guard')],
    find: '(mayBeRevoked || verdict instanceof Promise) && expired(',
    replace: 'mayBeRevoked && expired(',
  },
]
