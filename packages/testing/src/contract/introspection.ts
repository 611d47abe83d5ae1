import type { AppCase, AppStory } from './app.js'
import { granted, holds, insufficientScope, invalidRequest, invalidToken, same, served, unavailable, type Expectation } from './expectation.js'
import { START } from './issuers.js'
import { ADMIN, tenant, V1 } from './setups.js'
import type { Changes } from '../token.js'

/** A case with an opaque token, of which the issuer says what it would of a good one, with these changes. */
const opaque = (row: Omit<AppCase, 'token' | 'claims'> & { readonly says?: Changes }): AppCase => {
  const { says, ...rest } = row
  return { setup: 'introspection', ...rest, token: ({ issuer, resource }) => issuer.opaqueToken({ aud: resource, ...says }) }
}

const judged: readonly [how: string, ref: string, says: Changes, expect: Expectation][] = [
  ['that the issuer calls active for this resource is let in', 'R7662-2.2-a', {}, granted],
  ['with this resource among others is let in', 'R7662-2.2-c', { aud: ['https://other.example.com', V1] }, granted],
  [
    'of which the issuer says no more than that is let in', 'R7662-2.2-c',
    { iss: undefined, sub: undefined, client_id: undefined, scope: undefined, exp: undefined, iat: undefined, jti: undefined, token_type: undefined },
    granted,
  ],
  ['that is not active is refused', 'R7662-2.2-b', { active: false }, invalidToken],
  ['whose active is the text "true" is refused', 'R7662-2.2-a', { active: 'true' }, invalidToken],
  ['whose active is 1 is refused', 'R7662-2.2-a', { active: 1 }, invalidToken],
  ['whose active is null is refused', 'R7662-2.2-a', { active: null }, invalidToken],
  ['for another resource is refused', 'R7662-2.2-c', { aud: 'https://other.example.com' }, invalidToken],
  ['for a resource that begins like this one is refused', 'R7662-2.2-c', { aud: `${V1}/more` }, invalidToken],
  ['for this resource with a slash is refused', 'R7662-2.2-c', { aud: `${V1}/` }, invalidToken],
  ['for no resource is refused', 'R7662-2.2-d', { aud: undefined }, invalidToken],
  ['of another issuer is refused', 'R7662-2.2-c', { iss: 'https://stranger.test' }, invalidToken],
  ['that is not valid yet is refused', 'R7662-2.2-c', { nbf: START + 60 }, invalidToken],
  ['that has expired is refused', 'R7662-2.2-c', { exp: START - 60 }, invalidToken],
  ['whose exp is text is refused', 'R7662-2.2-c', { exp: 'tomorrow' }, invalidToken],
  ['whose scopes are a list is refused', 'R7662-2.2-c', { scope: ['photos:read'] }, invalidToken],
  ['that is a refresh token is refused', 'R7662-2.2-c', { token_type: 'refresh_token' }, invalidToken],
  ['that is bound to a key is refused without a proof', 'R9449-7.2-a', { token_type: 'DPoP', cnf: { jkt: 'x' } }, invalidToken],
  ['that is bound to a certificate is refused without it', 'R8705-3.2-a', { cnf: { 'x5t#S256': 'x' } }, invalidToken],
]

const asks = (fetched: readonly string[]): number => fetched.filter((url) => url.endsWith('/introspect')).length

