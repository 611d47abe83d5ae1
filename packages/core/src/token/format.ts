import { decodeBase64url, decodeUtf8 } from './base64url.js'
import { problem, type Problem } from '../response/problem.js'

/** A JWS in compact serialization (RFC 7515 §7.1), decoded and not yet believed. */
export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** What was signed: the first two parts as they were sent. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** What may follow the scheme at all (RFC 6750 §2.1, RFC 9110 §11.2). */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/
/** Begins as the JSON of a JOSE header does, up to a dot; or has the dots of a compact JWS, with or without a signature. */
const jwtShape = /^(?:eyJ[\w-]*\.|[\w-]+\.[\w-]*\.[\w-]*$)/
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

/** The `iss` that the second part of a token claims, whatever else is wrong with the token; undefined where it claims none. */
export const claimedIssuer = (token: string): unknown => decodeObject(token.split('.', 2)[1] ?? '')?.['iss']

/** Decodes a JWT strictly (RFC 7515 §5.2, RFC 8725 §3.7): canonical base64url, UTF-8, JSON objects, no member twice, `__proto__` nowhere. */
export function decodeJwt(token: string): UnverifiedJwt | Problem {
  if (!compactJws.test(token)) {
    return token68.test(token) ? problem('token_malformed', { detail: 'not a signed JWT in three parts' }) : problem('credentials_malformed')
  }
  const first = token.indexOf('.')
  const second = token.lastIndexOf('.')
  if (first > longestHeader) return problem('token_malformed', { detail: `header longer than ${longestHeader} characters` })
  const header = decodeObject(token.slice(0, first))
  const claims = decodeObject(token.slice(first + 1, second))
  const signature = decodeBase64url(token.slice(second + 1))
  if (header === undefined || claims === undefined || signature === undefined) {
    return problem('token_malformed', { detail: 'a part is not canonical base64url, or not a JSON object in UTF-8 with each member once' })
  }
  return { header, claims, signingInput: token.slice(0, second), signature }
}

function decodeObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64url(part)
  const text = bytes === undefined ? undefined : decodeUtf8(bytes)
  return text === undefined ? undefined : parseStrictly(text)
}

/** `JSON.parse` for what must not be ambiguous: an object, deeply frozen. `undefined` for anything else. */
export function parseStrictly(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isUnambiguous(text)) return undefined
  return deepFreeze(value as Record<string, unknown>)
}

const quote = 0x22
const backslash = 0x5c

/**
 * Whether each object in this valid JSON has each member once, none is `__proto__`, strings are well-formed Unicode and
 * nothing is nested deeper than 32. JSON.parse would keep the last of two equal members, others the first (RFC 8259 §4).
 */
function isUnambiguous(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  let memberNext = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: { // [
        if (open.length === deepestJson) return false
        const isObject = text.charCodeAt(i) === 0x7b
        open.push(isObject ? new Set() : undefined)
        memberNext = isObject
        break
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        memberNext = false
        break
      case 0x2c: // ,
        memberNext = open.at(-1) !== undefined
        break
      case quote: {
        const end = endOfString(text, i)
        const string = readString(text, i, end)
        if (string === undefined) return false
        if (memberNext) {
          const members = open.at(-1) as Set<string>
          if (string === '__proto__' || members.has(string)) return false
          members.add(string)
          memberNext = false
        }
        i = end
        break
      }
    }
  }
  return true
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text.charCodeAt(i) !== quote) i += text.charCodeAt(i) === backslash ? 2 : 1
  return i
}

/** The string between two quotes, unescaped; `undefined` if an escape makes a lone surrogate. */
function readString(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  const string = JSON.parse(text.slice(start, end + 1)) as string
  return /\p{Surrogate}/u.test(string) ? undefined : string
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return Object.freeze(value)
}
