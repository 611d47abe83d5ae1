import type { AppCase, AppStory } from './app.js'
import { anyOf, granted, invalidToken, notFound, notServed, open, same, served, unauthenticated } from './expectation.js'
import { API, tenant } from './setups.js'

const GLOBEX = '/t/globex/photos'
const is = (name: string) =>
  served(({ tenant: given, principal }) =>
    same('the tenant of the router and of the principal', [given, principal?.variables], [name, { tenant: name }]),
  )

/** A tenant is part of the resource (RFC 8707 §3). */
export const tenants: readonly (AppCase | AppStory)[] = [
  { name: 'a token for a tenant is let in at that tenant', ref: 'R8707-3-a', setup: 'template', expect: is('acme') },
  {
    name: 'a token for another tenant is let in at that other tenant', ref: 'R8707-3-a',
    setup: 'template', resource: tenant('globex'), target: GLOBEX, expect: is('globex'),
  },
  {
    name: 'a tenant with capitals in its name is itself', ref: 'R8707-3-a',
    setup: 'template', resource: tenant('Initech'), target: '/t/Initech/photos', expect: anyOf(is('Initech'), notFound),
  },
  {
    name: 'a token for one tenant is refused at another', ref: 'R8707-3-a',
    setup: 'template', resource: tenant('globex'), target: GLOBEX, claims: { aud: tenant('acme') }, expect: invalidToken,
  },
  {
    name: 'a token for two tenants is let in at each', ref: 'R8707-2-e',
    setup: 'template', claims: { aud: [tenant('globex'), tenant('acme')] }, expect: is('acme'),
  },
  {
    name: 'a token for the template itself is refused', ref: 'R8707-3-a',
    setup: 'template', claims: { aud: `${API}/t/{tenant}` }, expect: invalidToken,
  },
  {
    name: 'a token for what is above the tenants is refused', ref: 'R8707-3-a',
    setup: 'template', claims: { aud: `${API}/t` }, expect: invalidToken,
  },
  {
    name: 'a token for what is below the tenant is refused', ref: 'R8707-3-a',
    setup: 'template', claims: { aud: tenant('acme/photos') }, expect: invalidToken,
  },
  {
    name: 'a token for a tenant in other letters is refused', ref: 'R8707-3-a',
    setup: 'template', claims: { aud: tenant('ACME') }, expect: invalidToken,
  },
  {
    name: 'a request for a tenant without a token leads to the metadata of that tenant', ref: 'R9728-5-a',
    setup: 'template', resource: tenant('globex'), target: GLOBEX, authorization: [], expect: unauthenticated,
  },
  {
    name: 'a tenant that there is not is not found, with a good token for it', ref: 'R8707-3-a',
    setup: 'template', target: '/t/nobody/photos', claims: { aud: tenant('nobody') }, expect: notFound,
  },
  {
    name: 'a tenant that there is not is not found without a token', ref: 'R8707-3-a',
    setup: 'template', target: '/t/nobody/photos', authorization: [], expect: notFound,
  },
  {
    name: 'a tenant by the name of an object member is not found', ref: 'R8707-3-a',
    setup: 'template', target: '/t/constructor/photos', claims: { aud: tenant('constructor') }, expect: notFound,
  },
  {
    name: 'a tenant by the name of the variable is not found', ref: 'R8707-3-a',
    setup: 'template', target: '/t/{tenant}/photos', claims: { aud: `${API}/t/{tenant}` }, expect: notFound,
  },
  { name: 'what is outside of the template is not found', ref: 'R8707-3-a', setup: 'template', target: '/photos', expect: notFound },
  { name: 'what is above the tenants is not found', ref: 'R8707-3-a', setup: 'template', target: '/t', expect: notFound },
  {
    name: 'what is outside of the template is open where the application says so', ref: 'R9728-x-unauth',
    setup: 'template-outside-pass', target: '/photos', authorization: [], expect: open,
  },
  {
    name: 'a token outside of the template makes no principal', ref: 'R9700-2.3-a',
    setup: 'template-outside-pass', target: '/photos', expect: open,
  },
  {
    name: 'a tenant is guarded where what is outside is open', ref: 'R8707-3-a',
    setup: 'template-outside-pass', authorization: [], expect: unauthenticated,
  },
  {
    name: 'a tenant that there is not stays not found where what is outside is open', ref: 'R8707-3-a',
    setup: 'template-outside-pass', target: '/t/nobody/photos', authorization: [], expect: notServed,
  },

  { name: 'the issuer of a tenant is trusted at that tenant', ref: 'R8725-3.8-a', setup: 'template-own-issuers', expect: is('acme') },
  {
    name: 'the issuer of one tenant is not trusted at another', ref: 'R8725-3.8-a',
    setup: 'template-own-issuers', resource: tenant('globex'), target: GLOBEX, expect: invalidToken,
  },
  {
    name: 'the key of one tenant does not sign for the issuer of another', ref: 'R8725-3.8-a', setup: 'template-own-issuers',
    resource: tenant('globex'), target: GLOBEX,
    claims: { iss: 'https://tenants.test/globex' }, expect: invalidToken,
  },
  { name: 'an issuer chosen for a tenant is trusted there', ref: 'R8725-3.8-a', setup: 'template-chosen-issuers', expect: is('acme') },
  {
    name: 'an issuer chosen for one tenant is not trusted at another', ref: 'R8725-3.8-a',
    setup: 'template-chosen-issuers', resource: tenant('globex'), target: GLOBEX, expect: invalidToken,
  },
  { name: 'a tenant that the directory knows is let in', ref: 'R8707-3-a', setup: 'template-asked', expect: is('acme') },
  {
    name: 'a tenant that the directory does not know is not found', ref: 'R8707-3-a',
    setup: 'template-asked', target: '/t/nobody/photos', claims: { aud: tenant('nobody') }, expect: notFound,
  },
  {
    name: 'a further audience carries the tenant', ref: 'R8707-2-d',
    setup: 'template-also-accept', claims: { aud: 'api://photos/acme' }, expect: is('acme'),
  },
  {
    name: 'a further audience of one tenant is refused at another', ref: 'R8707-3-a',
    setup: 'template-also-accept', resource: tenant('globex'), target: GLOBEX, claims: { aud: 'api://photos/acme' }, expect: invalidToken,
  },
  { name: 'a tenant behind a gateway is the one of its public URI', ref: 'R8707-3-a', setup: 'mount-path', expect: is('acme') },
  {
    name: 'a token for another tenant is refused behind a gateway', ref: 'R8707-3-a',
    setup: 'mount-path', claims: { aud: `${API}/v1/globex` }, expect: invalidToken,
  },
  {
    name: 'the path behind the gateway is no audience', ref: 'R8707-3-a',
    setup: 'mount-path', claims: { aud: tenant('acme') }, expect: invalidToken,
  },
  {
    name: 'the public path is not served behind the gateway', ref: 'R8707-3-a',
    setup: 'mount-path', target: '/v1/acme/photos', expect: notFound,
  },
  {
    name: 'a token that was let in at one tenant is refused at another, and again', ref: 'R9700-2.3-a', setup: 'template',
    run: async (on) => {
      const token = await on.issuer.token({ aud: tenant('acme') })
      for (const _ of [1, 2, 3]) {
        await on.check({ token: () => token, expect: granted })
        await on.check({ token: () => token, target: GLOBEX, resource: tenant('globex'), expect: invalidToken })
      }
    },
  },
]
