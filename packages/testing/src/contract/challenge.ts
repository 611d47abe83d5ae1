import type { ResourceCase } from './case.js'
import { holds, invalidRequest, invalidToken, same, unauthenticated, type Expectation } from './expectation.js'

const hostile = 'a"b\\c\r\nX-Injected: 1\u007f\u00e9\u{1f600}, Basic realm=x'

/** Nothing that a token or a request says comes back, in whatever form. */
const without =
  (expectation: Expectation, ...texts: readonly string[]): Expectation =>
  (answer, judged) => {
    expectation(answer, judged)
    const all = `${JSON.stringify(answer.headers)}${answer.body}`
    for (const text of texts) holds(`the answer does not repeat "${text}"`, !all.includes(text), all)
    same('no header was injected', answer.headers.filter(([name]) => name === 'x-injected'), [])
  }

/** What a client is told, and what it is not (RFC 6750 §3, RFC 9110 §11.6.1, RFC 9728 §5). */
export const challenge: readonly ResourceCase[] = [
  { name: 'no error is named to a client that sent nothing', ref: 'R6750-3.1-d', authorization: [], expect: unauthenticated },
  { name: 'an error is named to a client whose token was refused', ref: 'R6750-3-g', claims: { exp: 1 }, expect: invalidToken },
  {
    name: 'an error is named to a client whose credentials cannot be read', ref: 'R6750-3.1-a',
    authorization: ['Bearer'], expect: invalidRequest,
  },
  ...(['iss', 'sub', 'client_id', 'aud', 'scope', 'jti'] as const).map((claim) => ({
    name: `a hostile ${claim} does not come back in the answer`, ref: 'R6750-3-h', claims: { [claim]: hostile, exp: 1 },
    expect: without(invalidToken, 'X-Injected', 'realm=x'),
  })),
  ...(['kid', 'typ', 'alg', 'cty'] as const).map((member) => ({
    name: `a hostile ${member} does not come back in the answer`, ref: 'R6750-3-h', claims: { exp: 1 },
    mint: { header: { [member]: hostile } }, expect: without(invalidToken, 'X-Injected', 'realm=x'),
  })),
  {
    name: 'a refusal says nothing about the claims of the token', ref: 'R9068-6-a',
    claims: { sub: 'subject-4711', client_id: 'client-4711', jti: 'jti-4711', aud: 'https://audience-4711.test', exp: 4711 },
    expect: without(invalidToken, '4711'),
  },
  {
    name: 'a refusal says nothing about the request', ref: 'R6750-3-h', authorization: [],
    headers: [['X-Request-Id', 'request-4711'], ['User-Agent', 'agent-4711'], ['Origin', 'https://origin-4711.test']], expect: without(unauthenticated, '4711'),
  },
  ...([
    ['Host', 'evil.test'], ['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'evil.test'], ['X-Forwarded-Prefix', '/evil.test'],
    ['Forwarded', 'host=evil.test;proto=http'], ['X-Original-URL', '/evil.test'], ['X-Rewrite-URL', '/evil.test'], ['X-Forwarded-Server', 'evil.test'],
  ] as const).map((header) => ({
    name: `${header[0]} has no say in the challenge`, ref: 'R9700-4.13-a', authorization: [], headers: [header], expect: without(unauthenticated, 'evil'),
  })),
  {
    name: 'a Host that is the audience of the token makes no other token good', ref: 'R9700-4.13-a',
    claims: { aud: 'https://evil.test' },
    headers: [['Host', 'evil.test'], ['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'https']], expect: invalidToken,
  },
]
