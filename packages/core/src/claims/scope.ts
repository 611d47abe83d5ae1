import { checkObject, ConfigurationError } from '../configuration-error.js'
import type { Claims } from './rule.js'

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/
const scopeList = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** Whether a value is one scope-token (RFC 6749 §3.3). */
export const isScope = (value: unknown): value is string => typeof value === 'string' && scopeToken.test(value)

/**
 * The scopes that a token was granted, each once: none if it says nothing of them, `undefined` if what it says is malformed.
 * `scope` is one space-delimited string (RFC 8693 §4.2); under any other name an array of strings is read too.
 */
export function readScopes(claims: Claims, claim: string): readonly string[] | undefined {
  if (!areScopes(claims, claim)) return undefined
  const value = claims[claim] ?? []
  const scopes = typeof value === 'string' ? value.split(' ') : (value as readonly string[])
  return Object.freeze(scopes.length <= few && scopes.every(isNew) ? scopes : [...new Set(scopes)].filter((scope) => scope !== ''))
}

/** So many that a set of them costs more than looking. */
const few = 32
const isNew = (scope: string, at: number, scopes: readonly string[]): boolean => scope !== '' && scopes.indexOf(scope) === at

/** Whether `readScopes` can read them. */
export function areScopes(claims: Claims, claim: string): boolean {
  const value = claims[claim]
  if (value === undefined) return true
  return typeof value === 'string' ? scopeList.test(value) : claim !== 'scope' && Array.isArray(value) && value.every(isScope)
}

/** What each broader scope grants beside itself, through any number of steps. */
export type Implications = ReadonlyMap<string, readonly string[]>

/** The scopes granted, and those that they imply, each once. */
export const withImplied = (granted: readonly string[], implies: Implications): readonly string[] =>
  implies.size === 0 ? granted : [...new Set(granted.flatMap((scope) => [scope, ...(implies.get(scope) ?? [])]))]

/** Scopes that an operation needs: every one of a list, or any one of `anyOf`. */
export type NeededScopes = readonly string[] | { readonly anyOf: readonly string[] }

/** Whether the scopes granted suffice. Case-sensitive, whole scopes, in any order (RFC 6749 §3.3). Never, where no scope is named. */
export const suffices = (granted: readonly string[], needed: NeededScopes): boolean =>
  'anyOf' in needed ? needed.anyOf.some((scope) => granted.includes(scope)) : needed.length > 0 && needed.every((scope) => granted.includes(scope))

/**
 * Checks scopes that a developer wrote, and gives them each once, in a frozen list. `option` is what a mistake is blamed on.
 * Throws a ConfigurationError for what is no list, for an empty one, for what is no scope (RFC 6749 §3.3), and for `offline_access`:
 * clients are told to ask for what is in such a list.
 */
export function checkScopes(option: string, scopes: unknown): readonly string[] {
  if (!Array.isArray(scopes) || scopes.length === 0) throw new ConfigurationError(option, 'must be a list of at least one scope')
  const wrong = scopes.findIndex((scope) => !isScope(scope))
  if (wrong !== -1) {
    const given: unknown = scopes[wrong]
    const text = typeof given === 'string' ? `"${given}"` : `what is no string (${typeof given})`
    throw new ConfigurationError(option, `${text} is no scope: give each by itself, in printable ASCII without space, " and \\ (RFC 6749 §3.3)`)
  }
  if (scopes.includes('offline_access')) {
    throw new ConfigurationError(
      option,
      'must not hold "offline_access": it asks the authorization server for a refresh token (OpenID Connect Core §11) and means nothing here',
    )
  }
  return Object.freeze([...new Set(scopes as string[])])
}

/** Checks which scopes imply which, and follows them to the end; scopes may imply each other. Throws a ConfigurationError. */
export function checkImplications(option: string, implies: unknown): Implications {
  checkObject(option, implies, undefined, " like { 'files:write': ['files:read'] }")
  const direct = new Map(Object.entries(implies).map(([broader, narrower]) => {
    checkScopes(option, [broader])
    return [broader, checkScopes(`${option}["${broader}"]`, narrower)]
  }))
  const reach = (scope: string, seen: Set<string>): Set<string> => {
    for (const next of direct.get(scope) ?? []) if (!seen.has(next)) reach(next, seen.add(next))
    return seen
  }
  return new Map([...direct.keys()].map((scope) => [scope, [...reach(scope, new Set())].filter((implied) => implied !== scope)]))
}
