import { chapter, notApplicable, notBuilt, rows, testsOf, theme, type Chapter } from '../requirement.js'

const configuration = testsOf('packages/core/test/configuration/configuration.test.ts')
const resource = testsOf('packages/core/test/request/resource.test.ts')
const targets = testsOf('packages/core/test/targets.test.ts')
const fetchJson = testsOf('packages/core/test/outbound/fetch-json.test.ts')
const outboundUrl = testsOf('packages/core/test/outbound/url.test.ts')
const discovery = testsOf('packages/core/test/token/discovery.test.ts')
const resourceIds = testsOf('test/properties/resource-ids.test.ts')
const routing = testsOf('test/properties/routing.test.ts')
const oidcProvider = testsOf('test/oidc-provider.test.ts')

const mistakes = configuration('a mistake in the options names the option and the fix')
const roundTrip = resourceIds('from any resource identifier')
const client = (what: string) => notApplicable(`falls on the client: ${what}`)

export const metadata: readonly Chapter[] = [
  chapter('RFC 8707: resource indicators', [
    ['R8707-2-a', 'MUST', 'RFC 8707 §2', 'A resource identifier is an absolute URI without a fragment', resource('parseResource'), resourceIds('any text at all as the resource')],
    ['R8707-2-b', 'SHOULD NOT', 'RFC 8707 §2', 'A resource identifier has no query', notApplicable('that choice is the API\'s; an identifier with a query is supported, as the RFC allows')],
    ['R8707-2-c', 'SHOULD', 'RFC 8707 §2', 'The base URI of an API can stand for all of it, and a longer one for a part'],
    ['R8707-2-d', 'MUST', 'RFC 8707 §2', 'A token for the identifier that the client asked for is taken', oidcProvider('several resources of one issuer > lets a token in at the resource that it was asked for')],
    ['R8707-3-a', 'best practice', 'RFC 8707 §3', 'A tenant is part of the resource: a token for one is refused at another, however the path is written', targets('a template'), routing('with %s > and %s, no path makes a handler run for another resource or tenant than the one that was judged')],
    ['R8707-3-b', 'best practice', 'RFC 8707 §3', 'A token that another resource server was sent is refused', resourceIds('any two resources of one guard')],
    ['R8707-2-e', 'MAY', 'RFC 8707 §2', 'A token may be for several resources'],
  ]),
  chapter('RFC 9728: protected resource metadata', [
    ['R9728-1.2-a', 'MUST', 'RFC 9728 §1.2', 'A resource identifier is an https URL without a fragment', resource('parseResource')],
    ['R9728-2-resource', 'MUST', 'RFC 9728 §2', 'resource is the configured identifier, byte for byte', roundTrip],
    ['R9728-2-as', 'MAY', 'RFC 9728 §2', 'authorization_servers are the trusted issuers, byte for byte'],
    ['R9728-2-jwks', 'MAY', 'RFC 9728 §2', 'jwks_uri publishes keys of the resource itself', notBuilt('the guard has no keys of its own')],
    ['R9728-2-scopes', 'RECOMMENDED', 'RFC 9728 §2', 'scopes_supported lists scopes of the resource', rows('R9728-3.2-b'), mistakes],
    ['R9728-2-bearer', 'MAY', 'RFC 9728 §2', 'bearer_methods_supported says header, and nothing else is read', rows('R9728-3.2-b'), rows('R6750-2.2-b'), rows('R6750-2.3-a')],
    ['R9728-2-rsalg', 'MUST NOT', 'RFC 9728 §2', 'resource_signing_alg_values_supported does not have none', notApplicable('responses are not signed; an extension can say what the application signs')],
    ['R9728-2-name', 'RECOMMENDED', 'RFC 9728 §2', 'resource_name is published', rows('R9728-3.2-b')],
    ['R9728-2-docs', 'MAY', 'RFC 9728 §2', 'Documentation, policy and terms are https URLs', rows('R9728-3.2-b'), mistakes],
    ['R9728-2-tls', 'MAY', 'RFC 9728 §2', 'tls_client_certificate_bound_access_tokens is true only where that is enforced', notBuilt('mutual TLS; the member is left out, which means false')],
    ['R9728-2-rar', 'MAY', 'RFC 9728 §2', 'authorization_details_types_supported says what is enforced', notBuilt('authorization details')],
    ['R9728-2-dpopalg', 'MAY', 'RFC 9728 §2', 'dpop_signing_alg_values_supported are the algorithms taken', notBuilt('DPoP; the member is left out')],
    ['R9728-2-dpopreq', 'MAY', 'RFC 9728 §2', 'dpop_bound_access_tokens_required is true only where that is enforced', notBuilt('DPoP; the member is left out, which means false')],
    ['R9728-2-ext', 'MAY', 'RFC 9728 §2', 'Extensions and language-tagged members can be published', rows('R9728-3.2-b'), mistakes],
    ['R9728-2.1-a', 'RECOMMENDED', 'RFC 9728 §2.1', 'A language-tagged member has an untagged one beside it', mistakes],
    ['R9728-2.2-a', 'MUST', 'RFC 9728 §2.2', 'signed_metadata is a JWS with an issuer', notBuilt('signed metadata')],
    ['R9728-2.2-b', 'SHOULD NOT', 'RFC 9728 §2.2', 'signed_metadata does not hold itself', notBuilt('signed metadata')],
    ['R9728-3-a', 'MUST', 'RFC 9728 §3', 'The document is where inserting the well-known path puts it', targets('metadata'), roundTrip],
    ['R9728-3.1-a', 'MUST', 'RFC 9728 §3.1', 'The document answers GET; a lone root slash is dropped from its path', rows('R9728-3.3-a'), rows('R9728-3-a')],
    ['R9728-3.1-b', 'MUST', 'RFC 9728 §3.1', 'A query of the identifier stays behind the inserted path'],
    ['R9728-3.1-c', 'best practice', 'RFC 9728 §3.1', 'A slash at the end of a longer path counts', rows('R9728-3.1-c'), rows('R9728-3.2-e')],
    ['R9728-3-b', 'MAY', 'RFC 9728 §3', 'The document may be published elsewhere too', rows('MCP-disc')],
    ['R9728-3.2-a', 'MUST', 'RFC 9728 §3.2', 'The document is a JSON object, 200, application/json', rows('R9728-x-unauth'), roundTrip],
    ['R9728-3.2-b', 'MUST', 'RFC 9728 §3.2', 'Members without a value are left out', mistakes],
    ['R9728-3.2-c', 'MUST', 'RFC 9728 §3.2', 'What can have several values is a list', rows('R9728-3.2-b'), rows('R9728-2-as')],
    ['R9728-3.2-d', 'MUST', 'RFC 9728 §3.2', 'Unknown members are ignored', client('the guard reads no such document')],
    ['R9728-3.2-e', 'best practice', 'RFC 9728 §3.2', 'There is no document for a path that belongs to no resource'],
    ['R9728-3.3-a', 'MUST', 'RFC 9728 §3.3', 'The document that a challenge leads to names the identifier that its address is made from', roundTrip],
    ['R9728-3.3-b', 'MUST', 'RFC 9728 §3.3', 'After a challenge, resource is the URL that was asked for', client('it compares; for URLs below the identifier this cannot hold, which the revision of the RFC takes up')],
    ['R9728-4-a', 'MAY', 'RFC 9728 §4', 'protected_resources of the issuer are compared with the own identifier', notBuilt('a check at start-up')],
    ['R9728-5-a', 'MAY', 'RFC 9728 §5', 'Every challenge carries resource_metadata', theme('challenge')],
    ['R9728-5.1-a', 'MUST', 'RFC 9728 §5.1', 'resource_metadata is the absolute URL of the document', rows('R9728-3.3-a'), roundTrip],
    ['R9728-5.2-a', 'MAY', 'RFC 9728 §5.2', 'A change of metadata can be told by a new challenge', notApplicable('the metadata of a guard does not change while it lives')],
    ['R9728-5.4-a', 'MAY', 'RFC 9728 §5.4', 'Challenges of other schemes can stand beside it'],
    ['R9728-6-a', 'MUST', 'RFC 9728 §6', 'Strings are compared code point by code point, without normalisation', resourceIds('a token is for a resource')],
    ['R9728-7.1-a', 'MUST', 'RFC 9728 §7.1', 'The document is at an https URL, but on the loopback', resource('parseResource')],
    ['R9728-7.3-a', 'best practice', 'RFC 9728 §7.3', 'The document follows from the configuration, never from Host or forwarded headers'],
    ['R9728-7.7-a', 'SHOULD', 'RFC 9728 §7.7', 'Care is taken with URLs that others choose: https, no redirect elsewhere, no literal private address that was discovered (names are not resolved)', outboundUrl('a private host'), fetchJson('a redirect'), discovery('metadata')],
    ['R9728-7.10-a', 'SHOULD', 'RFC 9728 §7.10', 'The document says how long it may be kept, and is revalidated'],
    ['R9728-x-cors', 'best practice', 'RFC 9728 §3.1', 'Browsers of any origin may read the document'],
    ['R9728-x-unauth', 'best practice', 'RFC 9728 §3.1', 'The document needs no token, whatever else is guarded'],
    ['D9728bis-a', 'draft', 'rfc9728bis', 'A challenge may lead to a document of a parent path', notApplicable('falls on the client, and the draft has expired')],
  ]),
  chapter('RFC 8414: authorization server metadata, read', [
    ['R8414-2-a', 'MUST', 'RFC 8414 §2', 'An issuer is https, without query and fragment', mistakes],
    ['R8414-3.1-a', 'MUST', 'RFC 8414 §3.1', 'Metadata are looked for where OAuth and OpenID Connect put them', discovery('metadata')],
    ['R8414-3.3-a', 'MUST', 'RFC 8414 §3.3', 'Metadata that name another issuer are discarded', discovery('metadata')],
    ['R8414-2-b', 'MUST', 'RFC 8414 §2', 'Keys are fetched over https', fetchJson('a redirect')],
    ['R8414-3.2-a', 'MUST', 'RFC 8414 §3.2', 'Metadata are JSON with status 200', fetchJson('refused is')],
    ['R8414-x', 'best practice', 'RFC 8414 §6', 'Size, time, redirects and content are bounded; no credentials are sent', fetchJson('refused is'), fetchJson('the deadline'), fetchJson('a redirect'), fetchJson('a request')],
  ]),
]
