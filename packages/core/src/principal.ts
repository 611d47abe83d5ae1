import { readScopes } from './claims/scope.js'
import type { Target } from './target.js'
import type { TokenClaims } from './token/verifier.js'

/**
 * Who is calling, at one resource, after every check: what a handler gets. Deeply frozen.
 *
 * Identify a user by `issuer` and `subject` together: two issuers may use the same subject (RFC 8725 §3.8). For a
 * client acting for itself (client credentials) `subject` is the client, often equal to `clientId` (RFC 9068 §5).
 * The token itself is not here: it was issued for this resource and must not travel further.
 *
 * A token that comes again may or may not have the same object: do not key anything by it.
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
  /**
   * The variables of a resource template, as this request and this token agree on them: `{ tenant: 'acme' }`. Of several resources each has
   * its own: a handler that more than one of them reaches must ask whether there is a `tenant`, which a database would take for any.
   */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** `exp`, in seconds since the epoch. Undefined only for opaque tokens whose introspection reply has none. */
  readonly expiresAt: number | undefined
  /** Every claim of the token, as issued; of an opaque token, the introspection reply. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Gives back what it is given, so that a class derived from it can put a private field there. */
const Given = function given(value: object) {
  return value
} as unknown as new (value: object) => object

/**
 * What a principal was made at, in a private field: nobody else can read or write it, and a copy does not have it. The principal
 * stays a plain object. A WeakMap would do the same, at a multiple of the cost for each token that is new.
 */
class Made extends Given {
  readonly #target: Target

  private constructor(principal: Principal, target: Target) {
    super(principal)
    this.#target = target
  }

  static at(target: Target, principal: Principal): Principal {
    return new Made(principal, target) as object as Principal
  }

  static targetOf(value: object): Target | undefined {
    return #target in value ? value.#target : undefined
  }
}

/** The principal of a verified token at one resource. `claims` are frozen already. */
export function createPrincipal({ claims, issuer }: TokenClaims, target: Target): Principal {
  return Object.freeze(Made.at(target, {
    issuer: issuer.issuer,
    subject: claims['sub'] as string | undefined,
    clientId: claims[issuer.clientIdClaim] as string | undefined,
    scopes: readScopes(claims, issuer.scopeClaim) ?? [],
    resource: target.resource,
    variables: target.variables,
    expiresAt: claims['exp'] as number | undefined,
    claims,
  }))
}

/** What a principal was made at, by any guard; `undefined` for everything else. */
export const targetOf = (value: unknown): Target | undefined =>
  typeof value === 'object' && value !== null ? Made.targetOf(value) : undefined
