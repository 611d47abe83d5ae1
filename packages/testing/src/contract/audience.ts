import type { Guarded, ResourceCase } from './case.js'
import { granted, invalidToken } from './expectation.js'

/** The URI with its parts, for near misses of it. */
const parts = (resource: string): { scheme: string; host: string; rest: string } => {
  const [, scheme = '', host = '', rest = ''] = /^(\w+):\/\/([^/?#]+)(.*)$/.exec(resource) ?? []
  return { scheme, host, rest }
}

const near = (name: string, aud: (resource: string) => unknown, ref = 'R9068-4-4'): ResourceCase => ({
  name, ref, claims: (on: Guarded) => ({ aud: aud(on.resource) }), expect: invalidToken,
})

/** For whom a token was issued (RFC 9068 §4, RFC 8707, RFC 7519 §4.1.3). */
export const audience: readonly ResourceCase[] = [
  {
    name: 'a token whose audience is a list of this resource alone is let in', ref: 'R7519-4.1.3-a',
    claims: (on) => ({ aud: [on.resource] }), expect: granted,
  },
  {
    name: 'a token for several resources is let in at each of them', ref: 'R8707-2-e',
    claims: (on) => ({ aud: ['https://other.example.com', on.resource] }), expect: granted,
  },
  {
    name: 'an audience is compared after JSON escapes are read', ref: 'R7519-7.3-a',
    mint: { edit: { payload: (json) => json.replace('"aud":"h', '"aud":"\\u0068') } }, expect: granted,
  },
  { name: 'a token without an audience is refused', ref: 'R8725-3.9-a', claims: { aud: undefined }, expect: invalidToken },
  {
    name: 'a token for another resource server of the same issuer is refused', ref: 'R6750-5.2-b',
    claims: { aud: 'https://other.example.com' }, expect: invalidToken,
  },
  {
    name: 'a token for several other resources is refused', ref: 'R8707-3-b',
    claims: { aud: ['https://other.example.com', 'https://third.example.com'] }, expect: invalidToken,
  },
  ...['', null, 7, true, {}, []].map((aud) => ({
    name: `a token whose audience is ${JSON.stringify(aud)} is refused`, ref: 'R7519-4.1.3-a', claims: { aud }, expect: invalidToken,
  })),
  near('a list of audiences with something that is no string in it is refused', (resource) => [resource, 7], 'R7519-4.1.3-a'),
  near('a list in a list is no audience', (resource) => [[resource]], 'R7519-4.1.3-a'),
  near('an object that holds the audience is no audience', (resource) => ({ 0: resource, length: 1 }), 'R7519-4.1.3-a'),
  near(
    'a list of more audiences than anybody needs is refused',
    (resource) => [...Array.from({ length: 100 }, (_, i) => `https://a${i}.test`), resource],
    'RFC 8725 §3.9',
  ),
  near('the issuer itself, the audience of no request for a resource, is another audience', () => 'https://issuer.test'),
  near('the client, the audience of an ID token, is another audience', () => 'test-client', 'R8725-3.12-a'),

  near('the host in capitals is another audience', (resource) => `${parts(resource).scheme}://${parts(resource).host.toUpperCase()}${parts(resource).rest}`),
  near('the scheme in capitals is another audience', (resource) => resource.replace(/^\w+/, (scheme) => scheme.toUpperCase())),
  near('another scheme is another audience', (resource) => resource.replace(/^\w+/, (scheme) => (scheme === 'http' ? 'https' : 'http'))),
  near('a port written out is another audience', (resource) => `${parts(resource).scheme}://${parts(resource).host}:444${parts(resource).rest}`),
  near(
    'the default port written out is another audience',
    (resource) => `${parts(resource).scheme}://${parts(resource).host.replace(/:\d+$/, '')}:443${parts(resource).rest}`,
  ),
  near('two slashes at the end are another audience', (resource) => `${resource}//`),
  near('a path below is another audience', (resource) => `${resource.replace(/\/$/, '')}/sub`),
  near('a longer last segment is another audience', (resource) => `${resource}x`),
  near('a shorter one is another audience', (resource) => resource.replace(/.\/?$/, '')),
  near(
    'a path that leads back here by dot segments is another audience',
    (resource) => `${resource.replace(/\/$/, '')}/../${parts(resource).rest.split('/').at(-1)}`,
  ),
  near('a dot segment is another audience', (resource) => `${resource}/.`),
  near('a percent-encoded letter is another audience', (resource) => resource.replace(/\w(?=\W*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)),
  near('a percent-encoded slash is another audience', (resource) => `${resource}%2f`),
  near('a query is another audience', (resource) => `${resource}?`),
  near('a fragment is another audience', (resource) => `${resource}#`),
  near('user information is another audience', (resource) => `${parts(resource).scheme}://x@${parts(resource).host}${parts(resource).rest}`),
  near('a host that ends alike is another audience', (resource) => `${parts(resource).scheme}://x.${parts(resource).host}${parts(resource).rest}`),
  near('a host that begins alike is another audience', (resource) => `${parts(resource).scheme}://${parts(resource).host}.evil.test${parts(resource).rest}`),
  near('a dot after the host is another audience', (resource) => `${parts(resource).scheme}://${parts(resource).host}.${parts(resource).rest}`),
  near('the host alone is another audience', (resource) => parts(resource).host),
  near('a space before it is another audience', (resource) => ` ${resource}`),
  near('a line break behind it is another audience', (resource) => `${resource}\n`),
  near('a NUL behind it is another audience', (resource) => `${resource}\0`),
  near('letters that only look alike are another audience', (resource) => resource.replace('p', '\u0440'), 'R7519-7.3-a'),
  near('full-width letters are another audience', (resource) => resource.replace('t', '\uff54'), 'R9728-6-a'),
  near('two resources in one string, separated by a space, are another audience', (resource) => `${resource} https://other.example.com`),
  near('two resources in one string, separated by a comma, are another audience', (resource) => `${resource},https://other.example.com`),
  near('a wildcard is another audience', () => '*'),
  near('a pattern that would match is another audience', (resource) => `${resource.slice(0, -2)}*`),
  near('what a regular expression made of it would match is another audience', (resource) => resource.replace(/[./](?=[^./]*$)/, 'x')),
]
