import { chapter, notApplicable, testsOf, type Chapter } from '../requirement.js'

const server = testsOf('packages/mcp/test/protect-mcp.test.ts')
const clients = testsOf('packages/mcp/test/official-clients.test.ts')
const options = testsOf('packages/mcp/test/options.test.ts')
const claims = testsOf('packages/core/test/claims/rfc9068.test.ts')
const configuration = testsOf('packages/core/test/configuration/configuration.test.ts')
const cache = testsOf('packages/core/test/token/verified-cache.test.ts')
const challenges = testsOf('test/properties/challenges.test.ts')
const scopes = testsOf('packages/core/test/claims/scope.test.ts')

const flow = clients('registers, gets a code with PKCE, redeems it, and steps up when a tool needs more')
const otherTokens = server('refuses a token %s with invalid_token')
const noSession = 'the 2026-07-28 protocol has none; the identifiers are made by the SDK'

/**
 * What falls on an MCP server that is a protected resource, run on every framework in front of both SDKs. P, N and J are the
 * specifications of 2025-06-18, 2025-11-25 and 2026-07-28; SBP is Security Best Practices.
 */
export const mcp: readonly Chapter[] = [
  chapter('MCP servers: authorization (2025-06-18, 2025-11-25, 2026-07-28)', [
    ['MCPS-prm', 'MUST', 'P N J, Overview', 'Protected resource metadata is served', server('serves its metadata at %s, to any origin and without a token')],
    ['MCPS-issuers', 'MUST', 'P N J, Authorization Server Location', 'The metadata names at least one authorization server', server('serves its metadata at %s, to any origin and without a token'), configuration('a mistake in the options names the option and the fix')],
    ['MCPS-find', 'MUST', 'P Authorization Server Location; N J Metadata Discovery', 'Clients find the metadata by the challenge of a 401, at the path of the endpoint, and at the root', server('answers %s without a token with 401 and one challenge that a client can read'), flow],
    ['MCPS-scope', 'SHOULD', 'N J, Scope Selection', 'The challenge of a 401 says which scopes to ask for', server('answers %s without a token with 401 and one challenge that a client can read'), flow],
    ['MCPS-offline', 'SHOULD NOT', 'J, Refresh Tokens', 'offline_access is in no challenge and in no metadata', options('a mistake in the options names the option and the fix'), configuration('a mistake in the options names the option and the fix')],
    ['MCPS-validate', 'MUST', 'P N J, Token Handling', 'Access tokens are validated as OAuth 2.1 §5.2 has it', otherTokens, clients('gets in with client credentials, and is told who it is')],
    ['MCPS-audience', 'MUST', 'P N J, Token Handling; Access Token Privilege Restriction', 'Only tokens whose audience is this very server are taken', otherTokens, server('refuses a token whose audience has one slash more')],
    ['MCPS-before', 'MUST', 'P N J, Access Token Privilege Restriction', 'Tokens are validated before a request is processed, so that nothing gets out', server('answers junk without a token with 401'), server('answers an unknown path without a token with 401')],
    ['MCPS-401', 'MUST', 'P N J, Token Handling', 'Invalid and expired tokens are 401', otherTokens],
    ['MCPS-others', 'MUST NOT', 'P N J, Token Handling; SBP Token Passthrough', 'Tokens that were issued for somebody else are not taken', otherTokens],
    ['MCPS-pass', 'MUST NOT', 'P N J, Access Token Privilege Restriction', 'The token of a client is not passed through: tools do not get it', server('hands a complete AuthInfo to tools, and no token')],
    ['MCPS-status', 'MUST', 'P N J, Error Handling', '401 for a token that is missing or bad, 403 for scopes, 400 for a malformed request', server('answers a malformed Authorization header with 400 (error table)'), server('answers a tool that the token has no scope for with 403 and the scopes that it needs'), otherTokens],
    ['MCPS-403', 'SHOULD', 'N J, Runtime Insufficient Scope Errors', 'A 403 has insufficient_scope, the scopes, and resource_metadata', server('answers a tool that the token has no scope for with 403 and the scopes that it needs'), server('answers with 403 where the SDK asks, and names the same metadata'), flow],
    ['MCPS-once', 'SHOULD', 'J, Scope Challenge Handling', 'One challenge names every scope that the operation needs', server('finds a tool in a batch'), scopes('a guard that is told which scopes imply which > names the scopes that are needed, whatever implies them')],
    ['MCPS-broader', 'MUST', 'J, Scope Challenge Handling', 'A broader scope does for the narrower ones that it implies', server('lets a token with %s use it: a broader scope does for a narrower one'), scopes('a guard that is told which scopes imply which')],
    ['MCPS-canonical', 'SHOULD', 'P N J, Canonical Server URI', 'Scheme and host in capitals can be accepted', claims('aud, where the issuer is described as one that writes the host in any case')],
    ['MCPS-header', 'MUST', 'P N J, Token Requirements', 'Tokens are read from the Authorization header only', server('refuses a token in the query (J "Token Requirements")')],
    ['MCPS-every', 'MUST', 'P N J, Token Requirements; SBP Session Hijacking', 'Every request is verified, also one that belongs to a session', server('answers %s without a token with 401 and one challenge that a client can read'), server('does not take a session for a token (SBP: MUST NOT use sessions for authentication)')],
    ['MCPS-storage', 'MUST', 'P N J, Token Theft', 'Tokens are stored securely: of those that are remembered, the digest', cache('the cache of verified tokens > gives back the very entry, and only for its digest')],
    ['MCPS-https', 'MUST', 'P N J, Communication Security', 'Resources and issuers are https, but on the loopback', configuration('a mistake in the options names the option and the fix')],
    ['MCPS-consistent', 'SHOULD', 'N J, Scope Challenge Handling', 'The same refusal asks for the same scopes', challenges('every refusal > is the same whatever the evidence is')],
    ['MCPS-experience', 'SHOULD', 'J, Scope Challenge Handling', 'Scopes are asked for with a view to what users have to agree to', notApplicable('which scopes an operation needs is for the application to say')],
    ['MCPS-slash', 'SHOULD', 'P N J, Canonical Server URI', 'The URI of a server has no slash at its end', notApplicable('the URI is for the application to choose, and is held to the byte; docs/mcp.md says to leave the slash out')],
    ['MCPS-bound', 'MUST', 'J, DPoP by RFC 9449 §7.2', 'A token that is bound to a key is not taken as a plain bearer', otherTokens],
  ]),
  chapter('MCP servers: transport and security best practices', [
    ['MCPS-origin', 'MUST', 'P N J, Streamable HTTP, Security Warning', 'An Origin that is not valid is 403', server('answers the origin %s with 403, with and without a token'), server('takes no more origins than are listed, and those'), options('where requests are taken from')],
    ['MCPS-host', 'best practice', 'P N J, Streamable HTTP, Security Warning', 'A Host that was rebound to a local server is 403', server('judges the host, after the metadata and before the token'), options('where requests are taken from')],
    ['MCPS-session', 'SHOULD', 'SBP Session Hijacking', 'A session is bound to who opened it', server('binds a session to issuer, subject and client'), options('sessions')],
    ['MCPS-handle', 'SHOULD', 'SBP (J), State Handles', 'State handles can be bound to a principal', options('principalKey')],
    ['MCPS-session-ids', 'MUST', 'SBP Session Hijacking', 'Session identifiers are secure and not deterministic', notApplicable(noSession)],
    ['MCPS-consent', 'MUST', 'SBP Confused Deputy', 'A proxy in front of another API asks for consent for each client', notApplicable('this server is no authorization server, and proxies none')],
  ]),
]
