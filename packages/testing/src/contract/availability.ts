import type { AppCase, AppStory } from './app.js'
import { granted, invalidRequest, invalidToken, unauthenticated, unavailable, type Expectation } from './expectation.js'

const down = ['issuer-down', 'issuer-failing', 'keys-down', 'issuer-keyless'] as const

/** A token that cannot be judged now is not a bad token (RFC 9110 §15.6.4). */
export const availability: readonly (AppCase | AppStory)[] = [
  ...down.map((setup) => ({
    name: `a good token gets 503 and no challenge while its keys cannot be had (${setup})`, ref: 'R9110-15.6.4-a', setup, expect: unavailable,
  })),
  {
    name: 'HEAD gets 503 without a body while the keys cannot be had', ref: 'R9110-9.3.2-a',
    setup: 'issuer-down', method: 'HEAD', expect: unavailable,
  },
  ...([
    ['without credentials', { authorization: [] }, unauthenticated],
    ['with malformed credentials', { authorization: ['Bearer'] }, invalidRequest],
    ['with an expired token', { claims: { exp: 1 } }, invalidToken],
    ['with a token for another resource', { claims: { aud: 'https://other.example.com' } }, invalidToken],
    ['with a token of a stranger', { claims: { iss: 'https://stranger.test' } }, invalidToken],
    ['with a token that says alg none', { mint: { header: { alg: 'none' } } }, invalidToken],
  ] satisfies readonly [string, Partial<AppCase>, Expectation][]).map(([how, row, expect]) => ({
    ...row, name: `a request ${how} is refused for good while the issuer is down`, ref: 'R9110-15.6.4-a', setup: 'issuer-down' as const, expect,
  })),
  { name: 'tokens of one issuer are let in while another is down', ref: 'R9110-15.6.4-a', setup: 'one-issuer-down', expect: granted },
  {
    name: 'tokens of the issuer that is down get 503 beside one that is up', ref: 'R9110-15.6.4-a',
    setup: 'one-issuer-down', issuer: 'down', expect: unavailable,
  },
  {
    name: 'a tenant directory that fails gets 503', ref: 'R9110-15.6.4-a',
    setup: 'template-asked', target: '/t/unclear/photos', expect: unavailable,
  },
  {
    name: 'a choice of issuers that fails gets 503', ref: 'R9110-15.6.4-a',
    setup: 'template-chosen-issuers', target: '/t/Initech/photos', expect: unavailable,
  },
]
