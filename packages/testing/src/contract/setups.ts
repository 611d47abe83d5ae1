import type { Introspection, ResourceGuardOptions } from '@resource-guard/core'
import type { IssuerName, Issuers } from './issuers.js'

/** What a row is run against: how the guard is made, and the guarded URL that is asked unless the row says otherwise. */
export interface Setup {
  readonly options: (issuers: Issuers) => ResourceGuardOptions
  /** The resource that the default target belongs to. */
  readonly resource: string
  /** Default `/photos`. */
  readonly target?: string
  /** Who issues the tokens unless a row says otherwise. Default `main`. */
  readonly issuer?: IssuerName
}

export const API = 'https://api.example.com'
/** What is guarded where a row does not care: public and local address differ in host and path. */
export const V1 = `${API}/v1`
export const ADMIN = `${API}/admin`
export const PUBLIC = `${API}/public`
export const tenant = (name: string): string => `${API}/t/${name}`

const single = (issuers: Issuers): { resource: string; authorizationServers: string[] } => ({ resource: V1, authorizationServers: [issuers.main.issuer] })

const template = (issuers: Issuers) => ({
  resource: `${API}/t/{tenant}`,
  tenants: { tenant: ['acme', 'globex', 'Initech'] },
  authorizationServers: [issuers.main.issuer],
})

/** A single resource that trusts just this issuer. */
const trusting = (issuer: IssuerName): Setup => ({
  resource: V1, issuer, options: (issuers) => ({ resource: V1, authorizationServers: [issuers[issuer].issuer] }),
})

/** A single resource whose issuer is asked about opaque tokens. */
const asking = (changes: Partial<Introspection> = {}): Setup => ({
  resource: V1,
  options: ({ main: { issuer, introspection } }) => ({ resource: V1, authorizationServers: [{ issuer, introspection: { ...introspection, ...changes } }] }),
})

const named = (resource: string): Setup => ({ resource, options: (issuers) => ({ ...single(issuers), resource }) })

const twoResources = (issuers: Issuers) => ({
  resources: [{ resource: ADMIN }, { resource: PUBLIC }],
  authorizationServers: [issuers.main.issuer],
})

