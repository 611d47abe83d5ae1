// Mistakes that must not go unnoticed. Each is made by hand in a copy of the sources, and the tests named beside it have to fail.

/**
 * @typedef {object} Mutant
 * @property {string} why What the mistake would mean.
 * @property {string} file
 * @property {string} find Must be there exactly once.
 * @property {string} replace
 * @property {readonly string[]} tests The files whose tests must notice.
 */

const core = (path) => `packages/core/src/${path}.ts`
const test = (path) => `packages/core/test/${path}.test.ts`
const guard = test('resource-guard')

/** @type {readonly Mutant[]} */
export const mutants = [
  // For whom a token was issued
  { why: 'any audience will do', file: core('claims/rfc9068'), find: 'return list.some((entry) => isOurs(entry, expected)) ?', replace: 'return list.length > 0 ?', tests: [test('claims/rfc9068')] },
  { why: 'an audience that begins with the resource will do', file: core('claims/rfc9068'), find: '  audiences.has(audience) ||', replace: '  [...audiences].some((one) => audience.startsWith(one)) ||', tests: [test('claims/rfc9068')] },
  { why: 'a resource that begins with the audience will do', file: core('claims/rfc9068'), find: '  audiences.has(audience) ||', replace: "  [...audiences].some((one) => audience !== '' && one.startsWith(audience)) ||", tests: [test('claims/rfc9068')] },
  { why: 'the case of an audience does not matter', file: core('claims/rfc9068'), find: '  audiences.has(audience) ||', replace: '  audiences.has(audience.toLowerCase()) ||', tests: [test('claims/rfc9068')] },
  { why: "the case of an audience's host never matters", file: core('claims/rfc9068'), find: '(foldsAudienceHost && audiences', replace: '(audiences.size > 0 && audiences', tests: [test('claims/rfc9068')] },
  { why: 'a token without an audience is for everybody', file: core('claims/rfc9068'), find: "if (aud === undefined) return missing('aud')", replace: 'if (aud === undefined) return undefined', tests: [test('claims/rfc9068')] },
  { why: "what one issuer's tokens may say, every issuer's may", file: core('targets'), find: '...description.alsoAccept.map(', replace: '...descriptions.flatMap((each) => each.alsoAccept).map(', tests: [test('attacks')] },
  { why: 'an origin is the same with and without its slash, and so is a path', file: core('configuration/policy'), find: "query === '' && (path === '' || path === '/') ? [origin, `${origin}/`] : [text]", replace: "query === '' && (path === '' || path === '/') ? [origin, `${origin}/`] : [text, `${text}/`]", tests: [test('attacks')] },

  // What kind of token it is
  { why: 'the type of a token is not looked at', file: core('token/header'), find: 'if (!issuer.types.has(', replace: 'if (issuer.types.size === 0 && !issuer.types.has(', tests: [guard] },
  { why: 'any JWT will do by default', file: core('configuration/issuer'), find: "described.typ ?? ['at+jwt']", replace: "described.typ ?? ['at+jwt', 'JWT', null]", tests: [guard] },
  { why: 'a type that ends alike will do', file: core('token/header'), find: "replace(/^application\\/(?=[^/]*$)/, '')", replace: "replace(/^.*\\//, '')", tests: [test('attacks')] },
  { why: 'every algorithm will do, whatever an issuer may use', file: core('token/header'), find: '!isAlgorithm(alg) || !issuer.algorithms.has(alg)', replace: '!isAlgorithm(alg)', tests: [test('attacks')] },
  { why: 'a key is used with algorithms of other types', file: core('token/key-snapshot'), find: '.filter((key) => key.suits(alg))', replace: '.filter((key) => key.suits(alg) || alg !== undefined)', tests: [test('token/key-snapshot')] },
  { why: 'a key is used with other algorithms than its own', file: core('token/jwk'), find: "filter((one) => one === alg || members['kty'] === 'OKP')", replace: "filter((one) => one === alg || members['kty'] !== 'EC')", tests: [test('token/jwk'), test('token/signature')] },
  { why: 'extensions that must be understood are passed over', file: core('token/header'), find: "if ('crit' in header || 'b64' in header)", replace: "if ('b64' in header)", tests: [guard] },
  { why: 'an unencoded payload is passed over', file: core('token/header'), find: "if ('crit' in header || 'b64' in header)", replace: "if ('crit' in header)", tests: [test('attacks')] },
  { why: 'a kid of any type is used', file: core('token/header'), find: "typeof kid !== 'string' || kid.length", replace: 'String(kid).length', tests: [guard] },
  { why: 'a token that names no key of the issuer may be signed by any of them', file: core('token/key-snapshot'), find: '(byKid.get(kid) ?? [])', replace: '(byKid.get(kid) ?? all)', tests: [test('token/key-snapshot')] },

  // Who signed it
  { why: 'a signature is not checked', file: core('token/jwt'), find: "if (typeof verdict === 'boolean' ? verdict : await verdict) return key", replace: 'if (verdict !== undefined) return key', tests: [test('key-faults')] },
  { why: 'ECDSA signatures may be DER', file: core('token/node-signature'), find: "{ dsaEncoding: 'ieee-p1363' }", replace: "{ dsaEncoding: 'der' }", tests: [test('token/signature')] },
  { why: 'a PSS salt may have any length', file: core('token/node-signature'), find: '{ padding: 6, saltLength }', replace: '{ padding: 6, saltLength: saltLength && -2 }', tests: [test('token/signature')] },
  { why: 'RSA keys of 1024 bits will do', file: core('token/jwk'), find: 'const shortestModulus = 2048', replace: 'const shortestModulus = 1024', tests: [test('token/jwk')] },
  { why: 'keys for encryption verify', file: core('token/jwk'), find: "(use === undefined || use === 'sig') &&", replace: "(use !== '') &&", tests: [test('token/jwk')] },
  { why: 'a published private key verifies', file: core('token/jwk'), find: "|| privateMembers.some((name) => members[name] !== undefined)", replace: '|| privateMembers.length === 0', tests: [test('token/jwk')] },
  { why: 'any spelling of base64url will do', file: core('token/base64url'), find: "return bytes.toString('base64url') === text ? bytes : undefined", replace: 'return bytes', tests: [test('token/base64url')] },
  { why: 'bytes that are no UTF-8 are replaced', file: core('token/base64url'), find: '{ fatal: true, ignoreBOM: true }', replace: '{ fatal: false, ignoreBOM: true }', tests: [test('token/format')] },
  { why: 'of two members of one name the last is taken', file: core('token/format'), find: "string === '__proto__' || members.has(string)", replace: "string === '__proto__'", tests: [test('token/format')] },
  { why: 'only members at the top are looked at twice', file: core('token/format'), find: 'if (memberNext) {', replace: 'if (memberNext && open.length === 1) {', tests: [test('token/format')] },
  { why: '__proto__ is a member like any other', file: core('token/format'), find: "string === '__proto__' || members.has(string)", replace: 'members.has(string)', tests: [test('token/format')] },
  { why: 'claims can be changed by a handler', file: core('token/format'), find: "if (typeof member === 'object' && member !== null) deepFreeze(member)", replace: 'if (member === value) deepFreeze(value)', tests: [test('token/format')] },
  { why: 'issuers share keys where they have one URL', file: core('token/key-sources'), find: 'JSON.stringify([issuer, jwks', replace: 'JSON.stringify([jwks', tests: [test('token/key-sources')] },

  // When it is good
  { why: 'a token is good for ever', file: core('claims/rfc9068'), find: 'return now < exp + clockTolerance ?', replace: 'return exp > 0 ?', tests: [test('claims/rfc9068')] },
  { why: 'a token is good in the second in which it expires', file: core('claims/rfc9068'), find: 'now < exp + clockTolerance', replace: 'now <= exp + clockTolerance', tests: [test('claims/rfc9068')] },
  { why: 'a clock that tells no time lets tokens in', file: core('claims/rfc9068'), find: 'return now < exp + clockTolerance ?', replace: 'return !(now >= exp + clockTolerance) ?', tests: [test('claims/rfc9068')] },
  { why: 'nbf is not looked at', file: core('claims/rfc9068'), find: 'return nbf === undefined ?', replace: 'return nbf !== null ?', tests: [test('claims/rfc9068')] },
  { why: 'tokens from the future are good', file: core('claims/rfc9068'), find: 'return now + tolerance >= value ?', replace: 'return value >= 0 ?', tests: [test('claims/rfc9068')] },
  { why: 'times in milliseconds are times', file: core('claims/rfc9068'), find: 'value >= 0 && value <= latestDate', replace: 'value >= 0', tests: [test('claims/rfc9068')] },
  { why: 'the defaults forgive an hour', file: core('configuration/policy'), find: 'options.clockTolerance ?? 5', replace: 'options.clockTolerance ?? 300', tests: [guard] },

  // What is remembered
  { why: 'a remembered token does not expire', file: core('token/jwt'), find: '?? judgeTime(jwt.claims, issuer, now)', replace: '?? (remembered ? undefined : judgeTime(jwt.claims, issuer, now))', tests: [guard] },
  { why: 'a remembered token is good at every resource', file: core('token/jwt'), find: 'if (remembered !== undefined && issuer.approved.has(remembered)) return undefined', replace: 'if (remembered !== undefined) return undefined', tests: [guard] },
  { why: 'a token that was approved at one resource is approved at all', file: core('targets'), find: 'approved: new WeakSet(),', replace: "approved: ((globalThis as { approved?: WeakSet<object> }).approved ??= new WeakSet()),", tests: [guard] },
  { why: 'a remembered token outlives its key', file: core('token/jwt'), find: 'if (keys?.has(entry.key)) return entry', replace: 'if (keys) return entry', tests: [test('key-faults')] },
  { why: 'what was verified by the keys of one issuer is taken from another', file: core('token/jwt'), find: "if (entry === undefined || issuers.get(entry.claims['iss'] as string)?.keys !== entry.source) return undefined", replace: 'if (entry === undefined) return undefined', tests: [test('attacks')] },
  { why: 'a token is remembered without its signature', file: core('token/jwt'), find: "'' : digestToken(token)", replace: "'' : digestToken(token.slice(0, token.lastIndexOf('.')))", tests: [test('attacks')] },
  { why: 'refused tokens are remembered too', file: core('token/jwt'), find: '      if (isProblem(signedBy)) return signedBy\n', replace: '', tests: [test('key-faults')] },
  { why: 'a principal of one resource is handed out at another', file: core('targets'), find: 'principals: new WeakMap(),', replace: "principals: ((globalThis as { principals?: WeakMap<object, Principal> }).principals ??= new WeakMap()),", tests: [test('attacks')] },

  // Who holds it
  { why: 'a bound token passes as a plain one', file: core('resource-guard'), find: 'if (unbound !== undefined) return', replace: 'if (unbound?.claim === undefined && unbound) return', tests: [guard] },
  { why: 'a cnf that is null binds nothing', file: core('binding/binding'), find: "claims['cnf'] === undefined", replace: "claims['cnf'] == null", tests: [guard] },

  // How it is presented
  { why: 'of two Authorization lines the last counts', file: core('request/access-request'), find: 'found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`', replace: 'found = raw[i + 1] as string', tests: ['test/properties/credentials.test.ts'] },
  { why: 'of two Authorization lines the first counts', file: core('request/access-request'), find: 'found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`', replace: 'found ??= raw[i + 1] as string', tests: ['test/properties/credentials.test.ts'] },
  { why: 'a scheme that begins with Bearer is Bearer', file: core('request/credentials'), find: "(Number.isNaN(next) || next === 0x20 || next === 0x09) && value", replace: 'next !== 0 && value', tests: [test('request/credentials')] },
  { why: 'tokens of any length are looked at', file: core('request/credentials'), find: "if (value.length > maxLength + 'Bearer '.length)", replace: 'if (value.length > maxLength * 1000)', tests: [test('attacks')] },
  { why: 'a tab may stand for the space', file: core('request/credentials'), find: 'while (value.charCodeAt(start) === 0x20) start++', replace: 'while (value.charCodeAt(start) === 0x20 || value.charCodeAt(start) === 0x09) start++', tests: [test('request/credentials')] },

  // Which resource it is
  { why: 'every segment is a tenant', file: core('targets'), find: 'if (isOne !== true) return false', replace: 'if (isOne === undefined) return false', tests: [test('targets')] },
  { why: 'what is nearly true is yes', file: core('targets'), find: 'if (isOne !== true) return false', replace: 'if (!isOne) return false', tests: [test('targets')] },
  { why: 'a tenant may have any characters', file: core('targets'), find: 'if (!isSegment(value)) return false', replace: "if (value === '') return false", tests: [test('attacks')] },
  { why: "another resource's spelling is judged as this one", file: core('targets'), find: 'asWritten?.resource !== asFolded?.resource ||', replace: '', tests: [test('targets')] },
  { why: 'routers are taken not to fold case', file: core('request/path'), find: '.toLowerCase().split(', replace: '.split(', tests: [test('request/path')] },
  { why: 'routers are taken not to collapse slashes', file: core('request/path'), find: "split('/').filter(Boolean)", replace: "split('/').slice(1)", tests: [test('request/path')] },
  { why: 'routers are taken not to decode', file: core('request/path'), find: '    return decodeURIComponent(path)', replace: '    return decodeURIComponent(path) && path', tests: [test('request/path')] },
  { why: 'an encoded slash is a character like any other', file: core('request/path'), find: '%(?:2f|5c|2e|00)/i', replace: '%(?:5c|2e|00)/i', tests: [test('request/path')] },
  { why: 'encoded dots are characters like any other', file: core('request/path'), find: '%(?:2f|5c|2e|00)/i', replace: '%(?:2f|5c|00)/i', tests: [test('attacks')] },
  { why: 'a backslash is a character like any other', file: core('request/path'), find: '|[\\\\#]|', replace: '|#|', tests: [test('request/path')] },
  { why: 'the host of a request target is part of its path', file: core('request/path'), find: '(absoluteForm.exec(url)?.[0].length ?? 0)', replace: '0', tests: [test('request/path')] },
  { why: 'a shorter resource wins over a longer one', file: core('targets'), find: 'return b.segments.length - a.segments.length', replace: 'return a.segments.length - b.segments.length', tests: [test('targets')] },
  { why: 'what asks for scopes can be reached without a token', file: core('resource-guard'), find: 'const mayBeOpen = route?.scopes === undefined', replace: 'const mayBeOpen = true as boolean', tests: ['packages/fetch/test/fetch.test.ts'] },
  { why: 'a preflight may carry credentials that nobody checks', file: core('request/preflight'), find: "headers.get('authorization') === null", replace: "headers.get('authorization') !== ''", tests: [test('attacks')] },

  // What it may do
  { why: 'one of the scopes is enough', file: core('claims/scope'), find: 'needed.every((scope)', replace: 'needed.some((scope)', tests: [test('claims/scope')] },
  { why: 'where no scope is named every token will do', file: core('claims/scope'), find: 'needed.length > 0 && needed.every', replace: 'needed.every', tests: [test('claims/scope')] },
  { why: 'a scope that begins alike will do', file: core('claims/scope'), find: 'needed.every((scope) => granted.includes(scope))', replace: 'needed.every((scope) => granted.some((one) => one.startsWith(scope)))', tests: [test('attacks')] },
  { why: 'narrower scopes imply broader ones', file: core('claims/scope'), find: '[scope, ...(implies.get(scope) ?? [])]', replace: '[scope, ...(implies.get(scope) ?? []), ...[...implies].filter(([, list]) => list.includes(scope)).map(([name]) => name)]', tests: [test('claims/scope')] },
  { why: 'principals of other guards are believed', file: core('resource-guard'), find: 'const target = targetOf.get(principal)\n', replace: 'const target = targetOf.get(principal) ?? targets.fixed[0]\n', tests: [guard] },

  // What clients are told
  { why: 'a value can end its quotes', file: core('response/challenge'), find: '/[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]/g', replace: '/[^\\x20-\\x5b\\x5d-\\x7e]/g', tests: ['test/properties/challenges.test.ts'] },
  { why: 'an outage looks like a bad token', file: core('response/refusal'), find: 'answer.status < 404', replace: 'answer.status < 504', tests: [guard] },
  { why: 'refusals are cached', file: core('response/refusal'), find: "['cache-control', 'no-store'], ", replace: '', tests: [test('attacks')] },
  { why: 'a client that sent nothing is told of an error', file: core('response/answers'), find: 'credentials_missing: { status: 401, ', replace: "credentials_missing: { status: 401, error: 'invalid_token', ", tests: [test('attacks')] },
  { why: 'which check failed is told to strangers', file: core('response/answers'), find: 'token_expired: invalidToken,', replace: "token_expired: { ...invalidToken, description: 'The access token has expired.' },", tests: [test('attacks')] },
  { why: 'the slash of a root is kept in the URL of its metadata', file: core('response/metadata'), find: "(path === '/' ? '' : path)", replace: 'path', tests: ['test/properties/resource-ids.test.ts'] },
  { why: 'a query is dropped from the URL of the metadata', file: core('response/metadata'), find: '${metadataSuffix(path)}${query}`', replace: '${metadataSuffix(path)}`', tests: ['test/properties/resource-ids.test.ts'] },
  { why: 'the metadata name the resource as a URL parser writes it', file: core('response/metadata'), find: 'JSON.stringify({\n    resource,', replace: 'JSON.stringify({\n    resource: new URL(resource).href,', tests: ['test/properties/resource-ids.test.ts'] },
  { why: 'metadata are found under any spelling', file: core('targets'), find: 'else if (segment !== value) return undefined', replace: 'else if (segment !== value.toLowerCase()) return undefined', tests: [test('targets')] },
  { why: 'a log can be written into', file: core('response/problem'), find: "value.slice(0, 256).replace(/[^\\x20-\\x7e\\u00a1-\\ud7ff\\ue000-\\uffef]|[\\u2028-\\u202e\\u2066-\\u2069]/g, '?')", replace: 'value.slice(0, 256)', tests: ['test/properties/challenges.test.ts'] },
  { why: 'a hook that throws changes the answer', file: core('resource-guard'), find: '  } catch {\n    // An observer has no say.\n  }', replace: '  } finally {\n    // An observer has no say.\n  }', tests: [guard] },

  // Where keys come from
  { why: 'redirects lead to other origins', file: core('outbound/fetch-json'), find: 'to.origin !== from.origin || ', replace: '', tests: [test('outbound/fetch-json')] },
  { why: 'metadata lead to private addresses', file: core('token/discovery'), find: 'if (isPrivateHost(url.hostname) && !configured) {', replace: 'if (isPrivateHost(url.hostname) && configured && !configured) {', tests: [test('token/discovery')] },
  { why: 'addresses of IPv6 are all public', file: core('outbound/url'), find: "if (hostname.startsWith('[')) return isPrivateIpv6(hostname)", replace: "if (hostname.startsWith('[')) return hostname === '[::1]'", tests: [test('outbound/url')] },
  { why: 'http will do for any host', file: core('secure-url'), find: "(url.protocol === 'http:' && loopback.has(url.hostname))", replace: "url.protocol === 'http:'", tests: [test('outbound/url')] },
  { why: 'http will do for hosts that resolve to this machine', file: core('secure-url'), find: 'loopback.has(url.hostname)', replace: "(loopback.has(url.hostname) || url.hostname.endsWith('.localhost'))", tests: [test('outbound/url')] },
  { why: 'metadata of another issuer are believed', file: core('token/discovery'), find: 'if (named !== issuer) {', replace: "if (typeof named !== 'string') {", tests: [test('token/discovery')] },
  { why: 'metadata of an issuer with another slash are believed', file: core('token/discovery'), find: 'if (named !== issuer) {', replace: "if (String(named).replace(/\\/$/, '') !== issuer.replace(/\\/$/, '')) {", tests: [test('faults')] },
  { why: 'an answer may have any length', file: core('outbound/body'), find: 'if (size > maxBytes) break', replace: 'if (size > maxBytes * 1e6) break', tests: [test('outbound/fetch-json')] },
  { why: 'dead keys are used', file: core('token/remote-keys'), find: 'held !== undefined && at < held.deadAt ? held', replace: 'held !== undefined ? held', tests: [test('key-faults')] },
  { why: 'unknown kids have the keys fetched each time', file: core('token/reload-budget'), find: 'if (level < 1) return false', replace: 'if (level < -Infinity) return false', tests: [test('token/remote-keys')] },
  { why: 'a failed refresh is tried again by every request', file: core('token/remote-keys'), find: 'if (underWay(at) === undefined && at >= retryAt) begin(at)', replace: 'if (underWay(at) === undefined) begin(at)', tests: [test('token/remote-keys')] },

  // What the issuer says of a token
  { why: 'a token that is not active is good', file: core('claims/introspection'), find: 'active === true ?', replace: 'active !== undefined ?', tests: [test('introspection/reply')] },
  { why: 'a reply that names no resource is for this one', file: core('claims/introspection'), find: "claims['aud'] === undefined && proves(claims, expected) ?", replace: "claims['aud'] === undefined ?", tests: [test('introspection/reply')] },
  { why: 'a reply for another resource is for this one', file: core('claims/introspection'), find: "(claims['aud'] === undefined && proves(claims, expected) ? undefined : rfc9068.aud(claims, expected, now))", replace: "(claims['aud'] !== null ? undefined : rfc9068.aud(claims, expected, now))", tests: [test('introspection/reply')] },
  { why: 'refresh tokens are access tokens', file: core('claims/introspection'), find: "    case 'access_token':", replace: "    case 'access_token':\n    case 'refresh_token':", tests: [test('introspection/reply')] },
  { why: 'a remembered reply does not expire', file: core('token/introspection'), find: 'return judge(answer.claims, now) ?? tokenOf(', replace: 'return tokenOf(', tests: [test('introspection/remembering'), test('introspection/shared')] },
  { why: 'a JWT that was refused is asked about', file: core('token/introspection'), find: 'return isProblem(verified) || verified.issuer', replace: 'if (isProblem(verified) && trust.introspecting[0]) return introspect(token, trust.introspecting[0], now, undefined)\n    return isProblem(verified) || verified.issuer', tests: [test('introspection/routing')] },
  { why: 'an opaque token is shown to issuers that may not be its own', file: core('token/introspection'), find: 'issuer === undefined || recognised.length > 1', replace: 'issuer === undefined', tests: [test('introspection/routing')] },
  { why: 'a revoked token is let in', file: core('resource-guard'), find: 'if (revoked) return', replace: "if (revoked && revoked.reason !== 'token_inactive') return", tests: [test('revocation')] },
  { why: 'a store that is down revokes nothing', file: core('revocation'), find: "return problem('store_unavailable', { detail: 'whether the token is revoked cannot be told' })", replace: 'return undefined', tests: [test('revocation')] },
  { why: 'a revocation of one issuer is one of all', file: core('revocation'), find: 'JSON.stringify([issuer, kind, value])', replace: 'JSON.stringify([issuer && kind, kind, value])', tests: [test('revocation')] },
  { why: 'anything but true is no revocation', file: core('revocation'), find: 'if (verdict === false) return undefined', replace: 'if (verdict !== true) return undefined', tests: [test('revocation')] },

  // What can be configured
  { why: 'HMAC can be configured', file: core('token/algorithms'), find: "'EdDSA', 'Ed25519',\n", replace: "'EdDSA', 'Ed25519', 'HS256',\n", tests: [test('configuration/configuration')] },
  { why: 'a misspelt option is passed over', file: core('configuration/check'), find: 'find((member) => !Object.hasOwn(known, member))', replace: 'find((member) => known === undefined && member)', tests: [test('configuration/configuration')] },
  { why: 'a private key in hand is passed over', file: core('token/keys-in-hand'), find: 'if (secret !== -1) {', replace: 'if (secret < -1) {', tests: [test('token/key-sources')] },
  { why: 'ID tokens can be let in by their type', file: core('configuration/issuer'), find: 'if (other !== undefined) throw', replace: "if (other === '') throw", tests: [test('configuration/configuration')] },
  { why: 'a resource may be written in several ways', file: core('request/resource'), find: 'if (hideBraces(text) !== canonical) throw', replace: "if (canonical === '') throw", tests: [test('request/resource')] },
  { why: "one tenant's further audience will do for all", file: core('configuration/check'), find: 'if (!variables.every((name) => text.includes(`{${name}}`))) {', replace: 'if (variables.every((name) => name === text)) {', tests: [test('configuration/configuration')] },
  { why: 'one resource may take the tokens of another', file: core('configuration/configuration'), find: 'if (stolen !== undefined) throw', replace: "if (stolen === '') throw", tests: [test('configuration/configuration')] },

  // The adapters
  { why: 'Express judges another path than it serves', file: 'packages/express/src/index.ts', find: 'req.baseUrl + req.path', replace: "req.originalUrl.replace(/\\?.*/, '')", tests: ['packages/express/test/express.test.ts'] },
  { why: 'Express goes on after a refusal', file: 'packages/express/src/index.ts', find: "if (outcome.kind === 'reply') return send(res, outcome)", replace: "if (outcome.kind === 'reply') send(res, outcome)", tests: ['packages/express/test/express.test.ts'] },
  { why: "Express believes in another middleware's principal", file: 'packages/core/src/passage.ts', find: 'if (attached !== passage.principal) {', replace: 'if (attached === undefined) {', tests: ['packages/express/test/express.test.ts'] },
  { why: 'Fastify goes on while a refusal is sent', file: 'packages/fastify/src/index.ts', find: "if (outcome.kind === 'reply') return send(reply, outcome)", replace: "if (outcome.kind === 'reply') return void send(reply, outcome)", tests: ['packages/fastify/test/fastify.test.ts'] },
  { why: 'Fastify judges another path than it serves', file: 'packages/fastify/src/index.ts', find: "fromNode(raw, raw.url ?? '/')", replace: "fromNode(raw, (raw as { originalUrl?: string }).originalUrl ?? raw.url ?? '/')", tests: ['packages/fastify/test/fastify.test.ts'] },
  { why: "Hono drops the challenges of other middleware", file: 'packages/hono/src/index.ts', find: '{ append: isListHeader(name) }', replace: '{ append: false }', tests: ['packages/hono/test/hono.test.ts'] },
  { why: 'a fetch handler runs without a principal', file: 'packages/fetch/src/index.ts', find: "if (outcome.kind === 'reply') return respond(outcome)", replace: "if (outcome.kind === 'reply' && outcome.status === 200) return respond(outcome)", tests: ['packages/fetch/test/fetch.test.ts'] },
]
