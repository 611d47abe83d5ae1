import type { AppCase, AppStory, Running } from './app.js'
import { challengesOf, holds, metadataUrlOf, notFound, notServed, parseBody, same, unauthenticated, type Expectation } from './expectation.js'
import { ADMIN, API, PUBLIC, tenant, V1, type SetupName } from './setups.js'
import { lines, members, type Answer } from './wire.js'

const issuer = 'https://issuer.test'
const PATH = '/.well-known/oauth-protected-resource/v1'

/** The document, with exactly these members beside the resource. */
const document =
  (others: Readonly<Record<string, unknown>> = { authorization_servers: [issuer], bearer_methods_supported: ['header'] }): Expectation =>
  (answer, judged) => {
    same('status', answer.status, 200)
    publicly(answer)
    same('Content-Type', lines(answer, 'content-type')[0]?.split(';')[0], 'application/json')
    if (judged.head) return same('no body', answer.body, '')
    const { resource, ...rest } = parseBody(answer)
    same('resource', resource, judged.resource)
    const sorted = (members: object): unknown => Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1))
    same('the other members', sorted(rest), sorted(others))
  }

/** For anybody, any origin and any cache. */
function publicly(answer: Answer): void {
  same('no challenge', lines(answer, 'www-authenticate'), [])
  same('Access-Control-Allow-Origin', lines(answer, 'access-control-allow-origin'), ['*'])
  same('no credentials of browsers are asked for', lines(answer, 'access-control-allow-credentials'), [])
  const control = members(answer, 'cache-control')
  holds('Cache-Control lets anybody keep it for a while', control.includes('public') && control.some((member) => /^max-age=[1-9]\d*$/.test(member)), control)
  holds('ETag', /^(?:W\/)?"[\x21\x23-\x7e]+"$/.test(lines(answer, 'etag')[0] ?? ''), lines(answer, 'etag'))
}

const notAllowed: Expectation = (answer) => {
  same('status', answer.status, 405)
  same('Allow', members(answer, 'allow').toSorted(), ['get', 'head', 'options'])
  same('no challenge', lines(answer, 'www-authenticate'), [])
  same('Access-Control-Allow-Origin', lines(answer, 'access-control-allow-origin'), ['*'])
}

const preflight: Expectation = (answer) => {
  same('status', answer.status, 204)
  same('no body', answer.body, '')
  same('Access-Control-Allow-Origin', lines(answer, 'access-control-allow-origin'), ['*'])
  const methods = members(answer, 'access-control-allow-methods')
  holds('Access-Control-Allow-Methods', methods.includes('get') || methods.includes('*'), methods)
  const headers = members(answer, 'access-control-allow-headers')
  holds('Access-Control-Allow-Headers', headers.includes('*') || headers.includes('mcp-protocol-version'), headers)
}

const notModified: Expectation = (answer) => {
  same('status', answer.status, 304)
  same('no body', answer.body, '')
  publicly(answer)
}

/** Follows a challenge to the document, as RFC 9728 §5 has clients do it. */
const leadsToDocument = async (on: Running): Promise<void> => {
  const refusal = await on.check({ authorization: [], expect: unauthenticated })
  const url = new Map(challengesOf(refusal)[0]?.params).get('resource_metadata') ?? ''
  same('the URL is absolute and where RFC 9728 §3.1 puts it', url, metadataUrlOf(on.resource))
  const target = url.replace(/^[a-z]+:\/\/[^/]+/, '')
  await on.check({ target, authorization: [], expect: document() })
}

const kinds: readonly (readonly [SetupName, string])[] = [
  ['single', 'a path'], ['origin-only', 'an origin alone'], ['origin-with-slash', 'an origin with its slash'],
  ['path-with-slash', 'a path with a slash at its end'],
  ['with-query', 'a query'], ['percent-encoded', 'an encoded character'], ['with-port', 'a port'],
  ['loopback', 'a loopback address in the clear'], ['template', 'a tenant'],
  ['mount-path', 'another path than the one it is served at'], ['several', 'another resource beside it'],
]

const open = (row: Partial<AppCase> & Pick<AppCase, 'name' | 'ref' | 'expect'>): AppCase => ({ authorization: [], target: PATH, ...row })

