import type { AppCase } from './app.js'
import { challengesOf, granted, holds, insufficientScope, invalidToken, notServed, same, unauthenticated, type Expectation } from './expectation.js'
import { lines, members } from './wire.js'

const beside = [['X-Beside', '1']] as const
const browser = [['Origin', 'https://app.example.com'], ['Access-Control-Request-Method', 'GET']] as const

/** What the application put on the answer before the guard ran is still there, beside what the guard added. */
const both =
  (expectation: Expectation): Expectation =>
  (answer, judged) => {
    expectation(answer, judged)
    same('Access-Control-Allow-Origin of the application', lines(answer, 'access-control-allow-origin'), ['https://app.example.com'])
    const exposed = 'access-control-expose-headers'
    holds('Access-Control-Expose-Headers of the application', members(answer, exposed).includes('x-total'), lines(answer, exposed))
    const basic = challengesOf(answer).filter(({ scheme }) => scheme === 'Basic')
    same('the challenge of the application', basic, [{ scheme: 'Basic', params: [['realm', 'beside']] }])
  }

/** The application ran: neither a challenge nor a principal is in the way of a preflight. */
const passed: Expectation = (answer) => {
  same('no challenge', lines(answer, 'www-authenticate'), [])
  holds('the application answers', answer.status !== 401 && answer.status !== 400 && answer.status < 500, answer.status)
}

/** Browsers (CORS), and other middleware beside the guard (RFC 9110 §11.6.1, RFC 9728 §5.4). */
export const cors: readonly AppCase[] = [
  {
    name: 'the challenge of the application stands beside the one for a missing token', ref: 'R9110-11.6.1-b',
    authorization: [], headers: beside, expect: both(unauthenticated),
  },
  {
    name: 'the challenge of the application stands beside the one for a bad token', ref: 'R9728-5.4-a',
    claims: { exp: 1 }, headers: beside, expect: both(invalidToken),
  },
  {
    name: 'the challenge of the application stands beside the one for a missing scope', ref: 'R9728-5.4-a',
    target: '/photos/scoped', headers: beside, expect: both(insufficientScope('photos:read photos:write')),
  },
  { name: 'what the application sets before the guard is on the answer of a handler', ref: 'R9110-11.6.1-b', headers: beside, expect: (answer, judged) => {
    granted(answer, judged)
    same('Access-Control-Allow-Origin', lines(answer, 'access-control-allow-origin'), ['https://app.example.com'])
  } },
  {
    name: 'the metadata are for every origin, whatever the application allows elsewhere', ref: 'R9728-x-cors',
    target: '/.well-known/oauth-protected-resource/v1', authorization: [], headers: beside,
    expect: (answer) => {
      same('status', answer.status, 200)
      same('Access-Control-Allow-Origin', lines(answer, 'access-control-allow-origin'), ['*'])
    },
  },

  { name: 'OPTIONS is guarded like any method', ref: 'R9110-11.6.1-a', method: 'OPTIONS', authorization: [], expect: unauthenticated },
  {
    name: 'a preflight is guarded unless the application says otherwise', ref: 'R9700-2.6-a',
    method: 'OPTIONS', authorization: [], headers: browser, expect: unauthenticated,
  },
  {
    name: 'a preflight is let through where the application says so', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'OPTIONS', authorization: [], headers: browser, expect: passed,
  },
  {
    name: 'OPTIONS without an origin is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'OPTIONS', authorization: [], headers: [browser[1]], expect: unauthenticated,
  },
  {
    name: 'OPTIONS without a method asked for is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'OPTIONS', authorization: [], headers: [browser[0]], expect: unauthenticated,
  },
  {
    name: 'OPTIONS with a bad token is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'OPTIONS', authorization: ['Bearer abc.def.ghi'], headers: browser, expect: invalidToken,
  },
  {
    name: 'OPTIONS with an empty Authorization is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'OPTIONS', authorization: [''], headers: browser, expect: notServed,
  },
  {
    name: 'GET with the headers of a preflight is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', authorization: [], headers: browser, expect: unauthenticated,
  },
  {
    name: 'POST with the headers of a preflight is no preflight', ref: 'R9700-2.6-a',
    setup: 'preflight-pass', method: 'POST', authorization: [], headers: browser, expect: unauthenticated,
  },
]
