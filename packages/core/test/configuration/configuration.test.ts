import { describe, expect, it } from 'vitest'
import { configure } from '../../src/configuration/configuration.js'
import type { ResourceGuardOptions } from '../../src/options.js'

const resource = 'https://api.example.com/photos'
const issuer = 'https://login.example.com'
const authorizationServers = [issuer]
const template = { resource: 'https://api.example.com/{tenant}', authorizationServers, tenants: { tenant: ['acme'] } }
const two = { resource: 'https://api.example.com/{org}/{project}', authorizationServers, tenants: { org: ['acme'], project: ['x'] } }
const a = { resource: 'https://api.example.com/a' }
const b = { resource: 'https://api.example.com/b' }
const swapped = (server: object) => ({
  resource: 'https://api.example.com/{org}/{project}', tenants: { org: ['a'], project: ['b'] }, authorizationServers: [{ issuer, ...server }],
})
const asking = (audienceProvenBy: unknown) => [{ issuer, introspection: { clientId: 'rs', clientSecret: 's', audienceProvenBy } }]
const described = (more: object) => ({ resource, authorizationServers: [{ issuer, ...more }] })

describe('a mistake in the options names the option and the fix', () => {
  it.each<[string, unknown, string]>([
    ['options', null, 'must be a plain object'],
    ['options', [], 'must be a plain object'],
    ...['scopeImplies', 'metadataExtensions', 'tenants', 'keys', 'limits', 'verifiedCache'].flatMap((option) =>
      [new Map([['a', ['b']]]), Object.create({ a: ['b'] }) as object].map(
        (value): [string, unknown, string] => [option, { ...template, [option]: value }, 'must be a plain object'],
      )),
    ...['clockTolerance', 'mountPath', 'scopeImplies', 'metadataExtensions', 'tenants', 'challengeScopes', 'scopesSupported', 'outside', 'now', 'keys', 'limits'].map(
      (option): [string, unknown, string] => [option, { resource, authorizationServers, [option]: null }, ''],
    ),
    ...['algorithms', 'typ', 'audienceHost', 'clientIdClaim', 'scopeClaim', 'alsoAccept', 'omits', 'opaque', 'introspection'].map(
      (option): [string, unknown, string] => [`authorizationServers[0].${option}`, described({ [option]: null }), ''],
    ),
    ['options', { resource, authorizationServers, audience: resource }, 'no option "audience"'],
    ['resource', { authorizationServers }, 'absolute URI'],
    ['resource', { resource: 'https://api.example.com/#x', authorizationServers }, 'fragment'],
    ['authorizationServers', { resource }, 'at least one'],
    ['authorizationServers', { resource, authorizationServers: [] }, 'at least one'],
    ['authorizationServers', { resource, authorizationServers: issuer }, 'at least one'],
    ['authorizationServers', { resource, authorizationServers: () => [issuer] }, 'variables'],
    ['authorizationServers[1]', { resource, authorizationServers: [issuer, issuer] }, 'a second time'],
    ['authorizationServers[0]', { resource, authorizationServers: [7] }, 'must be'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['login.example.com'] }, 'absolute URI'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['http://login.example.com'] }, 'https'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://login.example.com?x'] }, 'query'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://a:b@login.example.com'] }, 'user name'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://:secret@login.example.com'] }, 'password'],
    ['authorizationServers[0].alsoAccept[0]', { ...template, authorizationServers: [{ issuer, alsoAccept: ['api://x{tenant}'] }] }, 'must carry'],
    ...['dpop+jwt', 'logout+jwt', 'secevent+jwt', 'token-introspection+jwt', 'statuslist+jwt', 'txntoken+jwt', 'oauth-authz-req+jwt', 'oauth-id-jag+jwt',
      'client-authentication+jwt', 'entity-statement+jwt', 'kb+jwt', 'dc+sd-jwt', 'vc+sd-jwt'].map(
      (typ): [string, unknown, string] => ['authorizationServers[0].typ', described({ typ: [typ] }), 'never an access token'],
    ),
    ...['resource', 'authorization_servers', 'scopes_supported', 'bearer_methods_supported', 'tls_client_certificate_bound_access_tokens',
      'authorization_details_types_supported', 'dpop_signing_alg_values_supported', 'dpop_bound_access_tokens_required', 'signed_metadata'].map(
      (member): [string, unknown, string] => [`metadataExtensions["${member}"]`, { resource, authorizationServers, metadataExtensions: { [member]: 'x' } }, 'follows from'],
    ),
    ['mountPath', { resource, authorizationServers, mountPath: '/a//b' }, 'doubled slashes'],
    ['mountPath', { resource, authorizationServers, mountPath: '/a;b' }, 'semicolons'],
    ['resource', { resource: 'https://api.example.com/a%00', mountPath: '/a', authorizationServers }, 'NUL'],
    ['limits.tokenLength', { resource, authorizationServers, limits: { tokenLength: 255 } }, 'whole number from 256'],
    ['limits.tokenLength', { resource, authorizationServers, limits: { tokenLength: 300.5 } }, 'whole number'],
    ['store', { resource, authorizationServers, store: { get: () => undefined, set: () => undefined } }, 'get, set and add'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://login.example.com/.well-known/openid-configuration'] }, '"issuer" that stands in there'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://login.example.com/{tenant}'] }, 'no variable {tenant}'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://<tenant>.example.com'] }, 'replace the placeholder'],
    ['authorizationServers[0].issuer', { resource, authorizationServers: ['https://login.example.com/<tenant-id>/v2.0'] }, 'replace the placeholder'],
    ['authorizationServers[0].jwksUri', described({ jwksUri: 'https://login.example.com/<tenant>/keys' }), 'replace the placeholder'],
    ['authorizationServers[0]', described({ audience: 'x' }), 'no option "audience"'],
    ['authorizationServers[0].jwksUri', described({ jwksUri: 'http://login.example.com/keys' }), 'https'],
    ['authorizationServers[0].jwks', described({ jwksUri: 'https://login.example.com/keys', jwks: { keys: [] } }), 'not both'],
    ['authorizationServers[0].algorithms', described({ algorithms: [] }), 'at least one'],
    ['authorizationServers[0].algorithms[0]', described({ algorithms: ['HS256'] }), 'one of RS256'],
    ['authorizationServers[0].algorithms[1]', described({ algorithms: ['RS256', 'none'] }), 'one of RS256'],
    ['authorizationServers[0].typ', described({ typ: 'at+jwt' }), 'at least one'],
    ['authorizationServers[0].typ', described({ typ: ['application/DPoP+JWT'] }), 'never an access token'],
    ['authorizationServers[0].alsoAccept', described({ alsoAccept: 'api://x' }), 'at least one'],
    ['authorizationServers[0].alsoAccept[0]', described({ alsoAccept: [/x/] }), 'must be an audience'],
    ['authorizationServers[0].omits[0]', described({ omits: ['aud'] }), 'one of sub'],
    ['authorizationServers[0].scopeClaim', described({ scopeClaim: '' }), 'not empty'],
    ['authorizationServers[0].alsoAccept[0]', { ...template, authorizationServers: [{ issuer, alsoAccept: ['api://x'] }] }, 'each variable'],
    ['authorizationServers[0].alsoAccept[0]', { ...two, authorizationServers: [{ issuer, alsoAccept: ['api://{org}-{project}'] }] }, 'set off'],
    ['authorizationServers[0].alsoAccept[0]', { ...two, authorizationServers: [{ issuer, alsoAccept: ['api://{org}{project}'] }] }, 'set off'],
    ['authorizationServers[0].alsoAccept[1]', { ...template, authorizationServers: [{ issuer, alsoAccept: ['api://{tenant}', 'api://{tenant}-test'] }] }, 'set off'],
    ['authorizationServers[0].alsoAccept[1]', { ...two, authorizationServers: [{ issuer, alsoAccept: ['api://{org}/{project}', 'api://{project}/{org}'] }] }, 'another tenant'],
    ['tenants.tenant', { ...template, tenants: undefined }, 'required'],
    ['tenants.tenant', { ...template, tenants: {} }, 'required'],
    ['tenants.tenant', { ...template, tenants: { tenant: [] } }, 'at least one'],
    ['tenants.tenant[0]', { ...template, tenants: { tenant: ['a/b'] } }, 'A-Z a-z'],
    ['tenants.tenant[0]', { ...template, tenants: { tenant: ['..'] } }, 'A-Z a-z'],
    ['tenants', { ...template, tenants: { tenant: ['a'], other: ['b'] } }, 'no option "other"'],
    ['tenants', { resource, authorizationServers, tenants: { tenant: ['a'] } }, 'needs a variable'],
    ['scopesSupported', { resource, authorizationServers, scopesSupported: 'a b' }, 'list'],
    ['scopesSupported', { resource, authorizationServers, scopesSupported: ['a b'] }, 'no scope'],
    ['challengeScopes', { resource, authorizationServers, challengeScopes: ['a"b'] }, 'no scope'],
    ['challengeScopes', { resource, authorizationServers, challengeScopes: ['a', 'offline_access'] }, 'refresh token'],
    ['scopesSupported', { resource, authorizationServers, scopesSupported: ['offline_access'] }, 'refresh token'],
    ['scopeImplies', { resource, authorizationServers, scopeImplies: ['a'] }, 'must be a plain object like'],
    ['scopeImplies', { resource, authorizationServers, scopeImplies: { 'a b': ['a'] } }, 'no scope'],
    ['scopeImplies["a"]', { resource, authorizationServers, scopeImplies: { a: 'b' } }, 'list'],
    ['scopeImplies["a"]', { resource, authorizationServers, scopeImplies: { a: ['b c'] } }, 'no scope'],
    ['authorizationServers[0].audienceHost', described({ audienceHost: true }), "'any-case'"],
    ['rootMetadata', { resource, authorizationServers, rootMetadata: 'yes' }, 'true or false'],
    ['rootMetadata', { ...template, rootMetadata: true }, 'without variables'],
    ['rootMetadata', { resources: [{ resource }, { resource: `${resource}2` }], authorizationServers, rootMetadata: true }, 'without variables'],
    ['resourceName', { resource, authorizationServers, resourceName: '' }, 'name'],
    ['resourceDocumentation', { resource, authorizationServers, resourceDocumentation: '/docs' }, 'URL of http or https'],
    ['resourcePolicyUri', { resource, authorizationServers, resourcePolicyUri: 'javascript:alert(1)' }, 'URL of http or https'],
    ['metadataExtensions["bearer_methods_supported"]', { resource, authorizationServers, metadataExtensions: { bearer_methods_supported: ['body'] } }, 'follows from'],
    ['metadataExtensions["resource#it"]', { resource, authorizationServers, metadataExtensions: { 'resource#it': 'x' } }, 'follows from'],
    ['metadataExtensions["resource_name"]', { resource, authorizationServers, metadataExtensions: { resource_name: 'x' } }, 'option of its own'],
    ['metadataExtensions["resource_name#it"]', { resource, authorizationServers, metadataExtensions: { 'resource_name#it': 'x' } }, 'without a tag'],
    ['metadataExtensions["x#"]', { resource, authorizationServers, metadataExtensions: { x: 1, 'x#': 1 } }, 'language tag'],
    ['metadataExtensions["x"]', { resource, authorizationServers, metadataExtensions: { x: [] } }, 'leave it out'],
    ['metadataExtensions', { resource, authorizationServers, metadataExtensions: { x: { y: () => 1 } } }, 'must be JSON'],
    ['metadataExtensions', { resource, authorizationServers, metadataExtensions: { x: [Symbol('y')] } }, 'must be JSON'],
    ['mountPath', { resource, authorizationServers, mountPath: 'photos' }, 'begins with a slash'],
    ['mountPath', { ...template, mountPath: '/v1' }, 'variables of the resource: {tenant}'],
    ['mountPath', { resource, authorizationServers, mountPath: '/{tenant}' }, 'variables of the resource: none'],
    ['mountPath', { ...template, mountPath: '/a/../{tenant}' }, 'dot segments'],
    ['clockTolerance', { resource, authorizationServers, clockTolerance: 301 }, '0 to 300'],
    ['clockTolerance', { resource, authorizationServers, clockTolerance: -1 }, '0 to 300'],
    ['clockTolerance', { resource, authorizationServers, clockTolerance: '5' }, '0 to 300'],
    ['clockTolerance', { resource, authorizationServers, clockTolerance: Number.NaN }, '0 to 300'],
    ['outside', { resource, authorizationServers, outside: 'allow' }, "'refuse' or 'pass'"],
    ['preflight', { resource, authorizationServers, preflight: true }, "'guard' or 'pass'"],
    ['metadata', { resource, authorizationServers, metadata: false }, "'serve' or 'elsewhere'"],
    ['authorizationServers[0]', { resource, authorizationServers: [undefined] }, 'environment variable that is not set?'],
    ['now', { resource, authorizationServers, now: 7 }, 'function'],
    ['now', { resource, authorizationServers, now: () => Date.now() / 1000 }, 'milliseconds'],
    ['now', { resource, authorizationServers, now: () => null }, 'milliseconds'],
    ['now', { resource, authorizationServers, now: () => NaN }, 'milliseconds'],
    ['options', new Request(resource), 'call resourceGuard'],
    ['options', { req: {}, env: {} }, 'call resourceGuard'],
    ['resource', { resource, resources: [{ resource }], authorizationServers }, 'into that list'],
    ['resource', { resource: `${resource}/:tenant/v1`, authorizationServers }, 'router\'s pattern: a variable is written "{tenant}"'],
    ['resource', { resource: `${resource}/*`, authorizationServers }, '"*" is a router\'s pattern'],
    ['authorizationServers[0].alsoAccept[1]', described({ alsoAccept: ['api://x', 'https://*.example.com'] }), 'no patterns'],
    ['challengeScopes', { resource, authorizationServers, challengeScopes: [['a', 'b']] }, 'what is no string (object) is no scope: give each by itself'],
    ['fetch', { resource, authorizationServers, fetch: 'x' }, 'function'],
    ['onRefused', { resource, authorizationServers, onRefused: {} }, 'function'],
    ['limits.tokenLength', { resource, authorizationServers, limits: { tokenLength: Number.POSITIVE_INFINITY } }, 'whole number'],
    ['verifiedCache.entries', { resource, authorizationServers, verifiedCache: { entries: 0 } }, 'whole number'],
    ['keys.maxStale', { resource, authorizationServers, keys: { maxStale: 'x' } }, 'number'],
    ['resources', { resources: [], authorizationServers }, 'at least one'],
    ['options', { resources: [{ resource }], authorizationServers, mountPath: '/x' }, 'no option "mountPath"'],
    ['resources[0]', { resources: [{ resource, outside: 'pass' }], authorizationServers }, 'no option "outside"'],
    ['resources[0].authorizationServers', { resources: [{ resource }] }, 'at least one'],
    ['resources[0].resource', { resources: [{ resource }, { resource }], authorizationServers }, 'twice'],
    ['resources[0].resource', { resources: [{ resource: 'https://a.example.com' }, { resource: 'https://a.example.com/', mountPath: '/x' }], authorizationServers }, 'twice'],
    ['resources[0].resource', { resources: [{ resource: 'https://a.example.com/x' }, { resource: 'https://b.example.com/x' }], authorizationServers }, 'same requests'],
    ['resources[0].resource', { resources: [{ resource: 'https://a.example.com/x' }, { resource: 'https://a.example.com/X' }], authorizationServers }, 'same requests'],
    ['resources[0].resource', { resources: [{ resource: 'https://a.example.com/x' }, { resource: 'https://a.example.com/x/' }], authorizationServers }, 'same requests'],
    ['resources[0].authorizationServers', { resources: [a, b], authorizationServers: asking('issuer-answers-only-for-this-resource') }, 'two resources'],
    ['resources[0].authorizationServers', { resources: [a, b], authorizationServers: asking({ scope: 'photos' }) }, 'two resources'],
    ['authorizationServers', swapped({ alsoAccept: ['https://api.example.com/{project}/{org}'] }), 'with other values that is this resource'],
    [
      'authorizationServers[0].introspection.audienceProvenBy.clientIds[1]',
      swapped({ introspection: { clientId: 'rs', clientSecret: 's', audienceProvenBy: { clientIds: ['{org}:{project}', '{project}:{org}'] } } }), 'another tenant',
    ],
    ['resources[0].authorizationServers', { resources: [a, b], authorizationServers: asking({ clientIds: ['x', 'y'] }) }, 'two resources'],
    ['resources[0].authorizationServers', { resources: [{ ...a, authorizationServers: asking({ scope: 'a' }) }, { ...b, authorizationServers: asking({ clientIds: ['x'] }) }] }, 'two resources'],
    ['resources[0].resource', { resources: [{ ...template, mountPath: '/a/{tenant}' }, { resource: 'https://api.example.com/{org}', tenants: { org: ['acme'] }, mountPath: '/b/{org}' }], authorizationServers }, 'twice'],
    ['resources[0].resource', { resources: [template, { resource: 'https://api.example.com/acme', mountPath: '/c/d' }], authorizationServers }, 'twice'],
    ['resources[1].authorizationServers', { resources: [template, { resource: 'https://api.example.com/x/y', authorizationServers: [{ issuer, alsoAccept: ['https://api.example.com/acme'] }] }], authorizationServers }, 'another resource'],
    ['resources[1].authorizationServers', { resources: [{ resource }, { resource: 'https://b.example.com/x', authorizationServers: [{ issuer, alsoAccept: [resource] }] }], authorizationServers }, 'another resource'],
  ])('%s: %j', (option, options, fix) => {
    expect(() => configure(options as ResourceGuardOptions)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option, message: expect.stringContaining(fix) }))
  })
})

