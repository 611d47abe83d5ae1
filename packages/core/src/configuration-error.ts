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
