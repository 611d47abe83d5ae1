import type { AppCase, AppStory } from './app.js'
import { granted, invalidToken } from './expectation.js'
import { START } from './issuers.js'

/** Lifetimes to the second (RFC 7519 §4.1.4 to §4.1.6), by a clock that stands at START. */
export const time: readonly (AppCase | AppStory)[] = [
  {
    name: 'a token expires at exp, and the default tolerance is 5 s: 4 s after it is let in', ref: 'R7519-4.1.4-a',
    claims: { exp: START - 4 }, expect: granted,
  },
  {
    name: 'a token expires at exp, and the default tolerance is 5 s: 5 s after it is refused', ref: 'R7519-4.1.4-a',
    claims: { exp: START - 5 }, expect: invalidToken,
  },
  { name: 'a fraction of exp counts', ref: 'R7519-2-a', claims: { exp: START - 4.5 }, expect: granted },
  {
    name: 'without tolerance a token is refused from the second of exp on', ref: 'R9068-4-6',
    setup: 'no-tolerance', claims: { exp: START }, expect: invalidToken,
  },
  {
    name: 'without tolerance a token is let in up to exp', ref: 'R9068-4-6',
    setup: 'no-tolerance', claims: { exp: START + 0.5 }, expect: granted,
  },
  { name: 'a tolerance of 300 s is kept', ref: 'R9068-4-6', setup: 'wide-tolerance', claims: { exp: START - 299 }, expect: granted },
  { name: 'a tolerance of 300 s ends', ref: 'R9068-4-6', setup: 'wide-tolerance', claims: { exp: START - 300 }, expect: invalidToken },
  { name: 'a token that becomes valid within the tolerance is let in', ref: 'R7519-4.1.5-a', claims: { nbf: START + 5 }, expect: granted },
  {
    name: 'a token that becomes valid after the tolerance is refused', ref: 'R7519-4.1.5-a',
    claims: { nbf: START + 6 }, expect: invalidToken,
  },
  { name: 'a clock that is 10 s ahead may issue tokens', ref: 'FAPI-clk', claims: { iat: START + 10 }, expect: granted },
  { name: 'a token issued 60 s ahead is let in', ref: 'FAPI-clk', claims: { iat: START + 60 }, expect: granted },
  { name: 'a token issued more than 60 s ahead is refused', ref: 'R7519-4.1.6-a', claims: { iat: START + 61 }, expect: invalidToken },
  {
    name: 'a token that was let in is refused once it has expired', ref: 'R6749-7-a',
    run: async (on) => {
      const token = await on.issuer.token({ aud: on.resource, exp: START + 60 })
      await on.check({ token: () => token, expect: granted })
      on.wait(64)
      await on.check({ token: () => token, expect: granted })
      on.wait(1)
      await on.check({ token: () => token, expect: invalidToken })
    },
  },
  {
    name: 'a token that came too early is let in once it is valid', ref: 'R7519-4.1.5-a',
    run: async (on) => {
      const token = await on.issuer.token({ aud: on.resource, nbf: START + 60 })
      await on.check({ token: () => token, expect: invalidToken })
      on.wait(60)
      await on.check({ token: () => token, expect: granted })
    },
  },
]
