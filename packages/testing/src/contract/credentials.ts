import type { ResourceCase } from './case.js'
import { anyOf, granted, invalidRequest, invalidToken, notServed, unauthenticated } from './expectation.js'

/** How access tokens are presented (RFC 6750 §2, RFC 9110 §11). */
export const credentials: readonly ResourceCase[] = [
  { name: 'a good token after the scheme Bearer is let in', ref: 'R6750-2.1-a', expect: granted },
  { name: 'the scheme may be written in lower case', ref: 'R6750-2.1-b', authorization: (token) => [`bearer ${token}`], expect: granted },
  { name: 'the scheme may be written in capitals', ref: 'R9110-11.1-a', authorization: (token) => [`BEARER ${token}`], expect: granted },
  { name: 'several spaces may follow the scheme', ref: 'R6750-2.1-b', authorization: (token) => [`Bearer    ${token}`], expect: granted },
  {
    name: 'white space around the field value is not part of it', ref: 'RFC 9110 §5.5',
    authorization: (token) => [` \t Bearer ${token} \t`], expect: granted,
  },

  { name: 'a request without credentials is told only where to look', ref: 'R6750-3.1-d', authorization: [], expect: unauthenticated },
  {
    name: 'the scheme Basic is no attempt at a bearer token', ref: 'R6750-3.1-e',
    authorization: ['Basic YWxpY2U6c2VjcmV0'], expect: unauthenticated,
  },
  {
    name: 'a token under the scheme MAC is not looked at', ref: 'R6749-7.1-a',
    authorization: (token) => [`MAC ${token}`], expect: unauthenticated,
  },
  {
    name: 'a token under the scheme DPoP is not looked at where DPoP is not offered', ref: 'R6750-3.1-e',
    authorization: (token) => [`DPoP ${token}`], expect: unauthenticated,
  },
  {
    name: 'a scheme that begins with Bearer is another scheme', ref: 'RFC 9110 §11.1',
    authorization: (token) => [`BearerX ${token}`], expect: unauthenticated,
  },
  {
    name: 'a token without a scheme is no credentials', ref: 'RFC 9110 §11.4',
    authorization: (token) => [token], expect: anyOf(unauthenticated, invalidRequest),
  },
  {
    name: 'an empty Authorization field is no credentials', ref: 'RFC 9110 §11.4',
    authorization: [''], expect: anyOf(unauthenticated, invalidRequest),
  },
  {
    name: 'a scheme whose parameters are separated by commas is one credentials of that scheme', ref: 'RFC 9110 §11.4',
    authorization: ['Digest username="Mufasa", realm="a, b", nonce="dcd98b7102", uri="/photos", response="6629fae49393a053"'], expect: unauthenticated,
  },

  { name: 'the scheme alone is malformed', ref: 'R6750-2.1-b', authorization: ['Bearer'], expect: invalidRequest },
  { name: 'the scheme and a space alone are malformed', ref: 'R6750-2.1-b', authorization: ['Bearer '], expect: invalidRequest },
  {
    name: 'two tokens after the scheme are malformed', ref: 'R6750-2.1-b',
    authorization: (token) => [`Bearer ${token} ${token}`], expect: invalidRequest,
  },
  {
    name: 'words after the token are malformed', ref: 'R6750-2.1-b',
    authorization: (token) => [`Bearer ${token} realm=x`], expect: invalidRequest,
  },
  { name: 'a token in quotes is malformed', ref: 'R6750-2.1-b', authorization: (token) => [`Bearer "${token}"`], expect: invalidRequest },
  {
    name: 'a tab between scheme and token is malformed', ref: 'R6750-2.1-b',
    authorization: (token) => [`Bearer\t${token}`], expect: invalidRequest,
  },
  {
    name: 'a tab after the spaces is malformed', ref: 'R6750-2.1-b',
    authorization: (token) => [`Bearer \t${token}`], expect: invalidRequest,
  },
  {
    name: 'a token as the value of a parameter is malformed', ref: 'R6750-2.1-b',
    authorization: (token) => [`Bearer token="${token}"`], expect: invalidRequest,
  },
  {
    name: 'a character outside token68 is malformed', ref: 'R6750-2.1-c',
    authorization: (token) => [`Bearer ${token}%00`], expect: anyOf(invalidRequest, invalidToken),
  },
  {
    name: 'a character outside ASCII is malformed', ref: 'R6750-2.1-c',
    authorization: (token) => [`Bearer ${token}\u00e9`], expect: anyOf(invalidRequest, invalidToken),
  },
  {
    name: 'a NUL in the field never reaches a handler', ref: 'R9110-5.5-a',
    authorization: (token) => [`Bearer ${token}\0`], expect: notServed,
  },
  {
    name: 'a folded field line makes no credentials of two lines', ref: 'RFC 9112 §5.2',
    authorization: (token) => [`Bearer\r\n ${token}x`], expect: notServed,
  },
  {
    name: 'two tokens joined by a comma are malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token}, Bearer ${token}`], expect: invalidRequest,
  },
  {
    name: 'a comma after the token is malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token},`], expect: invalidRequest,
  },
  {
    name: 'a comma before the scheme is malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`, Bearer ${token}`], expect: invalidRequest,
  },
  {
    name: 'another scheme and Bearer joined by a comma are malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Basic YWxpY2U6c2VjcmV0, Bearer ${token}`], expect: invalidRequest,
  },
  {
    name: 'two Authorization lines with the same good token are malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token}`, `Bearer ${token}`], expect: invalidRequest,
  },
  {
    name: 'a bad token in front of a good one is malformed', ref: 'R9110-5.3-a',
    authorization: (token) => ['Bearer abc', `Bearer ${token}`], expect: invalidRequest,
  },
  {
    name: 'a bad token behind a good one is malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token}`, 'Bearer abc'], expect: invalidRequest,
  },
  {
    name: 'another scheme on a second line is malformed', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token}`, 'Basic YWxpY2U6c2VjcmV0'], expect: invalidRequest,
  },
  {
    name: 'an empty second Authorization line lets nothing in that one line would not', ref: 'R9110-5.3-a',
    authorization: (token) => [`Bearer ${token}x`, ''], expect: anyOf(invalidRequest, invalidToken),
  },

  {
    name: 'a token in the query is not read', ref: 'R6750-2.3-a', authorization: [],
    target: (target, token) => `${target}${target.includes('?') ? '&' : '?'}access_token=${token}`, expect: unauthenticated,
  },
  {
    name: 'a token in the query changes nothing beside a good one in the field', ref: 'R9700-4.3.2/OA21-5.2.1',
    target: (target) => `${target}${target.includes('?') ? '&' : '?'}access_token=abc`, expect: granted,
  },
  {
    name: 'a token in the body does not make up for a bad one in the field', ref: 'R9700-4.3.2/OA21-5.2.1', method: 'POST',
    authorization: ['Bearer abc.def.ghi'], headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: (token) => `access_token=${token}`, expect: invalidToken,
  },
  {
    name: 'a token in the query does not make up for a bad one in the field', ref: 'R9700-4.3.2/OA21-5.2.1', authorization: ['Bearer abc.def.ghi'],
    target: (target, token) => `${target}${target.includes('?') ? '&' : '?'}access_token=${token}`, expect: invalidToken,
  },
  {
    name: 'a token in a form body is not read', ref: 'R6750-2.2-b', authorization: [], method: 'POST',
    headers: [['Content-Type', 'application/x-www-form-urlencoded']], body: (token) => `access_token=${token}`, expect: unauthenticated,
  },
  {
    name: 'a token in the body of a GET is not read', ref: 'R6750-2.2-a', authorization: [],
    headers: [['Content-Type', 'application/x-www-form-urlencoded']], body: (token) => `access_token=${token}`, expect: unauthenticated,
  },
  {
    name: 'a token in a cookie is not read', ref: 'R6750-5.3-a', authorization: [],
    headers: [['Cookie', 'access_token=abc; Authorization=Bearer%20abc']], expect: unauthenticated,
  },
  {
    name: 'a token in Proxy-Authorization is not read', ref: 'RFC 9110 §11.7.2',
    authorization: [], headers: [['Proxy-Authorization', 'Bearer abc.def.ghi']], expect: unauthenticated,
  },

  {
    name: 'an opaque token is not one of the JWT access tokens accepted here', ref: 'RFC 9068 §4',
    authorization: ['Bearer 2YotnFZFEjr1zCsicMWpAA'], expect: invalidToken,
  },
  { name: 'a token of dots alone is refused', ref: 'R7515-5.2-b', authorization: ['Bearer ..'], expect: invalidToken },
  { name: 'a token of one dot is refused', ref: 'R7515-5.2-b', authorization: ['Bearer .'], expect: invalidToken },
  {
    name: 'a token of equals signs is malformed', ref: 'R6750-2.1-c',
    authorization: ['Bearer =='], expect: anyOf(invalidRequest, invalidToken),
  },
  { name: 'a token that is one character long is refused', ref: 'R6750-3.1-b', authorization: ['Bearer a'], expect: invalidToken },
  {
    name: 'a token that is long and means nothing is refused', ref: 'R6750-3.1-b',
    authorization: [`Bearer ${'A'.repeat(8000)}`], expect: invalidToken,
  },
  { name: 'ten thousand dots are refused', ref: 'RFC 8725 §3.11', authorization: [`Bearer ${'.'.repeat(10_000)}`], expect: invalidToken },
]
