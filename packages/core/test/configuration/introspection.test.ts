import { describe, expect, it } from 'vitest'
import { configure } from '../../src/configuration/configuration.js'
import type { ResourceGuardOptions } from '../../src/options.js'

const resource = 'https://api.example.com/photos'
const issuer = 'https://login.example.com'
const client = { clientId: 'photos-api', clientSecret: 'secret-4711' }
const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), d: 'secret-4711', alg: 'ES256' }
const asking = (introspection: unknown, server: object = {}, more: object = {}) => ({ resource, authorizationServers: [{ issuer, introspection, ...server }], ...more })
const templated = (introspection: unknown, at = issuer) => ({ resource: 'https://api.example.com/{tenant}', tenants: { tenant: ['a'] }, authorizationServers: [{ issuer: at, introspection }] })
const at = 'authorizationServers[0].introspection'

describe('a mistake in the options names the option and the fix, and no secret', () => {
  it.each<[string, unknown, string]>([
    [at, asking(true), 'object'],
    [at, asking(null), 'object'],
    [at, asking({ ...client, secret: 'x' }), 'no option "secret"'],
    [`${at}.clientId`, asking({ clientSecret: 'secret-4711' }), 'not empty'],
    [`${at}.clientId`, asking({ privateKey: jwk }), 'not empty'],
    [`${at}.clientId`, asking({ authMethod: 'tls_client_auth' }), 'not empty'],
    [`${at}.authMethod`, asking({ clientId: 'x' }), 'give clientSecret, privateKey or bearerToken'],
    [`${at}.authMethod`, asking({ clientId: 'x', authMethod: 'none' }), 'give clientSecret'],
    [`${at}.authMethod`, asking({ clientId: 'x', authMethod: 'client_secret_basic' }), 'give clientSecret'],
    [`${at}.authMethod`, asking({ ...client, authMethod: 'private_key_jwt' }), 'client_secret_basic or client_secret_post'],
    [`${at}.authMethod`, asking({ ...client, authMethod: 'tls_client_auth' }), 'client_secret_basic or client_secret_post'],
    [`${at}.authMethod`, asking({ clientId: 'x', privateKey: jwk, authMethod: 'client_secret_post' }), 'private_key_jwt'],
    [`${at}.authMethod`, asking({ bearerToken: 'x', authMethod: 'client_secret_post' }), 'leave it out'],
    [`${at}.privateKey`, asking({ ...client, privateKey: jwk }), 'not both'],
    [`${at}.bearerToken`, asking({ ...client, bearerToken: 'x' }), 'not both'],
    [`${at}.clientSecret`, asking({ clientId: 'x', clientSecret: '' }), 'not empty'],
    [`${at}.clientSecret`, asking({ clientId: 'x', clientSecret: undefined }), 'environment variable that is not set?'],
    [`${at}.clientSecret`, asking({ clientId: 'x', clientSecret: undefined, authMethod: 'client_secret_post' }), 'environment variable'],
    [`${at}.privateKey`, asking({ clientId: 'x', privateKey: { ...jwk, d: undefined } }), 'private JWK'],
    [`${at}.privateKey`, asking({ clientId: 'x', privateKey: { kty: 'oct', k: 'x' } }), 'private JWK'],
    [`${at}.privateKey`, asking({ clientId: 'x', privateKey: '-----BEGIN' }), 'private JWK'],
    [`${at}.privateKey.alg`, asking({ clientId: 'x', privateKey: { ...jwk, alg: undefined } }), 'algorithm'],
    [`${at}.privateKey.alg`, asking({ clientId: 'x', privateKey: { ...jwk, alg: 'HS256' } }), 'algorithm'],
    [`${at}.bearerToken`, asking({ bearerToken: '' }), 'access token'],
    [`${at}.privateKey`, asking({ clientId: 'x', privateKey: { ...jwk, alg: 'RS256' } }), 'no key that can sign by RS256'],
    [`${at}.privateKey`, asking({ clientId: 'x', privateKey: { ...jwk, x: 'AA' } }), 'no key that can sign by ES256'],
    [`${at}.bearerToken`, asking({ bearerToken: 7 }), 'access token'],
    [`${at}.bearerToken`, asking({ bearerToken: 'two words' }), 'access token'],
    [`${at}.when`, asking({ ...client, when: 'never' }), "'opaque' or 'always'"],
    [`${at}.endpoint`, asking({ ...client, endpoint: 'http://login.example.com/introspect' }), 'https'],
    [`${at}.endpoint`, asking({ ...client, endpoint: 'https://a:b@login.example.com' }), 'user name'],
    [`${at}.endpoint`, asking({ ...client, endpoint: '/introspect' }), 'absolute'],
    [`${at}.endpoint`, asking({ ...client, endpoint: 'https://login.example.com/{tenant}' }), 'no variable'],
    [`${at}.fetch`, asking({ ...client, fetch: 'x' }), 'function'],
    [`${at}.signed`, asking({ ...client, signed: 'yes' }), 'true or false'],
    [`${at}.recognises`, asking({ ...client, recognises: /x/ }), 'function'],
    [`${at}.ttl`, asking({ ...client, ttl: -1 }), '0 to 86400'],
    [`${at}.ttl`, asking({ ...client, ttl: '60' }), 'number'],
    [`${at}.refusedTtl`, asking({ ...client, refusedTtl: Number.NaN }), 'number'],
    [`${at}.timeout`, asking({ ...client, timeout: 0 }), 'number'],
    [`${at}.timeout`, asking({ ...client, timeout: Infinity }), 'number'],
    [`${at}.concurrency`, asking({ ...client, concurrency: 0 }), 'whole number'],
    [`${at}.breaker`, asking({ ...client, breaker: true }), 'object'],
    [`${at}.breaker`, asking({ ...client, breaker: { after: 1 } }), 'no option "after"'],
    [`${at}.breaker.failures`, asking({ ...client, breaker: { failures: 0 } }), 'whole number'],
    [`${at}.breaker.pause`, asking({ ...client, breaker: { pause: 0 } }), 'number'],
    [`${at}.audienceProvenBy`, asking({ ...client, audienceProvenBy: true }), 'object'],
    [`${at}.audienceProvenBy`, asking({ ...client, audienceProvenBy: 'nothing' }), 'object'],
    [`${at}.audienceProvenBy`, asking({ ...client, audienceProvenBy: {} }), 'not both'],
    [`${at}.audienceProvenBy`, asking({ ...client, audienceProvenBy: { scope: 'a', clientIds: ['b'] } }), 'not both'],
    [`${at}.audienceProvenBy.scope`, asking({ ...client, audienceProvenBy: { scope: 'a b' } }), 'one scope'],
    [`${at}.audienceProvenBy.clientIds`, asking({ ...client, audienceProvenBy: { clientIds: [] } }), 'at least one'],
    [`${at}.audienceProvenBy`, asking({ ...client, audienceProvenBy: 'jwt' }), 'always'],
    [`${at}.audienceProvenBy.scope`, templated({ ...client, audienceProvenBy: { scope: 'photos' } }), 'each variable'],
    [`${at}.audienceProvenBy.clientIds[1]`, templated({ ...client, audienceProvenBy: { clientIds: ['a/{tenant}', 'b'] } }), 'each variable'],
    [`${at}.audienceProvenBy`, templated({ ...client, audienceProvenBy: 'issuer-answers-only-for-this-resource' }), 'each variable'],
    ['authorizationServers[0].opaque', { resource, authorizationServers: [{ issuer, opaque: true }] }, 'needs introspection'],
    ['authorizationServers[0].opaque', asking(client, { opaque: 'yes' }), 'true or false'],
    ['authorizationServers[0].typ', asking(client, { opaque: true, typ: ['JWT'] }), 'leave it out'],
    ['authorizationServers[0].omits', asking(client, { opaque: true, omits: ['jti'] }), 'leave it out'],
    ['authorizationServers[0].introspection.recognises', { resource, authorizationServers: [{ issuer, introspection: client }, { issuer: `${issuer}/2`, introspection: { ...client, recognises: () => true } }] }, 'two issuers'],
    ['authorizationServers[1].introspection.recognises', { resource, authorizationServers: [{ issuer, introspection: { ...client, recognises: () => true } }, { issuer: `${issuer}/2`, introspection: client }] }, 'two issuers'],
    ['store', asking(client, {}, { store: {} }), 'get, set and add'],
    ['store', asking(client, {}, { store: null }), 'get, set and add'],
    ['storeSecret', asking(client, {}, { storeSecret: 'x'.repeat(32) }), 'without a store'],
    ['storeSecret', asking(client, {}, { store: new Map(), storeSecret: 'short' }), 'get, set and add'],
    ['storeSecret', asking(client, {}, { store: { get() {}, set() {}, add() {} }, storeSecret: 'secret-4711' }), '32 characters'],
    ['storeSecret', asking(client, {}, { storeSecret: undefined }), 'is undefined: an environment variable that is not set?'],
    ['storeSecret', asking(client, {}, { store: { get() {}, set() {}, add() {} }, storeSecret: undefined }), 'is undefined: an environment'],
    ['storeSecret', { resources: [{ resource }], authorizationServers: [issuer], storeSecret: undefined }, 'is undefined: an environment'],
    ['storeTimeout', asking(client, {}, { storeTimeout: 0 }), 'number'],
    ['isRevoked', asking(client, {}, { isRevoked: true }), 'function'],
    ['limits.introspectedTokens', asking(client, {}, { limits: { introspectedTokens: 0 } }), 'whole number'],
  ])('%s: %#', (option, options, fix) => {
    try {
      configure(options as ResourceGuardOptions)
    } catch (error) {
      const { name, message } = error as Error
      expect({ name, message }).toEqual({ name: 'ConfigurationError', message: expect.stringContaining(fix) })
      expect(message).not.toContain('4711')
      if (option !== 'storeSecret') expect(error).toHaveProperty('option', option)
      return
    }
    throw new Error('was taken')
  })
})