/** The metadata of the protected resource (RFC 9728). */
export const metadata: readonly (AppCase | AppStory)[] = [
  ...kinds.map(([setup, what]) => ({
    name: `the challenge of a resource with ${what} leads to its document`, ref: 'R9728-3.3-a', setup, run: leadsToDocument,
  })),

  open({ name: 'the document is served without a token', ref: 'R9728-x-unauth', expect: document() }),
  open({
    name: 'the document is served whatever token comes with the request', ref: 'R9728-x-unauth',
    authorization: ['Bearer abc.def.ghi'], expect: document(),
  }),
  open({
    name: 'the document is served whatever else Authorization says', ref: 'R9728-x-unauth',
    authorization: ['Bearer', 'Basic x'], expect: document(),
  }),
  open({ name: 'HEAD gets the headers of the document', ref: 'R9110-9.3.2-a', method: 'HEAD', expect: document() }),
  open({
    name: 'the document has the members that are configured, and no empty ones', ref: 'R9728-3.2-b', setup: 'descriptive',
    expect: document({
      authorization_servers: [issuer], bearer_methods_supported: ['header'], scopes_supported: ['photos:read', 'photos:write'], resource_name: 'Photos',
      resource_documentation: 'https://api.example.com/docs', resource_policy_uri: 'https://api.example.com/policy',
      resource_tos_uri: 'https://api.example.com/terms',
      'resource_name#it': 'Fotografie', 'example_extension': { a: [1] },
    }),
  }),
  open({
    name: 'the document lists every issuer that is trusted, byte for byte', ref: 'R9728-2-as', setup: 'two-issuers',
    expect: document({ authorization_servers: [issuer, 'https://second.test'], bearer_methods_supported: ['header'] }),
  }),
  open({
    name: 'the document does not list further audiences', ref: 'R9728-2-resource',
    setup: 'also-accept',
    expect: document({ authorization_servers: [issuer, 'https://second.test'], bearer_methods_supported: ['header'] }),
  }),
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) =>
    open({ name: `${method} on the document is not allowed`, ref: 'R9110-10.2.1/15.5.6-a', method, expect: notAllowed }),
  ),
  open({
    name: 'the preflight of a browser is answered', ref: 'R9728-x-cors',
    method: 'OPTIONS',
    expect: preflight,
    headers: [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'GET'], ['Access-Control-Request-Headers', 'mcp-protocol-version']],
  }),
  {
    name: 'a document that has not changed is not sent again', ref: 'R9728-7.10-a',
    run: async (on) => {
      const first = await on.check({ authorization: [], target: PATH, expect: document() })
      const etag = lines(first, 'etag')[0] as string
      for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        await on.check({ authorization: [], target: PATH, headers: [['If-None-Match', condition]], expect: notModified })
      }
      await on.check({ authorization: [], target: PATH, headers: [['If-None-Match', '"other"']], expect: document() })
      await on.check({ authorization: [], target: PATH, method: 'HEAD', headers: [['If-None-Match', etag]], expect: notModified })
    },
  },
  ...([
    ['Host', 'evil.test'], ['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'http'], ['Forwarded', 'host=evil.test;proto=http'],
    ['X-Forwarded-Prefix', '/evil'],
  ] as const).map((header) =>
    open({ name: `${header[0]} has no say in the document`, ref: 'R9728-7.3-a', headers: [header], expect: document() }),
  ),
  open({
    name: 'the host of an absolute request target has no say in the document', ref: 'R9728-7.3-a',
    target: `http://evil.test${PATH}`, expect: document(),
  }),
  open({ name: 'a query that no resource has is ignored', ref: 'R9728-3.1-b', target: `${PATH}?cache=1`, expect: document() }),
  open({
    name: 'the document of a resource with a query is at its query', ref: 'R9728-3.1-b',
    setup: 'with-query', resource: `${V1}?edition=2`, target: `${PATH}?edition=2`, expect: document(),
  }),
  open({ name: 'a resource with a query has no document without it', ref: 'R9728-3.1-b', setup: 'with-query', expect: notFound }),
  open({
    name: 'the slash at the end of a path is part of it', ref: 'R9728-3.1-c',
    setup: 'path-with-slash', resource: `${V1}/`, target: `${PATH}/`, expect: document(),
  }),

  ...([
    ['/.well-known/oauth-protected-resource', 'single'], [`${PATH}/`, 'single'], [`${PATH}/sub`, 'single'],
    ['/.well-known/oauth-protected-resource/other', 'single'],
    ['/.well-known/oauth-protected-resource/V1', 'single'], ['/.well-known/oauth-protected-resource/%76%31', 'single'],
    ['/.well-known/oauth-protected-resource//v1', 'single'],
    [PATH, 'path-with-slash'], [PATH, 'origin-only'], ['/.well-known/oauth-protected-resource/', 'origin-only'],
  ] as const).map(([target, setup]) => open({ name: `there is no document at ${target} (${setup})`, ref: 'R9728-3.2-e', setup, target, expect: notFound })),
  open({
    name: 'the document of a single resource is at the root too where the application says so', ref: 'MCP-disc',
    setup: 'root-metadata', target: '/.well-known/oauth-protected-resource', expect: document(),
  }),
  open({
    name: 'the document at the root does not take the place of the one at the path', ref: 'MCP-disc',
    setup: 'root-metadata', expect: document(),
  }),
  {
    name: 'a challenge leads to the document at the path, also where there is one at the root', ref: 'MCP-disc',
    setup: 'root-metadata', run: leadsToDocument,
  },
  open({
    name: 'an unknown metadata path is not echoed', ref: 'R9728-3.2-e', target: '/.well-known/oauth-protected-resource/echo-4711',
    expect: (answer, judged) => {
      notFound(answer, judged)
      holds('the path does not come back', !JSON.stringify(answer).includes('4711'), answer)
    },
  }),
  open({
    name: 'a well-known path in capitals is not the well-known path', ref: 'RFC 8615 §3',
    target: PATH.toUpperCase(), expect: unauthenticated,
  }),
  open({
    name: 'a longer well-known path is not the well-known path', ref: 'RFC 8615 §3',
    target: '/.well-known/oauth-protected-resources/v1', expect: unauthenticated,
  }),
  {
    name: 'dot segments behind the well-known path reach no handler', ref: 'R8707-3-a',
    authorization: [], target: '/.well-known/oauth-protected-resource/../../photos', expect: notServed,
  },

  open({
    name: 'each tenant has a document of its own', ref: 'R9728-3.3-a',
    setup: 'template', resource: tenant('globex'), target: '/.well-known/oauth-protected-resource/t/globex', expect: document(),
  }),
  open({
    name: 'the document of a tenant lists the issuer of that tenant', ref: 'R9728-2-as', setup: 'template-own-issuers',
    resource: tenant('globex'), target: '/.well-known/oauth-protected-resource/t/globex',
    expect: document({ authorization_servers: ['https://tenants.test/globex'], bearer_methods_supported: ['header'] }),
  }),
  open({
    name: 'the document of a tenant lists the issuers that are chosen for it', ref: 'R9728-2-as', setup: 'template-chosen-issuers',
    resource: tenant('globex'), target: '/.well-known/oauth-protected-resource/t/globex',
    expect: document({ authorization_servers: ['https://tenants.test/globex'], bearer_methods_supported: ['header'] }),
  }),
  ...['nobody', 'ACME', 'initech', '%61cme', '{tenant}', 'acme/', 'acme/photos', '..', ''].map((value) =>
    open({
      name: `there is no document for the tenant "${value}"`, ref: 'R9728-3.2-e', setup: 'template',
      target: `/.well-known/oauth-protected-resource/t/${value}`, expect: notFound,
    }),
  ),
  open({
    name: 'the document stays where the public URI puts it, whatever a gateway strips', ref: 'R9728-3-a',
    setup: 'mount-path', resource: `${API}/v1/globex`, target: '/.well-known/oauth-protected-resource/v1/globex', expect: document(),
  }),
  open({
    name: 'there is no document at the path that a gateway forwards to', ref: 'R9728-3-a',
    setup: 'mount-path', target: '/.well-known/oauth-protected-resource/t/acme', expect: notFound,
  }),
  open({
    name: 'each of several resources has a document of its own: the first', ref: 'R9728-3.3-a',
    setup: 'several', resource: ADMIN, target: '/.well-known/oauth-protected-resource/admin', expect: document(),
  }),
  open({
    name: 'each of several resources has a document of its own: the second', ref: 'R9728-3.3-a',
    setup: 'several', resource: PUBLIC, target: '/.well-known/oauth-protected-resource/public', expect: document(),
  }),
  open({
    name: 'several resources have no document together', ref: 'R9728-3.2-e',
    setup: 'several', target: '/.well-known/oauth-protected-resource', expect: notFound,
  }),
]
