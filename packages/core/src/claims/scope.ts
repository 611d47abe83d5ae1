import { ConfigurationError } from '../configuration-error.js'
import type { Claims } from './rule.js'

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Whether a value is one scope-token (RFC 6749 §3.3). */
export const isScope = (value: unknown): value is string => typeof value === 'string' && scopeToken.test(value)

/**
 * The scopes that a token was granted, each once: none if it says nothing of them, `undefined` if what it says is malformed.
 * `scope` is one space-delimited string (RFC 8693 §4.2); under any other name an array of strings is read too.
 */
export function readScopes(claims: Claims, claim: string): readonly string[] | undefined {
  const value = claims[claim]
  if (value === undefined) return []
  const list: unknown = typeof value === 'string' ? value.split(' ').filter(Boolean) : claim === 'scope' ? undefined : value
  return Array.isArray(list) && list.every(isScope) ? Object.freeze([...new Set(list)]) : undefined
}

/** Whether every scope that is needed was granted. Case-sensitive, whole scopes, in any order (RFC 6749 §3.3). */
export const satisfies = (granted: readonly string[], needed: readonly string[]): boolean => needed.every((scope) => granted.includes(scope))

/** Checks scopes that a developer wrote. Throws a ConfigurationError. */
export function checkScopes(option: string, scopes: unknown): readonly string[] {
  if (!Array.isArray(scopes) || scopes.length === 0) throw new ConfigurationError(option, 'must be a list of at least one scope')
  const wrong = scopes.findIndex((scope) => !isScope(scope))
  if (wrong !== -1) throw new ConfigurationError(option, `"${String(scopes[wrong])}" is no scope: use printable ASCII without space, " and \\ (RFC 6749 §3.3)`)
  return Object.freeze([...new Set(scopes as string[])])
}
