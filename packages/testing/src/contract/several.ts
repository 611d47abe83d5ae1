import type { AppCase, AppStory } from './app.js'
import { granted, invalidToken, notFound, open, same, served, unauthenticated } from './expectation.js'
import { ADMIN, API, PUBLIC, tenant } from './setups.js'

const at = (route: string) => served((seen) => same('route', seen.route, route))
const target = '/public/photos'

/** Several resources with different policies in one application (RFC 9728 §3, RFC 8707 §2). */
export const several: readonly (AppCase | AppStory)[] = [
  {
    name: 'a token for one of several resources is let in there: the first', ref: 'R8707-2-d',
    setup: 'several', expect: at('/admin/photos'),
  },
  {
    name: 'a token for one of several resources is let in there: the second', ref: 'R8707-2-d',
    setup: 'several', resource: PUBLIC, target, expect: at('/public/photos'),
  },
  {
    name: 'a token for one of several resources is refused at another', ref: 'R8707-3-b',
    setup: 'several', claims: { aud: PUBLIC }, expect: invalidToken,
  },
  { name: 'a token for both is let in at each', ref: 'R8707-2-e', setup: 'several', claims: { aud: [PUBLIC, ADMIN] }, expect: granted },
  {
    name: 'each resource has a challenge of its own', ref: 'R9728-5.1-a',
    setup: 'several', resource: PUBLIC, target, authorization: [], expect: unauthenticated,
  },
  { name: 'what is outside of all resources is not found', ref: 'R9700-2.3-a', setup: 'several', target: '/photos', expect: notFound },
  {
    name: 'what is outside of all resources is not found without a token', ref: 'R9700-2.3-a',
    setup: 'several', target: '/photos', authorization: [], expect: notFound,
  },
  {
    name: 'a path that begins like a resource is outside of it', ref: 'R8707-2-d',
    setup: 'several', target: '/administrator', authorization: [], expect: notFound,
  },
  {
    name: 'what is outside is open where the application says so', ref: 'R9728-x-unauth',
    setup: 'several-outside-pass', target: '/photos', authorization: [], expect: open,
  },
  { name: 'a good token outside makes no principal', ref: 'R9700-2.3-a', setup: 'several-outside-pass', target: '/photos', expect: open },
  {
    name: 'a bad token outside is not looked at', ref: 'R9700-2.3-a',
    setup: 'several-outside-pass', target: '/photos', authorization: ['Bearer abc.def.ghi'], expect: open,
  },
  {
    name: 'a resource is guarded where what is outside is open', ref: 'R9700-2.3-a',
    setup: 'several-outside-pass', authorization: [], expect: unauthenticated,
  },
  {
    name: 'a request belongs to the resource with the longest path', ref: 'R8707-2-c',
    setup: 'several-with-root', expect: at('/admin/photos'),
  },
  {
    name: 'a token for the resource above is refused at the one below', ref: 'R8707-3-b',
    setup: 'several-with-root', claims: { aud: API }, expect: invalidToken,
  },
  {
    name: 'a token for the resource below is refused at the one above', ref: 'R8707-3-b',
    setup: 'several-with-root', resource: API, target: '/photos', claims: { aud: ADMIN }, expect: invalidToken,
  },
  {
    name: 'what no longer path takes belongs to the root', ref: 'R8707-2-c',
    setup: 'several-with-root', resource: API, target: '/photos', expect: at('/photos'),
  },
  { name: 'a literal path goes before a template', ref: 'R8707-2-c', setup: 'several-with-template', expect: at('/admin/photos') },
  {
    name: 'a template beside a literal path has its tenants', ref: 'R8707-3-a',
    setup: 'several-with-template', resource: tenant('acme'), target: '/t/acme/photos', expect: at('/t/:tenant/photos'),
  },
  {
    name: 'a tenant that is named like a literal path is not that resource', ref: 'R8707-3-a',
    setup: 'several-with-template', target: '/t/admin/photos', expect: notFound,
  },
  {
    name: 'the issuer of one resource is not trusted at another', ref: 'R9068-4-3',
    setup: 'several-own-issuers', issuer: 'main', expect: invalidToken,
  },
  { name: 'the issuer of one resource is trusted there', ref: 'R9068-4-3', setup: 'several-own-issuers', expect: granted },
  {
    name: 'the issuer shared by the others is trusted there', ref: 'R9068-4-3',
    setup: 'several-own-issuers', issuer: 'main', resource: PUBLIC, target, expect: granted,
  },
  {
    name: 'a token let in at a lenient resource is refused at a strict one', ref: 'R8725-3.12-a', setup: 'several-policies',
    run: async (on) => {
      const token = await on.issuer.token({ aud: 'api://everything' }, { header: { typ: 'JWT' } })
      for (const _ of [1, 2, 3]) {
        await on.check({ token: () => token, target, resource: PUBLIC, expect: granted })
        await on.check({ token: () => token, expect: invalidToken })
      }
    },
  },
  {
    name: 'an expired token let in under a wide tolerance is refused under a narrow one', ref: 'R9068-4-6', setup: 'several-policies',
    run: async (on) => {
      const token = await on.issuer.token({ aud: [ADMIN, PUBLIC], exp: Math.floor(on.issuer.now() / 1000) - 60 })
      await on.check({ token: () => token, target, resource: PUBLIC, expect: granted })
      await on.check({ token: () => token, expect: invalidToken })
    },
  },
  {
    name: 'a signature verified with the keys of one resource is not taken as verified at another', ref: 'R8725-3.8-a', setup: 'several-key-sources',
    run: async (on) => {
      const token = await on.issuer.token({ aud: [ADMIN, PUBLIC] })
      for (const _ of [1, 2, 3]) {
        await on.check({ token: () => token, target, resource: PUBLIC, expect: granted })
        await on.check({ token: () => token, expect: invalidToken })
      }
    },
  },
  {
    name: 'one token at two resources is two principals', ref: 'R8725-3.8-b', setup: 'several-policies',
    run: async (on) => {
      const token = await on.issuer.token({ aud: [ADMIN, PUBLIC] })
      for (const _ of [1, 2]) {
        await on.check({ token: () => token, expect: granted })
        await on.check({ token: () => token, target, resource: PUBLIC, expect: granted })
      }
    },
  },
]
