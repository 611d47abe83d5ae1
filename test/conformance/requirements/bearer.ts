import { chapter, notApplicable, rows, testsOf, theme, type Chapter } from '../requirement.js'

const configuration = testsOf('packages/core/test/configuration/configuration.test.ts')
const credentials = testsOf('packages/core/test/request/credentials.test.ts')
const guard = testsOf('packages/core/test/resource-guard.test.ts')
const resource = testsOf('packages/core/test/request/resource.test.ts')
const challenges = testsOf('test/properties/challenges.test.ts')
const bytes = testsOf('test/properties/bytes.test.ts')
const handlers = testsOf('test/adapters/answers-of-handlers.test.ts')
const repeated = testsOf('test/adapters/repeated-authorization.test.ts')
const freshness = testsOf('packages/core/test/token/freshness.test.ts')
const remoteKeys = testsOf('packages/core/test/token/remote-keys.test.ts')
const cache = testsOf('packages/core/test/token/verified-cache.test.ts')
const clientAuthentication = testsOf('packages/core/test/introspection/client.test.ts')

const header = notApplicable('tokens are read from the Authorization header only; there is no option for the query or the body')

const every = 'every refusal > has a challenge that the grammar of RFC 9110 derives, with the configured facts and nothing else'

export const bearer: readonly Chapter[] = [
  chapter('RFC 6749: the framework', [
    ['R6749-7-a', 'MUST', 'RFC 6749 §7', 'Every request is judged: the token is valid, not expired, and its scope covers what is asked for', guard('handle > verifies a signature once and holds everything else against each request')],
    ['R6749-7-b', 'MUST', 'RFC 6749 §7.2', 'Whoever is refused is told so in the terms of the scheme', theme('challenge'), challenges('every refusal')],
    ['R6749-7.1-a', 'MUST', 'RFC 6749 §7.1', 'A token is not taken under a scheme that is not implemented'],
    ['R6749-3.3-a', 'MUST', 'RFC 6749 §3.3', 'Scopes are delimited by spaces, compared exactly, and in any order'],
    ['R6749-10.3-a', 'MUST', 'RFC 6749 §10.3', 'No answer and no log carries a token or a part of it', theme('challenge'), guard('handle > tells the log what it tells nobody else'), challenges('evidence')],
    ['R6749-2.3.1-a', 'MUST', 'RFC 6749 §2.3.1', 'With client_secret_basic, id and secret are form-encoded before they are put together', clientAuthentication('client_secret_basic (RFC 6749 §2.3.1)')],
  ]),
  chapter('RFC 6750: bearer tokens', [
    ['R6750-2-a', 'MUST', 'RFC 6750 §2', 'A client uses one method to send a token: what comes beside the header counts for nothing', rows('R9700-4.3.2/OA21-5.2.1')],
    ['R6750-2.1-a', 'MUST', 'RFC 6750 §2.1', 'The Authorization header is supported'],
    ['R6750-2.1-b', 'MUST', 'RFC 6750 §2.1', 'Credentials are the scheme in any case, spaces, and one token68', credentials('readCredentials'), testsOf('test/properties/credentials.test.ts')('whatever Authorization says')],
    ['R6750-2.1-c', 'best practice', 'RFC 6750 §2.1', 'Characters outside token68 are malformed credentials', bytes('in process')],
    ['R6750-2.2-a', 'MAY', 'RFC 6750 §2.2', 'A token in the body of a request that must not have one is not read'],
    ['R6750-2.2-b', 'SHOULD', 'RFC 6750 §2.2', 'The form-encoded body is not used for tokens'],
    ['R6750-2.3-a', 'SHOULD NOT', 'RFC 6750 §2.3', 'The query is not used for tokens'],
    ['R6750-2.3-b', 'SHOULD', 'RFC 6750 §2.3', 'Where tokens come in the query, answers to them are private', header],
    ['R6750-3-a', 'MUST', 'RFC 6750 §3', 'Without credentials that suffice the answer has WWW-Authenticate', theme('challenge'), theme('scope'), challenges(every)],
    ['R6750-3-b', 'MUST', 'RFC 6750 §3', 'The scheme of the challenge is Bearer', theme('challenge'), challenges(every)],
    ['R6750-3-c', 'MUST', 'RFC 6750 §3', 'The scheme is followed by at least one parameter', rows('R6750-3.1-d'), challenges(every)],
    ['R6750-3-d', 'MUST', 'RFC 6750 §3', 'realm appears at most once (it is never sent)', theme('challenge'), challenges(every)],
    ['R6750-3-e', 'MUST', 'RFC 6750 §3', 'scope appears at most once, its values delimited by spaces', theme('scope'), challenges(every)],
    ['R6750-3-f', 'MUST', 'RFC 6750 §3', 'error, error_description and error_uri appear at most once', theme('challenge'), challenges(every)],
    ['R6750-3-g', 'SHOULD', 'RFC 6750 §3', 'An error is named where a token was sent and refused'],
    ['R6750-3-h', 'MUST', 'RFC 6750 §3', 'error and error_description keep to their characters, whatever the token says', challenges('whatever a challenge is written from')],
    ['R6750-3-i', 'MUST', 'RFC 6750 §3', 'scope keeps to its characters: others are an error at start-up', configuration('a mistake in the options names the option and the fix'), guard('authorize > takes no empty list and nothing that is no scope')],
    ['R6750-3-j', 'MUST', 'RFC 6750 §3', 'error_uri is a URI reference', notApplicable('error_uri is never sent')],
    ['R6750-3.1-a', 'SHOULD', 'RFC 6750 §3.1', 'invalid_request is 400'],
    ['R6750-3.1-b', 'SHOULD', 'RFC 6750 §3.1', 'invalid_token is 401, whatever is wrong with the token', theme('audience'), theme('claims')],
    ['R6750-3.1-c', 'SHOULD', 'RFC 6750 §3.1', 'insufficient_scope is 403 and names the scopes'],
    ['R6750-3.1-d', 'SHOULD NOT', 'RFC 6750 §3.1', 'A request without credentials is told of no error'],
    ['R6750-3.1-e', 'SHOULD NOT', 'RFC 6750 §3.1', 'A request under a scheme that is not offered is told of no error'],
    ['R6750-5.2-a', 'MUST', 'RFC 6750 §5.2', 'Resources and issuers are https, but on the loopback', resource('parseResource'), configuration('a mistake in the options names the option and the fix')],
    ['R6750-5.2-b', 'MUST', 'RFC 6750 §5.2', 'A token is for this resource server, or refused', theme('audience')],
    ['R6750-5.3-a', 'best practice', 'RFC 6750 §5.3', 'A token in a cookie or a URL is not read', rows('R6750-5.3-a'), rows('R6750-2.3-a')],
  ]),
  chapter('RFC 9110 and 9111: HTTP', [
    ['R9110-11.6.1-a', 'MUST', 'RFC 9110 §11.6.1', 'Each 401 has a challenge, whatever the method', rows('R9110-9.3.2-a'), rows('MCP-every'), challenges(every)],
    ['R9110-11.2-a', 'MUST', 'RFC 9110 §11.2', 'Parameters are tokens or quoted strings, quoted and escaped by the grammar', challenges('every refusal'), challenges('whatever a challenge is written from')],
    ['R9110-11.2-b', 'MUST', 'RFC 9110 §11.2', 'A challenge has each parameter once', challenges(every), testsOf('packages/testing/test/challenge-parser.test.ts')('the challenge parser')],
    ['R9110-11.6.1-b', 'MUST', 'RFC 9110 §11.6.1', 'Challenges of the application stay beside the one of the guard'],
    ['R9110-11.1-a', 'MUST', 'RFC 9110 §11.1', 'Schemes are compared without regard to case'],
    ['R9110-5.3-a', 'MUST', 'RFC 9110 §5.3', 'Several Authorization lines are malformed, over HTTP/1.1 and HTTP/2', repeated('inject on Fastify'), repeated('HTTP/2 on %s'), testsOf('test/properties/credentials.test.ts')('several Authorization lines')],
    ['R9110-5.5-a', 'MUST', 'RFC 9110 §5.5', 'No CR, LF or NUL gets into a field, and none in one gets to a handler', challenges('whatever a challenge is written from'), bytes('over a socket, on each adapter')],
    ['R9110-9.3.2-a', 'MUST', 'RFC 9110 §9.3.2', 'HEAD gets the status and fields that GET gets'],
    ['R9110-10.2.1/15.5.6-a', 'MUST', 'RFC 9110 §15.5.6', '405 carries Allow'],
    ['R9110-15.5.2-a', 'SHOULD', 'RFC 9110 §15.5.2', '401 is for missing or bad credentials, 403 for good ones that do not suffice', rows('R6750-3.1-c'), rows('R6750-3.1-d')],
    ['R9110-15.6.4-a', 'MAY', 'RFC 9110 §15.6.4', 'What cannot be judged now is 503 with Retry-After, never invalid_token'],
    ['R9110-8.3-a', 'SHOULD', 'RFC 9110 §8.3', 'The body of a refusal has a Content-Type', theme('challenge'), theme('availability')],
    ['R9111-3.5-a', 'MUST', 'RFC 9111 §3.5', 'The guard makes no answer to a token cacheable: the answers of handlers stay as they are', handlers('the answer of a handler on %s')],
    ['R9111-3.5-b', 'best practice', 'RFC 9111 §5.2.2.5', 'Refusals are not stored', theme('challenge'), theme('availability')],
    ['R9111-4.1-a', 'SHOULD', 'RFC 9111 §4.1', 'Answers that caches may share vary by Authorization', notApplicable('the answers of handlers are the application\'s; the guard adds nothing to them')],
    ['R9111-5.2-a', 'MUST', 'RFC 9111 §5.2', 'Keys are kept as long as their response says, within bounds', freshness('%j is fresh for %d s'), remoteKeys('fresh keys')],
    ['R9111-4.3-a', 'MAY', 'RFC 9111 §4.3', 'Keys are revalidated by ETag', remoteKeys('revalidation')],
  ]),
  chapter('RFC 9700 and OAuth 2.1: best current practice', [
    ['R9700-2.3-a', 'MUST', 'RFC 9700 §2.3', 'On every request the token is for this resource, or refused', theme('audience'), guard('handle > judges a remembered token by each resource that it comes to')],
    ['R9700-2.3-b', 'MUST', 'RFC 9700 §2.3', 'On every request the token allows what is asked for', rows('R6750-3.1-c')],
    ['R9700-2.2.1-a', 'SHOULD', 'RFC 9700 §2.2.1', 'Tokens can be bound to their sender', { standing: 'not yet built', why: 'DPoP and mutual TLS; until then a token with a cnf is refused' }],
    ['R9700-4.3.2/OA21-5.2.1', 'MUST', 'OAuth 2.1 §5.2.1', 'A token in the query is ignored, also beside one in the header'],
    ['R9700-4.9-a', 'MUST', 'RFC 9700 §4.9', 'Tokens are secrets: not logged, and remembered only by digest', guard('handle > tells the log what it tells nobody else'), cache('the cache of verified tokens > gives back the very entry, and only for its digest')],
    ['R9700-4.13-a', 'MUST', 'RFC 9700 §4.13', 'Forwarded headers and Host have no say'],
    ['R9700-4.15-a', 'best practice', 'RFC 9700 §4.15', 'A client identifier does not pass for a user: subject and client are told apart', rows('R9068-5-a')],
    ['R9700-2.6-a', 'MAY', 'RFC 9700 §2.6', 'A CORS preflight can be let through, and nothing that only resembles one'],
    ['OA21-5.3-a', 'SHOULD', 'OAuth 2.1 §5.3', 'The statuses are 400, 401 and 403 as the error says', rows('R6750-3.1-a'), rows('R6750-3.1-b'), rows('R6750-3.1-c')],
    ['OA21-mcp', 'MUST', 'OAuth 2.1 §5.3', 'An invalid or expired token is 401', rows('R6750-3.1-b'), rows('R7519-4.1.4-a')],
  ]),
]
