import { ConfigurationError } from '../configuration-error.js'
import { mayEqual, parseUrl, variablesIn } from '../request/resource.js'
import { isSecure } from '../secure-url.js'

/** What was given, or else the default. `null` was given, and is judged like anything else. */
export const byDefault = <T>(given: T | undefined, fallback: T): T => (given === undefined ? fallback : given)

export function checkText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(option, 'must be a string that is not empty')
  return value
}

/** Refuses a secret that is named and yet undefined: it was meant to be there. Throws a ConfigurationError. */
export function checkIsSet<M extends string>(option: string, given: { readonly [name in M]?: unknown }, member: M): void {
  if (Object.hasOwn(given, member) && given[member] === undefined) {
    throw new ConfigurationError(option, 'is undefined: an environment variable that is not set?')
  }
}

export function checkList<T>(option: string, value: unknown, isOne: (item: unknown) => item is T, what: string): readonly T[] {
  if (!Array.isArray(value) || value.length === 0) throw new ConfigurationError(option, `must be a list of at least one: ${what}`)
  const index = value.findIndex((item) => !isOne(item))
  if (index !== -1) {
    const unset = value[index] === undefined ? '. It is undefined: an environment variable that is not set?' : ''
    throw new ConfigurationError(`${option}[${index}]`, `must be ${what}${unset}`)
  }
  return value as readonly T[]
}

/** One of a few words; the first where there is none. */
export function choose<T extends string>(option: string, value: unknown, choices: readonly [T, ...T[]]): T {
  if (value === undefined) return choices[0]
  if (!choices.includes(value as T)) throw new ConfigurationError(option, `must be ${choices.map((choice) => `'${choice}'`).join(' or ')}`)
  return value as T
}

/** True or false; false where there is none. */
export function checkFlag(option: string, value: unknown = false): boolean {
  if (typeof value !== 'boolean') throw new ConfigurationError(option, 'must be true or false')
  return value
}

export function checkFunction<T>(option: string, value: T): T {
  if (value !== undefined && typeof value !== 'function') throw new ConfigurationError(option, 'must be a function')
  return value
}

export function checkCount(option: string, value: unknown, from: number, to: number): number {
  if (!Number.isInteger(value) || (value as number) < from || (value as number) > to) {
    throw new ConfigurationError(option, `must be a whole number from ${from} to ${to}`)
  }
  return value as number
}

/** A number of seconds, which may be a fraction. */
export function checkSeconds(option: string, value: unknown, from: number, to: number): number {
  if (typeof value !== 'number' || !(value >= from && value <= to)) throw new ConfigurationError(option, `must be a number of seconds from ${from} to ${to}`)
  return value
}

/** An issuer's own URL: https, or http on a loopback literal; with no more variables than the resource has. */
export function checkEndpoint(option: string, value: unknown, variables: readonly string[]): string {
  const text = checkText(option, value)
  if (/[<>]/.test(text)) throw new ConfigurationError(option, 'has < or > in it: replace the placeholder')
  const url = parseUrl(option, text)
  if (!isSecure(url)) throw new ConfigurationError(option, 'must be https (http only on localhost, 127.0.0.1 or [::1])')
  if (url.username !== '' || url.password !== '') throw new ConfigurationError(option, 'must not have a user name or password in it')
  if (!/^[\x21-\x7e]+$/.test(text)) throw new ConfigurationError(option, 'must be printable ASCII without spaces')
  checkVariables(option, text, variables)
  return text
}

function checkVariables(option: string, text: string, variables: readonly string[]): void {
  const unknown = variablesIn(option, text.replace(/^[a-z]+:\/\/[^/]*/i, '')).find((name) => !variables.includes(name))
  if (unknown !== undefined) throw new ConfigurationError(option, `there is no variable {${unknown}} in the resource`)
}

/** Refuses two entries of which one can be, for one tenant, what the other is for another. */
export function checkDistinct(option: string, entries: readonly string[]): readonly string[] {
  const index = entries.findIndex((entry, at) => entries.slice(0, at).some((other) => mayEqual(other, entry)))
  if (index !== -1) throw new ConfigurationError(`${option}[${index}]`, 'can be the same as another entry for another tenant')
  return entries
}

/**
 * What tells one resource of a template from another must do so for each: it has to carry every variable, set off by characters
 * that no value has. Of `{a}-{b}` nobody knows where the first value ends.
 */
export function checkCarries(option: string, text: string, variables: readonly string[]): string {
  if (!variables.every((name) => new RegExp(`(?<![\\w.~}-])\\{${name}\\}(?![\\w.~{-])`).test(text))) {
    throw new ConfigurationError(
      option,
      `must carry each variable of the resource ({${variables.join('}, {')}}), set off by characters like / or :, or one tenant's token would do for another`,
    )
  }
  return text
}
