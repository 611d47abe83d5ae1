import type { AppCase, AppStory } from './app.js'
import { granted, holds, invalidRequest, invalidToken, notServed, same, served, unauthenticated, type Expectation } from './expectation.js'
import { lines } from './wire.js'

const at = (route: string) => served((seen) => same('route', seen.route, route))
const refusedBy: Expectation = (answer) => holds('refused', answer.status === 401 || answer.status === 400, answer.status)

/** Methods, targets and connections (RFC 9110, RFC 9112). */
export const http: readonly (AppCase | AppStory)[] = [
  {
    name: 'POST with a good token is let in', ref: 'MCP-every',
    method: 'POST', body: () => '{}', headers: [['Content-Type', 'application/json']], expect: at('/photos'),
  },
  { name: 'the root is guarded', ref: 'R6749-7-a', target: '/', authorization: [], expect: unauthenticated },
  { name: 'the root is served with a good token', ref: 'R6749-7-a', target: '/', expect: at('/') },
  {
    name: 'a query does not change what is guarded', ref: 'R6749-7-a',
    target: '/photos?page=2', authorization: [], expect: unauthenticated,
  },
  { name: 'a query does not change what is served', ref: 'R6749-7-a', target: '/photos?page=2', expect: at('/photos') },
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].map((method) => ({
    name: `${method} without a token is refused, whether there is a handler or not`, ref: 'MCP-every', method, authorization: [], expect: unauthenticated,
  })),
  { name: 'HEAD gets the challenge that GET gets', ref: 'R9110-9.3.2-a', method: 'HEAD', authorization: [], expect: unauthenticated },
  { name: 'HEAD gets the error that GET gets', ref: 'R9110-9.3.2-a', method: 'HEAD', claims: { exp: 1 }, expect: invalidToken },
  {
    name: 'HEAD with malformed credentials is refused as GET is', ref: 'R9110-9.3.2-a',
    method: 'HEAD', authorization: ['Bearer'], expect: invalidRequest,
  },
  { name: 'HEAD with a good token is let in', ref: 'R9110-9.3.2-a', method: 'HEAD', expect: granted },
  {
    name: 'a method in lower case is another method, and guarded', ref: 'RFC 9110 §9.1',
    method: 'get', authorization: [], expect: (answer) => holds('refused', answer.status >= 400 && answer.status < 500, answer.status),
  },
  { name: 'TRACE reaches no handler and sends no credentials back', ref: 'RFC 9110 §9.3.8', method: 'TRACE', expect: notServed },
  { name: 'a path without a handler is guarded', ref: 'R6749-7-a', target: '/nothing/here', authorization: [], expect: unauthenticated },
  { name: 'a path without a handler is not found with a good token', ref: 'R9110-15.5.2-a', target: '/nothing/here', expect: (answer) => {
    same('status', answer.status, 404)
    same('no challenge', lines(answer, 'www-authenticate'), [])
  } },
  {
    name: 'the asterisk form of a target reaches no handler without a token', ref: 'RFC 9112 §3.2.4',
    method: 'OPTIONS', target: '*', authorization: [], expect: notServed,
  },
  {
    name: 'the absolute form of a target is guarded', ref: 'RFC 9112 §3.2.2',
    target: 'http://api.example.com/photos', authorization: [], expect: unauthenticated,
  },
  {
    name: 'a very long path breaks nothing', ref: 'RFC 9110 §4.1',
    target: `/${'a/'.repeat(3000)}`, authorization: [], expect: unauthenticated,
  },
  {
    name: 'a very long query breaks nothing', ref: 'RFC 9110 §4.1',
    target: `/photos?${'a=1&'.repeat(2000)}`, authorization: [], expect: unauthenticated,
  },
  {
    name: 'an Authorization of 64 KB reaches no handler', ref: 'RFC 9110 §5.4',
    authorization: [`Bearer ${'A'.repeat(65_536)}`], expect: notServed,
  },
  {
    name: 'a token beyond the limit is refused', ref: 'R7662-4-e',
    setup: 'short-tokens', claims: { padding: 'x'.repeat(1024) }, expect: invalidToken,
  },
  { name: 'a token within the limit is let in', ref: 'R7662-4-e', setup: 'short-tokens', expect: granted },
  { name: 'Host has no say in whether a token is let in', ref: 'R9728-7.3-a', headers: [['Host', 'evil.test']], expect: granted },
  {
    name: 'on one connection each request is judged by itself', ref: 'R6749-7-a',
    run: async (on) => {
      const connection = on.connect()
      try {
        const token = await on.issuer.token({ aud: on.resource })
        const statuses: number[] = []
        for (const authorization of [`Bearer ${token}`, undefined, `Bearer ${token}x`, `Bearer ${token}`, 'Bearer', undefined]) {
          const headers = authorization === undefined ? [] : [['Authorization', authorization] as const]
          statuses.push((await connection.send({ target: '/photos', headers })).status)
        }
        same('statuses', statuses, [200, 401, 401, 200, 400, 401])
      } finally {
        connection.close()
      }
    },
  },
  {
    name: 'a refused request with a body leaves the connection in order', ref: 'RFC 9112 §9.3',
    run: async (on) => {
      const connection = on.connect()
      try {
        const body = 'GET /photos HTTP/1.1\r\nHost: x\r\n\r\n'
        refusedBy(await connection.send({ method: 'POST', target: '/photos', body }), on)
        same('status of the next', (await connection.send({ target: '/photos' }).catch(() => ({ status: 401 }))).status, 401)
      } finally {
        connection.close()
      }
    },
  },
  {
    name: 'a handler gets who is calling, and not the token', ref: 'MCP-pass',
    claims: { scope: 'photos:read', sub: 'alice', client_id: 'client-1', iat: 1_893_455_900, exp: 1_893_456_600, jti: 'jti-1' },
    expect: served(({ principal }) => {
      same('principal', principal && Object.fromEntries(Object.entries(principal).toSorted(([a], [b]) => (a < b ? -1 : 1))), {
        claims: {
          iss: 'https://issuer.test', sub: 'alice', client_id: 'client-1', aud: 'https://api.example.com/v1', scope: 'photos:read',
          iat: 1_893_455_900, exp: 1_893_456_600, jti: 'jti-1',
        },
        clientId: 'client-1', expiresAt: 1_893_456_600, issuer: 'https://issuer.test', resource: 'https://api.example.com/v1',
        scopes: ['photos:read'], subject: 'alice', variables: {},
      })
    }),
  },
  {
    name: 'a client that acts for itself is its own subject', ref: 'R9068-5-a',
    claims: { sub: 'client-1', client_id: 'client-1' },
    expect: served(({ principal }) => same('subject and client', [principal?.subject, principal?.clientId], ['client-1', 'client-1'])),
  },
]
