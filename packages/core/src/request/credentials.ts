import type { AccessRequest } from './access-request.js'
import { problem, type Problem } from '../response/problem.js'

/** What the `Authorization` header brought under the Bearer scheme. Its characters are not checked yet: `decodeJwt` does that for tokens that are new. */
export interface Credentials {
  readonly token: string
}

const tchar = "[!#$%&'*+.^_`|~0-9A-Za-z-]"
const parameter = `${tchar}+[ \\t]*=[ \\t]*(?:"(?:[^"\\\\]|\\\\.)*"|[^",\\s]+)`
/** `scheme name=value, name="value"`: one credentials of another scheme, whose commas are its own (RFC 9110 §11.4). */
const withParameters = new RegExp(`^(${tchar}+) +${parameter}(?:[ \\t]*,[ \\t]*${parameter})*$`)

/**
 * Reads the access token from the `Authorization` header (RFC 6750 §2.1, RFC 9110 §11.4), and from nowhere else: a token in
 * the query or the body is not seen. A scheme that is not offered counts as no credentials (RFC 6750 §3.1).
 *
 * A comma is how two `Authorization` lines look where lines are joined; the field is a singleton (RFC 9110 §5.3).
 */
export function readCredentials(request: AccessRequest, maxLength: number): Credentials | Problem {
  const value = request.headers.get('authorization')
  if (value === null) return problem('credentials_missing')
  if (value.length > maxLength + 'Bearer '.length) {
    return isBearer(value) ? problem('token_malformed', { detail: `longer than ${maxLength} characters` }) : problem('credentials_missing')
  }
  if (value.includes(',')) return commaSeparated(value)
  if (!isBearer(value)) return problem('credentials_missing', { detail: 'Authorization does not begin with Bearer' })

  let start = 'Bearer'.length
  while (value.charCodeAt(start) === 0x20) start++
  if (start === 'Bearer'.length || start === value.length) return problem('credentials_malformed')
  return { token: value.slice(start) }
}

/** The scheme is Bearer, in any case; whatever follows it. A longer scheme name (`BearerX`) is another scheme. */
function isBearer(value: string): boolean {
  const next = value.charCodeAt(6)
  return (Number.isNaN(next) || next === 0x20 || next === 0x09) && value.slice(0, 6).toLowerCase() === 'bearer'
}

function commaSeparated(value: string): Problem {
  const scheme = withParameters.exec(value)?.[1]
  const oneOfAnother = scheme !== undefined && scheme.toLowerCase() !== 'bearer'
  return problem(oneOfAnother ? 'credentials_missing' : 'credentials_repeated')
}
