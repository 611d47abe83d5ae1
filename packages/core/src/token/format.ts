import { decodeBase64url, decodeUtf8 } from './base64url.js'
import { problem, type Problem } from '../response/problem.js'

export type JwtHeader = Readonly<Record<string, unknown>>

/** A JWS in compact serialization (RFC 7515 §7.1), decoded and not yet believed. */
export interface UnverifiedJwt {
  readonly header: JwtHeader
  /** The header as it was sent. */
  readonly encodedHeader: string
  readonly claims: Readonly<Record<string, unknown>>
  /** What was signed: the first two parts as they were sent. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** What may follow the scheme at all (RFC 6750 §2.1, RFC 9110 §11.2). */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/
/**
 * Begins as the JSON of a JOSE header does, up to a dot; or has the dots of a compact JWS, with or without a signature, or of a JWE; perhaps
 * with dots before or behind. Whatever stands between the dots: a lenient issuer may read a respelt JWT as the one that was refused here.
 */
const jwtShape = /^\.*(?:eyJ[^.]*\.|[^.]+(?:(?:\.[^.]*){2}|(?:\.[^.]*){4})\.*$)/
const compactJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const longestHeader = 4096
const deepestJson = 32

/** Whether a token has the characters that a token may have. */
export const isToken68 = (token: string): boolean => token68.test(token)

/**
 * Whether a token is shaped like a JWT: signed, unsigned, encrypted or broken. Only what is not may be an opaque token, so that a
 * JWT that was refused here cannot come back as one.
 */
export const isJwtShaped = (token: string): boolean => jwtShape.test(token)

/**
 * The `iss` that a token claims in its second part, else in its header, where an encrypted one may have it (RFC 7519 §5.3), whatever else is
 * wrong with it, dots before it too; undefined where it claims none, and null where the part is a JSON object that parsers read differently.
 */
export function claimedIssuer(token: string): unknown {
  const [header = '', payload = ''] = token.replace(/^\.+/, '').split('.', 2)
  const claimed = issuerIn(payload)
  return claimed === undefined ? issuerIn(header) : claimed
}

function issuerIn(part: string): unknown {
  const text = decodeText(part)
  if (text === undefined) return undefined
  const claims = parseStrictly(text)
  return claims === undefined && parseObject(text) !== undefined ? null : claims?.['iss']
}

/**
 * Decodes a JWT strictly (RFC 7515 §5.2, RFC 8725 §3.7): canonical base64url, UTF-8, JSON objects, no member twice, `__proto__` nowhere.
 * `known` holds headers that were decoded before, by their encoded form: an issuer has few, and its tokens then share them.
 */
export function decodeJwt(token: string, known?: ReadonlyMap<string, JwtHeader>): UnverifiedJwt | Problem {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (second === -1) return malformed(token)
  if (first > longestHeader) return problem('token_malformed', { detail: `header longer than ${longestHeader} characters` })
  const encodedHeader = token.slice(0, first)
  const header = known?.get(encodedHeader) ?? decodeObject(encodedHeader)
  const claims = decodeObject(token.slice(first + 1, second))
  const signature = decodeBase64url(token.slice(second + 1))
  if (header === undefined || claims === undefined || signature === undefined || signature.length === 0) return malformed(token)
  return { header, encodedHeader, claims, signingInput: token.slice(0, second), signature }
}

function malformed(token: string): Problem {
  if (!token68.test(token)) return problem('credentials_malformed')
  return problem('token_malformed', {
    detail: compactJws.test(token)
      ? 'a part is not canonical base64url, or not a JSON object in UTF-8 with each member once'
      : 'not a signed JWT in three parts',
  })
}

function decodeText(part: string): string | undefined {
  const bytes = decodeBase64url(part)
  return bytes === undefined ? undefined : decodeUtf8(bytes)
}

function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const text = decodeText(part)
  return text === undefined ? undefined : parseStrictly(text)
}

/** `JSON.parse` for what must not be ambiguous: an object, deeply frozen. `undefined` for anything else. */
export function parseStrictly(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseObject(text)
  if (value === undefined) return undefined
  return freezeMembers(value, 1) === countMembers(text) && (!text.includes('\\u') || isWellFormed(value)) ? value : undefined
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Freezes deeply, and counts the members of all objects in it: fewer than the text has where one object had a member twice, of
 * which JSON.parse keeps the last and others the first (RFC 8259 §4). NaN, which equals no count, for what is nested deeper than 32
 * and for a member `__proto__`.
 */
function freezeMembers(value: object, depth: number): number {
  if (depth > deepestJson) return NaN
  const names = Object.keys(value)
  let members = Array.isArray(value) ? 0 : names.length
  for (const name of names) {
    if (name === '__proto__') return NaN
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === 'object' && member !== null) members += freezeMembers(member, depth + 1)
  }
  Object.freeze(value)
  return members
}

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const space = 0x20

/** How many members valid JSON text has: the strings in it that are followed by a colon. */
function countMembers(text: string): number {
  let members = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) {
    at = endOfString(text, at) + 1
    while (text.charCodeAt(at) <= space) at++
    if (text.charCodeAt(at) === colon) members++
    else at--
  }
  return members
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  if (text.charCodeAt(end - 1) !== backslash) return end
  end = start + 1
  while (text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === backslash ? 2 : 1
  return end
}

/** Whether no string in it has half a surrogate pair. In UTF-8 that takes an escape, and JSON.stringify writes one again. */
const isWellFormed = (value: object): boolean => !/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value))
