/**
 * Thrown at start-up when an option is wrong, and where an application is put together wrongly.
 * Nothing that a request contains ever causes one.
 *
 * `option` is the path of the option at fault (`authorizationServers[0].jwksUri`); the message names it and the fix.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly option: string

  constructor(option: string, fix: string) {
    super(`${option}: ${fix}`)
    this.option = option
  }
}

/**
 * Refuses what is no plain object, also a Map and an object with inherited members, of which some would not be read; and, where they are
 * given, members that are none of the `known`: a misspelt option must not be a silent one. Throws a ConfigurationError.
 */
export function checkObject(
  option: string, value: unknown, known?: Readonly<Record<string, unknown>>, example = '',
): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value || inheritsMembers(value)) {
    throw new ConfigurationError(option, `must be a plain object${example}`)
  }
  const unknown = known && Object.keys(value).find((member) => !Object.hasOwn(known, member))
  if (unknown !== undefined) throw new ConfigurationError(option, `there is no option "${unknown}" here; there are ${Object.keys(known ?? {}).join(', ')}`)
}

function inheritsMembers(value: object): boolean {
  for (const member in value) if (!Object.hasOwn(value, member)) return true
  return false
}