it('what is shared holds for each resource that does not say otherwise', () => {
  const { policies } = configure({
    authorizationServers,
    clockTolerance: 60,
    challengeScopes: ['a'],
    resources: [{ resource }, { resource: 'https://api.example.com/admin', clockTolerance: 0, challengeScopes: ['b'] }],
  })
  expect(policies.map(({ clockTolerance, challengeScopes }) => ({ clockTolerance, challengeScopes }))).toEqual([
    { clockTolerance: 60, challengeScopes: ['a'] },
    { clockTolerance: 0, challengeScopes: ['b'] },
  ])
})

it('the defaults are the strict ones', () => {
  expect(configure({ resource, authorizationServers })).toMatchObject({
    passesOutside: false,
    passesPreflight: false,
    servesMetadata: true,
    limits: { tokenLength: 16_384 },
    policies: [{ clockTolerance: 5, issuers: [{ types: new Set(['at+jwt']), omits: new Set(), alsoAccept: [], clientIdClaim: 'client_id', scopeClaim: 'scope' }] }],
  })
})

it.each([
  ['an alias that both say', [a, b].map((one) => ({ ...one, authorizationServers: [{ issuer, alsoAccept: ['api://x'] }] }))],
  ['each its own audience', [{ ...a, authorizationServers: [{ issuer, alsoAccept: ['api://a'] }] }, { ...b, authorizationServers: [{ issuer, alsoAccept: ['api://b'] }] }]],
  ['each its own issuer', [{ ...a, authorizationServers: [{ issuer, alsoAccept: ['api://x'] }] }, { ...b, authorizationServers: [{ issuer: `${issuer}/b`, alsoAccept: ['api://x'] }] }]],
  ['an issuer that answers for one and is not asked for the other', [
    { ...a, authorizationServers: asking('issuer-answers-only-for-this-resource') }, { ...b, authorizationServers: [issuer] },
  ]],
  ['each its own scope as a proof', [{ ...a, authorizationServers: asking({ scope: 'a' }) }, { ...b, authorizationServers: asking({ scope: 'b' }) }]],
  ['a literal beside a template, at their own paths', [template, { resource: 'https://api.example.com/admin' }]],
])('two resources may share an issuer with %s', (_, resources) => {
  expect(configure({ resources, authorizationServers } as ResourceGuardOptions).policies).toHaveLength(2)
})

it('an issuer of a template is also each that it can become: two resources are not told apart by one scope', () => {
  const asking = (at: string, scope: string) => [{ issuer: at, introspection: { clientId: 'rs', clientSecret: 's', audienceProvenBy: { scope } } }]
  expect(() => configure({ resources: [
    { resource: 'https://api.example.com/t/{tenant}', tenants: { tenant: ['acme'] }, authorizationServers: asking('https://login.example.com/{tenant}', 'photos:{tenant}') },
    { resource: 'https://api.example.com/x', authorizationServers: asking('https://login.example.com/acme', 'photos:acme') },
  ] })).toThrow('two resources')
})
