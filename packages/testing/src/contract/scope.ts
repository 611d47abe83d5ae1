import type { AppCase, AppStory } from './app.js'
import {
  granted, insufficientScope, invalidRequest, invalidToken, invalidTokenAskingFor, same, served, unauthenticated, unauthenticatedAskingFor, type Expectation,
} from './expectation.js'

const target = '/photos/scoped'
const both = insufficientScope('photos:read photos:write')

const scoped = (name: string, ref: string, scope: unknown, expect: Expectation): AppCase => ({ name, ref, target, claims: { scope }, expect })

/** Scopes (RFC 6749 §3.3, RFC 6750 §3.1): the route needs photos:read and photos:write. */
export const scope: readonly (AppCase | AppStory)[] = [
  scoped('a token with every scope that the operation needs is let in', 'R9700-2.3-b', 'photos:read photos:write', granted),
  scoped('the order of scopes does not matter', 'R6749-3.3-a', 'photos:write photos:read', granted),
  scoped('further scopes do not matter', 'R6749-3.3-a', 'admin photos:write openid photos:read', granted),
  scoped('a scope said twice is one', 'R6749-3.3-a', 'photos:read photos:read photos:write', granted),
  scoped('a token without one of the scopes is told all that the operation needs', 'R6750-3.1-c', 'photos:read', both),
  scoped('a token with other scopes is told all that the operation needs', 'MCP-403', 'openid profile', both),
  scoped('a token without scopes is told all that the operation needs', 'R6750-3.1-c', undefined, both),
  scoped('an empty scope is none', 'R6749-3.3-a', '', both),
  scoped('a scope in another case is another scope', 'R6749-3.3-a', 'Photos:Read photos:write', both),
  scoped('a longer scope is another scope', 'R6749-3.3-a', 'photos:readonly photos:write', both),
  scoped('a shorter scope is another scope', 'R6749-3.3-a', 'photos: photos:write', both),
  scoped('a wildcard is a scope like any other', 'R6749-3.3-a', '* photos:*', both),
  scoped('scopes separated by commas are one scope', 'R6749-3.3-a', 'photos:read,photos:write', both),
  scoped('scopes separated by something else than a space are malformed', 'R6749-3.3-a', 'photos:read\tphotos:write', invalidToken),
  scoped('a list of scopes is malformed', 'R8693-4.2/4.3', ['photos:read', 'photos:write'], invalidToken),
  {
    name: 'scopes in a claim that nobody described are not read', ref: 'R9068-4-8',
    target, claims: { scope: 'photos:read', scp: ['photos:write'], scopes: 'photos:write' }, expect: both,
  },
  {
    name: 'HEAD needs the scopes that GET needs', ref: 'R9110-9.3.2-a',
    target, method: 'HEAD', claims: { scope: 'photos:read' }, expect: both,
  },
  {
    name: 'a token for another resource is refused before its scopes are looked at', ref: 'R6750-3.1-b',
    target, claims: { aud: 'https://other.example.com', scope: undefined }, expect: invalidToken,
  },
  {
    name: 'the scopes of a route are not told to a client without credentials', ref: 'R6750-3.1-d',
    target, authorization: [], expect: unauthenticated,
  },
  {
    name: 'a handler sees the scopes that were granted, each once', ref: 'R9068-4-8',
    claims: { scope: 'b a b c' }, expect: served(({ principal }) => same('scopes', principal?.scopes, ['b', 'a', 'c'])),
  },
  {
    name: 'a handler sees no scopes where none were granted', ref: 'R9068-4-8',
    claims: { scope: undefined }, expect: served(({ principal }) => same('scopes', principal?.scopes, [])),
  },

  {
    name: 'a broader scope does for the narrower one that it implies', ref: 'MCP-hier',
    setup: 'scope-hierarchy', target, claims: { scope: 'photos:write' }, expect: granted,
  },
  {
    name: 'a scope implies what the scopes imply that it implies', ref: 'MCP-hier',
    setup: 'scope-hierarchy', target, claims: { scope: 'photos:admin' }, expect: granted,
  },
  {
    name: 'a narrower scope does not do for the broader one', ref: 'MCP-hier',
    setup: 'scope-hierarchy', target, claims: { scope: 'photos:read' }, expect: both,
  },
  {
    name: 'a handler sees the scopes that were granted, and not those that they imply', ref: 'MCP-hier', setup: 'scope-hierarchy',
    claims: { scope: 'photos:admin' }, expect: served(({ principal }) => same('scopes', principal?.scopes, ['photos:admin'])),
  },

  {
    name: 'a 401 asks for the scopes that are configured for it', ref: 'MCP-scope401',
    setup: 'challenge-scopes', authorization: [], expect: unauthenticatedAskingFor('photos:read photos:write'),
  },
  {
    name: 'a 401 for a bad token asks for them too', ref: 'MCP-scope401',
    setup: 'challenge-scopes', claims: { exp: 1 }, expect: invalidTokenAskingFor('photos:read photos:write'),
  },
  { name: 'a 400 asks for no scopes', ref: 'R6750-3.1-a', setup: 'challenge-scopes', authorization: ['Bearer'], expect: invalidRequest },
  {
    name: 'the scopes asked for on 401 are not needed where no route needs them', ref: 'R6749-3.3-a',
    setup: 'challenge-scopes', claims: { scope: undefined }, expect: granted,
  },
  {
    name: 'a 403 names what the operation needs, whatever a 401 asks for', ref: 'MCP-403',
    setup: 'challenge-scopes', target, claims: { scope: 'photos:write' }, expect: both,
  },
  {
    name: 'a token let in at one route is judged anew at another', ref: 'R6749-7-a',
    run: async (on) => {
      const token = await on.issuer.token({ aud: on.resource, scope: 'photos:read' })
      await on.check({ token: () => token, expect: granted })
      await on.check({ token: () => token, target, expect: both })
      await on.check({ token: () => token, expect: granted })
    },
  },
  {
    name: 'a 403 leads to the metadata of the resource that the route belongs to', ref: 'R9728-5-a', setup: 'several-with-root',
    resource: 'https://api.example.com', target,
    claims: { scope: 'photos:write' }, expect: both,
  },
]
