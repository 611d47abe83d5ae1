import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const signatureMutants = [
  // Who signed it
  {
    why: 'a signature is not checked',
    file: core('token/jwt'), tests: [test('key-faults')],
    find: 'if (verdict === true) return key',
    replace: 'if (verdict !== undefined) return key',
  },
  {
    why: 'ECDSA signatures may be DER',
    file: core('token/node-signature'), tests: [test('token/signature')],
    find: "{ dsaEncoding: 'ieee-p1363' }",
    replace: "{ dsaEncoding: 'der' }",
  },
  {
    why: 'a PSS salt may have any length',
    file: core('token/node-signature'), tests: [test('token/signature')],
    find: '{ padding: 6, saltLength }',
    replace: '{ padding: 6, saltLength: saltLength && -2 }',
  },
  {
    why: 'RSA keys of 1024 bits will do',
    file: core('token/jwk'), tests: [test('token/jwk')],
    find: 'const shortestModulus = 2048',
    replace: 'const shortestModulus = 1024',
  },
  {
    why: 'keys for encryption verify',
    file: core('token/jwk'), tests: [test('token/jwk')],
    find: "(use === undefined || use === 'sig') &&",
    replace: "(use !== '') &&",
  },
  {
    why: 'a published private key verifies',
    file: core('token/jwk'), tests: [test('token/jwk')],
    find: '|| privateMembers.some((name) => members[name] !== undefined)',
    replace: '|| privateMembers.length === 0',
  },
  {
    why: 'any spelling of base64url will do',
    file: core('token/base64url'), tests: [test('token/base64url')],
    find: "return bytes.toString('base64url') === text ? bytes : undefined",
    replace: 'return bytes',
  },
  {
    why: 'bytes that are no UTF-8 are replaced',
    file: core('token/base64url'), tests: [test('token/format')],
    find: '{ fatal: true, ignoreBOM: true }',
    replace: '{ fatal: false, ignoreBOM: true }',
  },
  {
    why: 'of two members of one name the last is taken',
    file: core('token/format'), tests: [test('token/format')],
    find: 'freezeMembers(value, 1) === countMembers(text)',
    replace: 'freezeMembers(value, 1) <= countMembers(text)',
  },
  {
    why: 'half a surrogate pair is text',
    file: core('token/format'), tests: [test('token/format')],
    find: '|| isWellFormed(value))',
    replace: '|| isWellFormed({}))',
  },
  {
    why: 'JSON may be nested without end',
    file: core('token/format'), tests: [test('token/format')],
    find: 'if (depth > deepestJson) return NaN',
    replace: 'if (depth > deepestJson * 1e6) return NaN',
  },
  {
    why: '__proto__ is a member like any other',
    file: core('token/format'), tests: [test('token/format')],
    find: "if (name === '__proto__') return NaN",
    replace: "if (name === '__proto') return NaN",
  },
  {
    why: 'claims can be changed by a handler',
    file: core('token/format'), tests: [test('token/format')],
    find: '  Object.freeze(value)\n',
    replace: '  if (depth === 0) Object.freeze(value)\n',
  },
  {
    why: 'issuers share keys where they have one URL',
    file: core('token/key-sources'), tests: [test('token/key-sources')],
    find: 'JSON.stringify([issuer, jwks',
    replace: 'JSON.stringify([jwks',
  },

  // What is remembered
  {
    why: 'a remembered token does not expire',
    file: core('token/jwt'), tests: [test('resource-guard')],
    find: '?? judgeTime(jwt.claims, issuer, now)',
    replace: '?? (remembered ? undefined : judgeTime(jwt.claims, issuer, now))',
  },
  {
    why: 'a remembered token is good at every resource',
    file: core('token/jwt'), tests: [test('resource-guard')],
    find: 'if (remembered?.approvedAt === issuer.identity) return undefined',
    replace: 'if (remembered !== undefined) return undefined',
  },
  {
    why: 'a token that was approved at one resource is approved at all',
    file: core('token/jwt'), tests: [test('resource-guard')],
    find: 'remembered?.approvedAt === issuer.identity',
    replace: 'remembered?.approvedAt !== undefined',
  },
  {
    why: 'a remembered token outlives its key',
    file: core('token/jwt'), tests: [test('key-faults')],
    find: 'if (keys?.has(entry.key)) {',
    replace: 'if (keys) {',
  },
  {
    why: 'what was verified by the keys of one issuer is taken from another',
    file: core('token/jwt'), tests: [test('attacks')],
    find: 'if (entry === undefined || issuer?.keys !== entry.source) return undefined',
    replace: 'if (entry === undefined || issuer === undefined) return undefined',
  },
  {
    why: 'a token is remembered without its signature',
    file: core('token/jwt'), tests: [test('attacks')],
    find: "'' : digestToken(token)",
    replace: "'' : digestToken(token.slice(0, token.lastIndexOf('.')))",
  },
  {
    why: 'refused tokens are remembered too',
    file: core('token/jwt'), tests: [test('key-faults')],
    find: '    if (isProblem(signedBy)) return signedBy\n',
    replace: '',
  },
  {
    why: 'a principal of one resource is handed out at another',
    file: core('target'), tests: [test('attacks')],
    find: 'principals: new WeakMap(),',
    replace: 'principals: ((globalThis as { principals?: WeakMap<object, Principal> }).principals ??= new WeakMap()),',
  },
]
