/** One public key, fit for some algorithms. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** The JWK's required members in RFC 7638 form: the same key is the same string, whatever its `kid`. */
  readonly canonical: string
  /** Whether this key can be used with this `alg`: type, curve and, where the JWK has one, its own `alg`. */
  suits(alg: string): boolean
  /** Whether `signature` is this key's over `input` (ASCII). Never throws: a signature that cannot be read is false. */
  verify(alg: string, input: string, signature: Uint8Array): boolean | Promise<boolean>
}