export const setups = {
  'single': { resource: V1, options: single },
  'origin-only': named(API),
  'origin-with-slash': named(`${API}/`),
  'path-with-slash': named(`${V1}/`),
  'with-query': named(`${V1}?edition=2`),
  'percent-encoded': named(`${API}/caf%C3%A9/v1`),
  'with-port': named('https://api.example.com:8443/v1'),
  'loopback': named('http://127.0.0.1:3000/v1'),

  'challenge-scopes': { resource: V1, options: (issuers) => ({ ...single(issuers), challengeScopes: ['photos:read', 'photos:write'] }) },
  'descriptive': {
    resource: V1,
    options: (issuers) => ({
      ...single(issuers),
      scopesSupported: ['photos:read', 'photos:write'],
      resourceName: 'Photos',
      resourceDocumentation: 'https://api.example.com/docs',
      resourcePolicyUri: 'https://api.example.com/policy',
      resourceTosUri: 'https://api.example.com/terms',
      metadataExtensions: { 'resource_name#it': 'Fotografie', 'example_extension': { a: [1] } },
    }),
  },
  'outside-pass-single': { resource: V1, options: (issuers) => ({ ...single(issuers), outside: 'pass' }) },
  'preflight-pass': { resource: V1, options: (issuers) => ({ ...single(issuers), preflight: 'pass' }) },
  'no-tolerance': { resource: V1, options: (issuers) => ({ ...single(issuers), clockTolerance: 0 }) },
  'wide-tolerance': { resource: V1, options: (issuers) => ({ ...single(issuers), clockTolerance: 300 }) },
  'short-tokens': { resource: V1, options: (issuers) => ({ ...single(issuers), limits: { tokenLength: 1024 } }) },

  'two-issuers': { resource: V1, options: (issuers) => ({ resource: V1, authorizationServers: [issuers.main.issuer, issuers.second.issuer] }) },
  'all-algorithms': trusting('algorithms'),
  'only-es256': {
    resource: V1, issuer: 'algorithms',
    options: ({ algorithms }) => ({ resource: V1, authorizationServers: [{ issuer: algorithms.issuer, algorithms: ['ES256'] }] }),
  },
  'algorithms-per-issuer': {
    resource: V1,
    options: ({ main, algorithms }) => ({
      resource: V1,
      authorizationServers: [{ issuer: main.issuer, algorithms: ['RS256'] }, { issuer: algorithms.issuer, algorithms: ['ES256', 'RS256'] }],
    }),
  },
  'keys-in-hand': { resource: V1, options: ({ main }) => ({ resource: V1, authorizationServers: [{ issuer: main.issuer, jwks: main.jwks }] }) },
  'jwks-uri': {
    resource: V1,
    options: ({ main }) => ({ resource: V1, authorizationServers: [{ issuer: main.issuer, jwksUri: `${main.issuer}/jwks` }] }),
  },
  /** Two issuers share a key set, so that only the issuer of a token tells whose it is. */
  'shared-keys': {
    resource: V1,
    options: ({ main, second }) => ({
      resource: V1,
      authorizationServers: [{ issuer: main.issuer, jwks: main.jwks }, { issuer: second.issuer, jwksUri: `${second.issuer}/jwks` }],
    }),
  },
  'also-accept': {
    resource: V1,
    options: ({ main, second }) => ({
      resource: V1,
      authorizationServers: [{ issuer: main.issuer, alsoAccept: ['api://photos'] }, second.issuer],
    }),
  },
  'any-case-host': { resource: V1, options: ({ main }) => ({ resource: V1, authorizationServers: [{ issuer: main.issuer, audienceHost: 'any-case' }] }) },
  'scope-hierarchy': {
    resource: V1, options: (issuers) => ({ ...single(issuers), scopeImplies: { 'photos:write': ['photos:read'], 'photos:admin': ['photos:write'] } }),
  },
  'root-metadata': { resource: V1, options: (issuers) => ({ ...single(issuers), rootMetadata: true }) },
  /** An issuer that does not follow RFC 9068, described. */
  'described-issuer': {
    resource: V1,
    options: ({ main }) => ({
      resource: V1,
      authorizationServers: [
        { issuer: main.issuer, typ: ['at+jwt', 'JWT', null], omits: ['jti', 'iat', 'sub', 'client_id'], clientIdClaim: 'azp', scopeClaim: 'scp' },
      ],
    }),
  },
  'odd-keys': trusting('oddKeys'),
  'odd-keys-ps256': {
    resource: V1, issuer: 'oddKeys',
    options: ({ oddKeys }) => ({ resource: V1, authorizationServers: [{ issuer: oddKeys.issuer, algorithms: ['PS256', 'RS256'] }] }),
  },
  'openid-only': trusting('openidOnly'),
  'issuer-with-path': trusting('acme'),
  'issuer-down': trusting('down'),
  'issuer-failing': trusting('failing'),
  'keys-down': trusting('keysDown'),
  'issuer-html': trusting('html'),
  'issuer-misnamed': trusting('misnamed'),
  'issuer-insecure': trusting('insecure'),
  'issuer-keyless': trusting('keyless'),
  'one-issuer-down': { resource: V1, options: ({ main, down }) => ({ resource: V1, authorizationServers: [down.issuer, main.issuer] }) },

  'introspection': asking(),
  'introspection-always': asking({ when: 'always' }),
  'introspection-unknown-client': asking({ clientSecret: 'wrong' }),
  'introspection-down': {
    resource: V1, issuer: 'introspectionDown',
    options: ({ introspectionDown: { issuer, introspection } }) => ({ resource: V1, authorizationServers: [{ issuer, introspection }] }),
  },
  'template-introspection': {
    resource: tenant('acme'), target: '/t/acme/photos',
    options: (issuers) => ({ ...template(issuers), authorizationServers: [{ issuer: issuers.main.issuer, introspection: issuers.main.introspection }] }),
  },
  'several-introspection': {
    resource: ADMIN, target: '/admin/photos',
    options: (issuers) => ({ ...twoResources(issuers), authorizationServers: [{ issuer: issuers.main.issuer, introspection: issuers.main.introspection }] }),
  },
  /** The application knows of one token that it is revoked, and cannot tell about another. */
  'revoking': {
    resource: V1,
    options: (issuers) => ({
      ...single(issuers),
      isRevoked: async ({ claims }) => {
        if (claims['jti'] === 'unclear') throw new Error('the database is down')
        return claims['jti'] === 'revoked'
      },
    }),
  },

  'template': { resource: tenant('acme'), target: '/t/acme/photos', options: template },
  'template-outside-pass': { resource: tenant('acme'), target: '/t/acme/photos', options: (issuers) => ({ ...template(issuers), outside: 'pass' }) },
  'template-own-issuers': {
    resource: tenant('acme'), target: '/t/acme/photos', issuer: 'acme',
    options: (issuers) => ({ ...template(issuers), tenants: { tenant: ['acme', 'globex'] }, authorizationServers: ['https://tenants.test/{tenant}'] }),
  },
  'template-chosen-issuers': {
    resource: tenant('acme'), target: '/t/acme/photos', issuer: 'acme',
    options: (issuers) => ({
      ...template(issuers),
      authorizationServers: async (variables) => {
        if (variables['tenant'] === 'Initech') throw new Error('the directory is down')
        return [variables['tenant'] === 'acme' ? issuers.acme.issuer : issuers.globex.issuer]
      },
    }),
  },
  'template-asked': {
    resource: tenant('acme'), target: '/t/acme/photos',
    options: (issuers) => ({
      ...template(issuers),
      tenants: {
        tenant: async (value) => {
          if (value === 'unclear') throw new Error('the directory is down')
          return value === 'acme' || value === 'globex'
        },
      },
    }),
  },
  'template-also-accept': {
    resource: tenant('acme'), target: '/t/acme/photos',
    options: (issuers) => ({ ...template(issuers), authorizationServers: [{ issuer: issuers.main.issuer, alsoAccept: ['api://photos/{tenant}'] }] }),
  },
  /** A gateway serves `/v1/{tenant}` to the world and forwards it as `/t/{tenant}`. */
  'mount-path': {
    resource: `${API}/v1/acme`, target: '/t/acme/photos',
    options: (issuers) => ({ ...template(issuers), resource: `${API}/v1/{tenant}`, mountPath: '/t/{tenant}' }),
  },

  'several': { resource: ADMIN, target: '/admin/photos', options: twoResources },
  'several-outside-pass': { resource: ADMIN, target: '/admin/photos', options: (issuers) => ({ ...twoResources(issuers), outside: 'pass' }) },
  'several-with-root': {
    resource: ADMIN, target: '/admin/photos',
    options: (issuers) => ({ ...twoResources(issuers), resources: [{ resource: API }, { resource: ADMIN }] }),
  },
  'several-with-template': {
    resource: ADMIN, target: '/admin/photos',
    options: (issuers) => ({ resources: [{ resource: ADMIN }, template(issuers)], authorizationServers: [issuers.main.issuer] }),
  },
  'several-own-issuers': {
    resource: ADMIN, target: '/admin/photos', issuer: 'second',
    options: ({ main, second }) => ({
      resources: [{ resource: ADMIN, authorizationServers: [second.issuer] }, { resource: PUBLIC }], authorizationServers: [main.issuer],
    }),
  },
  /** One issuer, whose keys are others at each resource. */
  'several-key-sources': {
    resource: ADMIN, target: '/admin/photos',
    options: ({ main, second }) => ({
      resources: [
        { resource: ADMIN, authorizationServers: [{ issuer: main.issuer, jwks: second.jwks }] },
        { resource: PUBLIC, authorizationServers: [{ issuer: main.issuer, jwks: main.jwks }] },
      ],
    }),
  },
  /** One issuer, described leniently at one resource and not at the other. */
  'several-policies': {
    resource: ADMIN, target: '/admin/photos',
    options: ({ main }) => ({
      resources: [
        { resource: ADMIN },
        { resource: PUBLIC, authorizationServers: [{ issuer: main.issuer, typ: ['at+jwt', 'JWT'], alsoAccept: ['api://everything'] }], clockTolerance: 300 },
      ],
      authorizationServers: [{ issuer: main.issuer, alsoAccept: ['api://everything'] }],
    }),
  },
} satisfies Record<string, Setup>

export type SetupName = keyof typeof setups
export const setupOf = (name: SetupName): Setup => setups[name]
