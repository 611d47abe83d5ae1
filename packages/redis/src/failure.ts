import { StoreError } from '@resource-guard/core'

/**
 * A failure of the client or an error reply of the server as an error that is safe to log. Nothing else is kept of it: ioredis attaches
 * the whole command to its errors, Redis quotes arguments in some, and URLs hold passwords.
 */
export function asStoreError(error: unknown): StoreError {
  const code = codeOf(error)
  return new StoreError(code, `the Redis command failed: ${code}`)
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'STORE_FAILED'
  if ('code' in error && isName(error.code)) return error.code
  // What an error reply begins with: `OOM command not allowed when used memory > 'maxmemory'.`
  const word = /^[A-Z]{2,32}(?= )/.exec(error.message)?.[0]
  if (word !== undefined) return word
  return [error.name, error.constructor.name].find((name) => isName(name) && name !== 'Error') ?? 'STORE_FAILED'
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^\w{1,64}$/.test(value)
