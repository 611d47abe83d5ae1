import { chapter, rows, testsOf, type Chapter } from '../requirement.js'

const client = testsOf('packages/core/test/introspection/client.test.ts')
const reply = testsOf('packages/core/test/introspection/reply.test.ts')
const remembering = testsOf('packages/core/test/introspection/remembering.test.ts')
const shared = testsOf('packages/core/test/introspection/shared.test.ts')
const signed = testsOf('packages/core/test/introspection/signed.test.ts')

const claims = reply('a reply with these claims > %s')
const answers = reply('an answer that is > %s')

export const introspection: readonly Chapter[] = [
  chapter('RFC 7662: introspection', [
    ['R7662-2.1-a', 'MUST', 'RFC 7662 §2.1', 'The token is asked about in a form, by POST', client('a request (RFC 7662 §2.1)')],
    ['R7662-2.1-b', 'MAY', 'RFC 7662 §2.1', 'The question has a token_type_hint', client('a request (RFC 7662 §2.1) > is a form with the token and a hint')],
    ['R7662-2.1-c', 'MUST', 'RFC 7662 §2.1', 'The resource server authenticates, and asks over https alone', client('client_secret_basic (RFC 6749 §2.3.1)'), client('client_secret_post puts both into the form, and nothing into the header'), client('private_key_jwt (RFC 7523)'), client('a bearer token (RFC 7662 §2.1)'), client('mutual TLS (RFC 8705)'), client('the endpoint')],
    ['R7662-2.2-a', 'MUST', 'RFC 7662 §2.2', 'Only active true is active', claims],
    ['R7662-2.2-b', 'MUST', 'RFC 7662 §2.2', 'What is inactive is an invalid token, without a reason', claims, answers],
    ['R7662-2.2-c', 'best practice', 'RFC 7662 §2.2', 'exp, nbf, iss, aud, scope, cnf and token_type of the reply are judged as those of a JWT', claims],
    ['R7662-2.2-d', 'best practice', 'RFC 7662 §2.2', 'A reply without an audience is refused, unless something else that is configured proves it', claims, reply('where there is no aud, something else can prove it')],
    ['R7662-2.2-e', 'MAY', 'RFC 7662 §2.2', 'A reply holds for one token at one resource', remembering('a reply is of one token at one resource')],
    ['R7662-2.3-a', 'MUST', 'RFC 7662 §2.3', 'An error of the endpoint is not an inactive token, and is not remembered', answers],
    ['R7662-4-a', 'MUST', 'RFC 7662 §4', 'No reply is used past exp', remembering('time > never past exp'), remembering('time > of a reply that stays active past exp, exp is the end')],
    ['R7662-4-b', 'MAY', 'RFC 7662 §4', 'How long replies are used can be set, to not at all', remembering('time > ttl 0 asks each time'), remembering('time > what is revoked at the issuer is refused after the TTL at the latest')],
    ['R7662-4-c', 'MUST', 'RFC 7662 §4', 'Tokens and replies are protected where they are remembered, and not logged', reply('what the log is told > is bounded, and never the token, the secret or what the endpoint wrote'), shared('replies that instances share > hold neither token, nor claims, nor secret in the clear'), shared('a seal')],
    ['R7662-4-d', 'SHOULD', 'RFC 7662 §4', 'Scanning by junk costs a bounded number of questions and no good reply', remembering('1,000 junk tokens'), remembering('the cap and the breaker')],
    ['R7662-4-e', 'best practice', 'RFC 7662 §4', 'What cannot be a token is not asked about', client('nothing is asked about a token that cannot be one')],
  ]),
  chapter('RFC 9701: signed introspection', [
    ['R9701-4-a', 'MUST', 'RFC 9701 §4', 'A signed reply is asked for by its media type', signed('a signed reply (RFC 9701) > is asked for, and only it')],
    ['R9701-5-a', 'MUST', 'RFC 9701 §5', 'typ, iss, aud and iat of a signed reply are verified', signed('a signed reply (RFC 9701) > %s')],
    ['R9701-5-b', 'MUST', 'RFC 9701 §5', 'What is said of the token is in token_introspection alone', signed('a signed reply (RFC 9701) > says about the token what is in token_introspection and nothing else'), signed('a signed reply (RFC 9701) > that says %s')],
    ['R9701-5-c', 'MUST', 'RFC 9701 §5', 'A signed reply may say that the token is inactive', signed('a signed reply (RFC 9701) > that says %s')],
    ['R9701-8.1-a', 'MUST', 'RFC 9701 §8.1', 'A signed reply is not an access token', signed('a signed reply (RFC 9701) > is never an access token'), rows('R8725-3.12-a')],
    ['R9701-5-d', 'MUST', 'RFC 9701 §5', 'A plain reply does not do where a signed one was asked for', signed('a signed reply (RFC 9701) > is not replaced by a plain one')],
  ]),
]