const described = (options: unknown) => {
  const [policy] = configure(options as ResourceGuardOptions).policies
  return (policy!.issuers as readonly { introspection: object }[])[0]!.introspection
}

it('has defaults', () => {
  expect(described(asking(client))).toMatchObject({
    when: 'opaque', endpoint: undefined, client: { method: 'client_secret_basic', ...client }, signed: false, audienceProof: undefined,
    ttl: 60, refusedTtl: 5, timeout: 3, concurrency: 64, breaker: { failures: 5, pause: 10 },
  })
  expect(described(asking({ ...client, ttl: 2, breaker: false }))).toMatchObject({ refusedTtl: 2, breaker: undefined })
  expect(described(asking({ ...client, ttl: 0 }))).toMatchObject({ ttl: 0, refusedTtl: 0 })
})

it.each([
  asking({ clientId: 'x', privateKey: jwk }), asking({ bearerToken: 'x' }), asking({ bearerToken: () => 'x', clientId: 'x', signed: true }), asking({ clientId: 'x', authMethod: 'tls_client_auth' }), asking({ clientId: 'x', authMethod: 'tls_client_auth', clientSecret: undefined }),
  asking({ ...client, endpoint: 'http://127.0.0.1:3000/introspect' }), asking(client, { opaque: true, algorithms: ['ES256'] }), asking({ ...client, when: 'always', audienceProvenBy: 'jwt' }),
  templated({ ...client, audienceProvenBy: { scope: 'photos:{tenant}' } }), templated({ ...client, audienceProvenBy: 'issuer-answers-only-for-this-resource' }, `${issuer}/{tenant}`),
])('is taken: %#', (options) => expect(() => described(options)).not.toThrow())
