import type { AppCase, AppStory } from './app.js'
import { granted, invalidToken, same, served, unauthenticated, unavailable } from './expectation.js'

/** Which issuers are trusted, where their keys come from, and what each may be described as (RFC 8414, RFC 8725 §3.8). */
export const issuerTrust: readonly (AppCase | AppStory)[] = [
  { name: 'each of two issuers is trusted: the first', ref: 'R9068-4-3', setup: 'two-issuers', expect: granted },
  { name: 'each of two issuers is trusted: the second', ref: 'R9068-4-3', setup: 'two-issuers', issuer: 'second', expect: granted },
  {
    name: 'a token of an issuer that is not listed is refused', ref: 'R9068-4-3',
    setup: 'two-issuers', issuer: 'stranger', expect: invalidToken,
  },
  {
    name: 'the key of one trusted issuer does not sign for another', ref: 'R8725-3.8-a', setup: 'two-issuers', expect: invalidToken,
    token: (on) => on.issuer.token({ aud: on.resource, iss: 'https://second.test' }),
  },
  {
    name: 'the key of one trusted issuer does not sign for another without a kid', ref: 'R8725-3.8-a', setup: 'two-issuers', expect: invalidToken,
    claims: { iss: 'https://second.test' }, mint: { header: { kid: undefined } },
  },
  {
    name: 'keys in hand of one issuer do not sign for another whose keys are fetched', ref: 'R8725-3.8-a', setup: 'shared-keys', expect: invalidToken,
    claims: { iss: 'https://second.test' },
  },
  {
    name: 'one subject of two issuers is two principals', ref: 'R8725-3.8-b', setup: 'two-issuers',
    run: async (on) => {
      const of = (iss: string) => served(({ principal }) => same('issuer and subject', [principal?.issuer, principal?.subject], [iss, 'alice']))
      await on.check({ expect: of('https://issuer.test') })
      const { second } = on.issuers
      const answer = await on.send({ target: on.target, headers: [['Authorization', `Bearer ${await second.token({ aud: on.resource })}`]] })
      of(second.issuer)(answer, { ...on, issuer: second })
    },
  },
  { name: 'an issuer that serves only OpenID Connect metadata is found', ref: 'R8414-3.1-a', setup: 'openid-only', expect: granted },
  {
    name: 'the metadata of an issuer with a path is found by path insertion', ref: 'R8414-3.1-a',
    setup: 'issuer-with-path', expect: granted,
  },
  { name: 'keys at a URL that was given are used without discovery', ref: 'RFC 8414 §2', setup: 'jwks-uri', run: async (on) => {
    await on.check({ expect: granted })
    same('URLs that were fetched', on.fetched, ['https://issuer.test/jwks'])
  } },
  { name: 'keys that were given are used without a network', ref: 'RFC 7517 §5', setup: 'keys-in-hand', run: async (on) => {
    await on.check({ expect: granted })
    same('URLs that were fetched', on.fetched, [])
  } },
  { name: 'no network is used before the first token', ref: 'RFC 8414 §3', run: async (on) => {
    await on.check({ authorization: [], expect: unauthenticated })
    same('URLs that were fetched', on.fetched, [])
  } },
  { name: 'fifty first requests at once cost one fetch of the keys', ref: 'RFC 9111 §4', run: async (on) => {
    await Promise.all(Array.from({ length: 50 }, () => on.check({ expect: granted })))
    same('URLs that were fetched', on.fetched, ['https://issuer.test/.well-known/oauth-authorization-server', 'https://issuer.test/jwks'])
  } },

  { name: 'an issuer whose metadata name another issuer is not used', ref: 'R8414-3.3-a', setup: 'issuer-misnamed', expect: unavailable },
  { name: 'keys behind a URL in the clear are not fetched', ref: 'R8414-2-b', setup: 'issuer-insecure', run: async (on) => {
    await on.check({ expect: unavailable })
    same('URLs in the clear that were fetched', on.fetched.filter((url) => url.startsWith('http:')), [])
  } },
  { name: 'metadata that are a web page are not used', ref: 'R8414-3.2-a', setup: 'issuer-html', expect: unavailable },

  {
    name: 'an identifier of its own that an issuer puts into aud is accepted where it is described', ref: 'R8707-2-d',
    setup: 'also-accept', claims: { aud: 'api://photos' }, expect: granted,
  },
  { name: 'the resource itself is accepted beside it', ref: 'R8707-2-d', setup: 'also-accept', expect: granted },
  {
    name: 'it is not accepted of another issuer', ref: 'R8707-2-d',
    setup: 'also-accept', issuer: 'second', claims: { aud: 'api://photos' }, expect: invalidToken,
  },
  {
    name: 'it is not accepted by a beginning of it', ref: 'R8707-2-d',
    setup: 'also-accept', claims: { aud: 'api://photos/x' }, expect: invalidToken,
  },
  {
    name: 'a further audience does not show in the resource of the principal', ref: 'R9728-2-resource',
    setup: 'also-accept', claims: { aud: 'api://photos' },
    expect: served(({ principal }) => same('resource', principal?.resource, 'https://api.example.com/v1')),
  },

  ...([
    ['HTTPS://API.Example.COM/v1', true], ['https://api.example.com/v1', true], ['https://api.example.com/V1', false],
    ['https://api.example.com:443/v1', false], ['https://API.example.com/v1/', false],
    ['https://api.example.com.evil.test/v1', false],
  ] as const).map(([aud, good]) => ({
    name: `the audience ${aud} ${good ? 'is' : 'is not'} the resource where the case of scheme and host is open`, ref: 'MCP-canon',
    setup: 'any-case-host' as const,
    claims: { aud }, expect: good ? granted : invalidToken,
  })),

  {
    name: 'an issuer described as one of plain JWTs has them let in', ref: 'R8725-3.11-a',
    setup: 'described-issuer', mint: { header: { typ: 'JWT' } }, expect: granted,
  },
  {
    name: 'an issuer described as one without typ has them let in', ref: 'bis-3.11-c',
    setup: 'described-issuer', mint: { header: { typ: undefined } }, expect: granted,
  },
  {
    name: 'a typ that the description does not name is refused', ref: 'R8725-3.12-a',
    setup: 'described-issuer', mint: { header: { typ: 'logout+jwt' } }, expect: invalidToken,
  },
  {
    name: 'claims that an issuer is described as leaving out may be missing', ref: 'R9068-2.2-a',
    setup: 'described-issuer', claims: { jti: undefined, iat: undefined, sub: undefined, client_id: undefined }, expect: granted,
  },
  {
    name: 'a claim that may be missing still has to be well formed', ref: 'RFC 7519 §4.1.2',
    setup: 'described-issuer', claims: { sub: 7 }, expect: invalidToken,
  },
  { name: 'exp can never be left out', ref: 'R9068-2.2-a', setup: 'described-issuer', claims: { exp: undefined }, expect: invalidToken },
  { name: 'aud can never be left out', ref: 'R9068-2.2-a', setup: 'described-issuer', claims: { aud: undefined }, expect: invalidToken },
  {
    name: 'the client and the scopes are read where the description says', ref: 'R8693-4.2/4.3', setup: 'described-issuer',
    claims: { azp: 'client-a', client_id: 'client-b', scp: ['photos:read', 'photos:write'], scope: 'admin' },
    expect: served(({ principal }) => same('client and scopes', [principal?.clientId, principal?.scopes], ['client-a', ['photos:read', 'photos:write']])),
  },
]
