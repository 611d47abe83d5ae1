/** Why a store could not do what it was asked. Neither code nor message holds a key, a value or an address: both are fit for logs. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** `STORE_FULL`, `STORE_TIMEOUT`, ..., or what the store's server or its client calls the fault: `OOM`, `ECONNREFUSED`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
