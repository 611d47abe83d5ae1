/** Why a request is refused. Stable: safe to count, to alert on and to switch over. */
export type Reason =
  | 'credentials_missing'
  | 'credentials_malformed'
  | 'credentials_repeated'
  | 'token_malformed'
  | 'algorithm_not_allowed'
  | 'type_mismatch'
  | 'issuer_untrusted'
  | 'key_unknown'
  | 'signature_invalid'
  | 'audience_mismatch'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'claim_missing'
  | 'claim_invalid'
  | 'binding_required'
  | 'token_inactive'
  | 'scope_insufficient'
  | 'resource_unknown'
  | 'keys_unavailable'
  | 'tenants_unavailable'
  | 'introspection_unavailable'
  | 'store_unavailable'

/**
 * What a log may know about a refusal. Never the token, nor any part of its signature. Strings are at most 257
 * characters (the last an ellipsis where there were more), free of control and format characters; of a list there are the first 8, and `…` where it goes on.
 */
export interface Evidence {
  /** The claim or header parameter at fault. */
  readonly claim?: string
  /** What would have been good: a value, or any one of a list; of a time, now. The scopes that are needed, for `scope_insufficient`. */
  readonly expected?: string | number | readonly string[]
  /** What was there instead, as far as it is fit for a log. What is not a string or a number is only named, like `(object)`. */
  readonly actual?: string | number | readonly string[]
  /** One sentence for the person who reads the log. */
  readonly detail?: string
  /** True if `actual` is the issuer's own word: signed, or told by its introspection endpoint. False: anyone may have written it. */
  readonly verified: boolean
}

/** A refusal, as data: never thrown, never shown to the client. What the client hears is in the table of answers. */
export interface Problem extends Evidence {
  readonly reason: Reason
}

interface Found {
  readonly claim?: string
  readonly expected?: unknown
  readonly actual?: unknown
  readonly detail?: string
  readonly verified?: boolean
}

/** Builds a Problem. Whatever `found` holds is made fit for a log first. */
export function problem(reason: Reason, found: Found = {}): Problem {
  return {
    reason,
    ...(found.claim !== undefined && { claim: printable(found.claim) }),
    ...(found.expected !== undefined && { expected: evidence(found.expected) }),
    ...(found.actual !== undefined && { actual: evidence(found.actual) }),
    ...(found.detail !== undefined && { detail: printable(found.detail) }),
    verified: found.verified ?? false,
  }
}

export const isProblem = (value: object): value is Problem => 'reason' in value

function evidence(value: unknown): string | number | readonly string[] {
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return [...value.slice(0, 8).map((item) => printable(item)), ...(value.length > 8 ? ['…'] : [])]
  return printable(value)
}

/** Any value as at most 257 characters on one line; what is not a string is only named. */
function printable(value: unknown): string {
  if (typeof value !== 'string') return `(${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value})`
  const line = value.slice(0, 256).replace(/[^\x20-\x7e\u00a1-\ud7ff\ue000-\uffef]|[\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
  return value.length > 256 ? `${line}…` : line
}