/** Opaque tokens: what the issuer says of them is held to the rules of a JWT (RFC 7662). */
export const introspection: readonly (AppCase | AppStory)[] = [
  ...judged.map(([how, ref, says, expect]) => opaque({ name: `an opaque token ${how}`, ref, says, expect })),
  opaque({ name: 'an opaque token has the facts of its reply in the principal', ref: 'R7662-2.2-c', expect: served(({ principal }) => {
    same('subject', principal?.subject, 'alice')
    same('client', principal?.clientId, 'test-client')
    same('scopes', principal?.scopes, ['photos:read'])
  }) }),
  opaque({
    name: 'an opaque token without a subject makes a principal without one', ref: 'R7662-2.2-c', says: { sub: undefined },
    expect: served(({ principal }) => same('subject', principal?.subject, undefined)),
  }),
  opaque({
    name: 'an opaque token that lacks a scope is told which', ref: 'R6750-3.1-c', target: '/photos/scoped',
    expect: insufficientScope('photos:read photos:write'),
  }),
  opaque({
    name: 'an opaque token with the scopes is let in', ref: 'R6750-3.1-b', target: '/photos/scoped',
    says: { scope: 'photos:write photos:read' }, expect: granted,
  }),
  {
    name: 'an opaque token that nobody issued is refused', ref: 'R7662-2.2-b', setup: 'introspection', token: () => 'nobody-issued-this',
    expect: invalidToken,
  },
  {
    name: 'an opaque token is refused where no issuer is to be asked', ref: 'R7662-2.1-c',
    token: ({ issuer, resource }) => issuer.opaqueToken({ aud: resource }), expect: invalidToken,
  },
  { name: 'a JWT is let in beside opaque tokens', ref: 'RFC 9068 §4', setup: 'introspection', expect: granted },
  { name: 'a JWT that is refused is not asked about', ref: 'R7662-4-e', setup: 'introspection', run: async (on) => {
    await on.check({ claims: { aud: 'https://other.example.com' }, expect: invalidToken })
    await on.check({ authorization: (token) => [`Bearer ${token.slice(0, -4)}`], expect: invalidToken })
    await on.check({ authorization: (token) => [`Bearer ${token.split('.').slice(0, 2).join('.')}.`], expect: invalidToken })
    same('the issuer is not asked', asks(on.fetched), 0)
  } },
  { name: 'what cannot be a token is not asked about', ref: 'R7662-4-e', setup: 'introspection', run: async (on) => {
    await on.check({ authorization: ['Bearer a:b'], expect: invalidRequest })
    await on.check({
      authorization: [`Bearer ${'x'.repeat(17_000)}`],
      expect: (answer) => holds('refused', answer.status >= 400 && answer.status < 500, answer.status),
    })
    same('the issuer is not asked', asks(on.fetched), 0)
  } },
  { name: 'many requests with one opaque token ask the issuer once', ref: 'R7662-4-b', setup: 'introspection', run: async (on) => {
    const token = on.issuer.opaqueToken({ aud: on.resource })
    await Promise.all(Array.from({ length: 20 }, () => on.check({ token: () => token, expect: granted })))
    for (let i = 0; i < 5; i += 1) await on.check({ token: () => token, expect: granted })
    same('questions', asks(on.fetched), 1)
  } },
  { name: 'a token that is revoked at the issuer is refused after a minute', ref: 'R7662-4-b', setup: 'introspection', run: async (on) => {
    const token = on.issuer.opaqueToken({ aud: on.resource })
    await on.check({ token: () => token, expect: granted })
    on.issuer.revoke(token)
    on.wait(61)
    await on.check({ token: () => token, expect: invalidToken })
  } },
  { name: 'a reply is not used past the exp in it', ref: 'R7662-4-a', setup: 'introspection', run: async (on) => {
    const token = on.issuer.opaqueToken({ aud: on.resource, exp: START + 10 })
    await on.check({ token: () => token, expect: granted })
    on.wait(16)
    await on.check({ token: () => token, expect: invalidToken })
  } },
  {
    name: 'an opaque token of one tenant is refused at another, before and after it was let in', ref: 'R7662-2.2-e',
    setup: 'template-introspection', run: async (on) => {
      const token = on.issuer.opaqueToken({ aud: tenant('acme') })
      const at = (name: string, expect: Expectation) => on.check({ token: () => token, target: `/t/${name}/photos`, resource: tenant(name), expect })
      await at('globex', invalidToken)
      await at('acme', granted)
      await at('globex', invalidToken)
      await at('acme', granted)
    },
  },
  { name: 'an opaque token for one of several resources is refused at the other', ref: 'R7662-2.2-c', setup: 'several-introspection', run: async (on) => {
    const token = on.issuer.opaqueToken({ aud: ADMIN })
    await on.check({ token: () => token, expect: granted })
    await on.check({ token: () => token, target: '/public/photos', resource: 'https://api.example.com/public', expect: invalidToken })
  } },

  opaque({
    name: 'an opaque token gets 503 and no challenge while the issuer answers 503', ref: 'R7662-2.3-a', setup: 'introspection-down',
    issuer: 'introspectionDown', expect: unavailable,
  }),
  opaque({
    name: 'an opaque token gets 503 and no challenge where the issuer does not know this resource server', ref: 'R7662-2.3-a',
    setup: 'introspection-unknown-client', expect: unavailable,
  }),
  {
    name: 'a JWT is let in while the introspection endpoint is down', ref: 'R9110-15.6.4-a', setup: 'introspection-down',
    issuer: 'introspectionDown', expect: granted,
  },

  { name: 'a JWT has to be good at the issuer too, where every token is asked about', ref: 'R7662-2.2-b', setup: 'introspection-always', run: async (on) => {
    const [token, revoked] = [await on.issuer.token({ aud: on.resource }), await on.issuer.token({ aud: on.resource })]
    on.issuer.revoke(revoked)
    await on.check({ token: () => token, expect: granted })
    await on.check({ token: () => revoked, expect: invalidToken })
  } },

  { name: 'a token that the application has revoked is refused', ref: 'RFC 6750 §3.1', setup: 'revoking', claims: { jti: 'revoked' }, expect: invalidToken },
  { name: 'a token that the application has not revoked is let in', ref: 'RFC 6750 §3.1', setup: 'revoking', expect: granted },
  {
    name: 'a token gets 503 and no challenge where the application cannot tell', ref: 'R9110-15.6.4-a', setup: 'revoking',
    claims: { jti: 'unclear' }, expect: unavailable,
  },
]
