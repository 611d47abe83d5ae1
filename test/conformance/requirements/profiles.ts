import { chapter, notApplicable, notBuilt, rows, testsOf, theme, type Chapter } from '../requirement.js'

const configuration = testsOf('packages/core/test/configuration/configuration.test.ts')
const scope = testsOf('packages/core/test/claims/scope.test.ts')
const jwk = testsOf('packages/core/test/token/jwk.test.ts')
const jwt = testsOf('packages/core/test/token/jwt.test.ts')
const routing = testsOf('packages/core/test/introspection/routing.test.ts')
const remembering = testsOf('packages/core/test/introspection/remembering.test.ts')
const mcp = testsOf('packages/mcp/test/protect-mcp.test.ts')
const mistakes = configuration('a mistake in the options names the option and the fix')
const bound = notBuilt('DPoP and mutual TLS; until then a token with a cnf is refused')

export const profiles: readonly Chapter[] = [
  chapter('MCP authorization 2026-07-28', [
    ['MCP-prm', 'MUST', 'MCP authorization', 'RFC 9728 is served, with at least one authorization server', rows('R9728-2-as'), rows('R9728-x-unauth'), mistakes, mcp('%s > serves its metadata at %s, to any origin and without a token')],
    ['MCP-disc', 'MUST', 'MCP authorization', 'Clients find the document by the challenge, or at the well-known path', rows('R9728-3.3-a')],
    ['MCP-scope401', 'SHOULD', 'MCP authorization', 'A 401 can ask for scopes'],
    ['MCP-403', 'SHOULD', 'MCP authorization', 'A 403 names every scope that is needed, and resource_metadata', mcp('%s > answers a tool that the token has no scope for with 403 and the scopes that it needs')],
    ['MCP-aud', 'MUST', 'MCP authorization', 'Only tokens issued for this server are taken', theme('audience'), mcp('%s > refuses a token %s with invalid_token'), mcp('%s > refuses a token whose audience has one slash more')],
    ['MCP-hier', 'MUST', 'MCP authorization', 'A broader scope does for those that it implies', scope('suffices'), scope('a guard that is told which scopes imply which'), mcp('%s > lets a token with %s use it: a broader scope does for a narrower one')],
    ['MCP-every', 'MUST', 'MCP authorization', 'Every request is authorized, whatever its method', mcp('%s > answers %s without a token with 401 and one challenge that a client can read')],
    ['MCP-query', 'MUST', 'MCP authorization', 'A token in the query is never read', rows('R6750-2.3-a'), rows('R9700-4.3.2/OA21-5.2.1'), mcp('%s > refuses a token in the query (J "Token Requirements")')],
    ['MCP-pass', 'MUST NOT', 'MCP authorization', 'Tokens are not passed on: neither principals nor tools have them', mcp('%s > hands a complete AuthInfo to tools, and no token')],
    ['MCP-offline', 'SHOULD NOT', 'MCP authorization', 'offline_access is neither asked for nor published', mistakes],
    ['MCP-canon', 'SHOULD', 'MCP authorization', 'A scheme and host in capitals can be accepted'],
    ['MCP-session', 'best practice', 'MCP security', 'A session belongs to the principal that began it', mcp('%s > binds a session to issuer, subject and client'), testsOf('packages/mcp/test/options.test.ts')('sessions')],
  ]),
  chapter('FAPI 2.0 security profile', [
    ['FAPI-RS-1', 'MUST', 'FAPI 2.0 §5.3.4', 'Tokens in the Authorization header are taken', rows('R6750-2.1-a')],
    ['FAPI-RS-2', 'MUST NOT', 'FAPI 2.0 §5.3.4', 'Tokens in the query are not', rows('R6750-2.3-a')],
    ['FAPI-RS-3', 'MUST', 'FAPI 2.0 §5.3.4', 'Validity, integrity and expiry are verified; revocation is, where the issuer is asked about each token', rows('R6749-7-a'), routing("when 'always' > a JWT has to be good here and there"), remembering('time > what is revoked at the issuer is refused after the TTL at the latest')],
    ['FAPI-RS-4', 'MUST', 'FAPI 2.0 §5.3.4', 'Authorization suffices, or the error of RFC 6750 is sent', rows('R6750-3.1-c')],
    ['FAPI-RS-5', 'MUST', 'FAPI 2.0 §5.3.4', 'Tokens are bound to their sender, and that is verified', bound],
    ['FAPI-C-1', 'MUST', 'FAPI 2.0 §5.4', 'Only PS256, ES256 and Ed25519: an issuer can be held to them', rows('R8725-3.1-a')],
    ['FAPI-C-2', 'MUST', 'FAPI 2.0 §5.4', 'RSA keys have 2048 bits, elliptic curve keys 224', rows('R7518-3.3-a'), jwk('an unusable JWK is undefined, never a throw')],
    ['FAPI-C-3', 'MUST', 'FAPI 2.0 §5.4', 'Keys under one kid are told apart', rows('R7517-4.5-a'), jwt('each candidate is tried where keys answer %s')],
    ['FAPI-clk', 'MUST', 'FAPI 2.0 §5.3.2.1', 'Clocks may be 10 s ahead, and not more than 60 s', rows('FAPI-clk'), rows('R7519-4.1.6-a')],
    ['FAPI-jwks', 'MUST', 'FAPI 2.0 §5.6', 'Keys come over TLS; jku and x5u are not used', rows('R7515-4.1.2/3/5-6-a'), rows('R8414-2-b')],
    ['FAPI-replay', 'best practice', 'FAPI 2.0 §5.3.2.1', 'Proofs are not replayed', bound],
    ['FAPI-sig', 'draft', 'FAPI 2.0 HTTP signatures', 'Requests and responses are signed', notApplicable('a draft of another profile')],
  ]),
]
