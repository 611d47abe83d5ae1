import { readScopes } from './claims/scope.js'
import type { Target } from './target.js'
import type { TokenClaims } from './token/verifier.js'

/**
 * Who is calling, at one resource, after every check: what a handler gets. Deeply frozen.
 *
 * Identify a user by `issuer` and `subject` together: two issuers may use the same subject (RFC 8725 §3.8). For a
 * client acting for itself (client credentials) `subject` is the client, often equal to `clientId` (RFC 9068 §5).
 * The token itself is not here: it was issued for this resource and must not travel further.
 */
export interface Principal {
  /** `iss`: the authorization server that issued the token. */
  readonly issuer: string
  /** `sub`. Undefined only where the issuer is described as one that omits it, and for opaque tokens whose introspection reply has none. */
  readonly subject: string | undefined
  /** `client_id`. Undefined in the same cases. */
  readonly clientId: string | undefined
  /** The scopes granted (RFC 6749 §3.3), each once. Empty if the token has none. */
  readonly scopes: readonly string[]
  /** The resource that the token was accepted at: the configured URI, with this request's variables filled in. */
  readonly resource: string
  /** The variables of a resource template, as this request and this token agree on them: `{ tenant: 'acme' }`. */
  readonly variables: Readonly<Record<string, string>>
  /** `exp`, in seconds since the epoch. Undefined only for opaque tokens whose introspection reply has none. */
  readonly expiresAt: number | undefined
  /** Every claim of the token, as issued; of an opaque token, the introspection reply. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** A principal that knows, where nobody else can read or write it, what it was made at. A copy of it does not. */
class VerifiedPrincipal implements Principal {
  readonly issuer: string
  readonly subject: string | undefined
  readonly clientId: string | undefined
  readonly scopes: readonly string[]
  readonly resource: string
  readonly variables: Readonly<Record<string, string>>
  readonly expiresAt: number | undefined
  readonly claims: Readonly<Record<string, unknown>>
  readonly #target: Target

  constructor({ claims, issuer }: TokenClaims, target: Target) {
    this.issuer = issuer.issuer
    this.subject = claims['sub'] as string | undefined
    this.clientId = claims[issuer.clientIdClaim] as string | undefined
    this.scopes = readScopes(claims, issuer.scopeClaim) ?? []
    this.resource = target.resource
    this.variables = target.variables
    this.expiresAt = claims['exp'] as number | undefined
    this.claims = claims
    this.#target = target
    Object.freeze(this)
  }

  static targetOf(value: object): Target | undefined {
    return #target in value ? value.#target : undefined
  }
}

/** The principal of a verified token at one resource. `claims` are frozen already. */
export const createPrincipal = (verified: TokenClaims, target: Target): Principal => new VerifiedPrincipal(verified, target)

/** What a principal was made at, by any guard; `undefined` for everything else. */
export const targetOf = (value: unknown): Target | undefined =>
  typeof value === 'object' && value !== null ? VerifiedPrincipal.targetOf(value) : undefined
