/** The signature algorithms there are here (RFC 7518 §3.1, RFC 8037, RFC 9864): asymmetric ones only. */
export const algorithms = [
  'RS256', 'RS384', 'RS512',
  'PS256', 'PS384', 'PS512',
  'ES256', 'ES384', 'ES512',
  'EdDSA', 'Ed25519',
] as const

/** One of them: the `alg` of a token (RFC 7515 §4.1.1), spelt exactly so. */
export type Algorithm = (typeof algorithms)[number]

const known: ReadonlySet<unknown> = new Set(algorithms)

/** Case-sensitive and by membership: anything that is not in the list, of whatever type, is not an algorithm. */
export const isAlgorithm = (value: unknown): value is Algorithm => known.has(value)
