import type { IssuerDescription } from './issuer.js'
import { namesOf, type Policy } from './policy.js'
import { ConfigurationError } from '../configuration-error.js'
import { shapeOf } from '../request/mount.js'
import { mayEqual } from '../request/resource.js'
import { foldHost } from '../secure-url.js'

/** Two resources that one token or one request could mean are a mistake, whatever else they say. */
export function rejectCollisions(policies: readonly Policy[], at: (index: number) => string): void {
  policies.forEach((policy, index) => {
    const others = policies.filter((other) => other !== policy)
    if (others.some((other) => haveOneName(policy, other))) throw new ConfigurationError(`${at(index)}resource`, 'is guarded twice')
    if (others.some((other) => shapeOf(other.mount) === shapeOf(policy.mount))) {
      throw new ConfigurationError(
        `${at(index)}resource`,
        'gets the same requests as another resource: the paths have to differ in more than letter case, query and host',
      )
    }
    if (typeof policy.issuers !== 'function') rejectSharedTokens(`${at(index)}authorizationServers`, policy, policy.issuers, policies)
  })
}

/**
 * No audience that an issuer's tokens may have beside the resource's own may be another resource of the guard, and no proof in the
 * place of an audience may do for two. An alias that is written down at two resources is one for both: that is what it says there.
 * Of other resources whose issuers are a function only the names are known here, so that beside them a proof is refused.
 */
export function rejectSharedTokens(option: string, policy: Policy, issuers: readonly IssuerDescription[], policies: readonly Policy[]): void {
  const others = policies.filter((other) => other !== policy)
  const own = namesOf(policy.identifier)
  const names = others.flatMap(({ identifier }) => namesOf(identifier))
  const asked = others.flatMap((other) => (typeof other.issuers === 'function' ? [] : other.issuers)).filter((other) => other.introspection !== undefined)
  const unread = typeof policy.issuers === 'function' && others.some((other) => typeof other.issuers === 'function')
  for (const { issuer, alsoAccept, introspection } of issuers) {
    const swapped = alsoAccept.find((audience) => own.some((name) => name !== audience && mayEqual(name, audience)))
    if (swapped !== undefined) throw new ConfigurationError(option, `alsoAccept must not hold "${swapped}": with other values that is this resource`)
    const stolen = alsoAccept.find((audience) => names.some((name) => mayEqual(name, foldHost(audience))))
    if (stolen !== undefined) throw new ConfigurationError(option, `alsoAccept must not hold "${stolen}": that is another resource of this guard`)
    const proof = introspection?.audienceProof
    if (unread && proof !== undefined && proof.kind !== 'jwt') {
      throw new ConfigurationError(option, `audienceProvenBy of "${issuer}" cannot be compared with a resource whose issuers are a function: list them`)
    }
    const rivals = asked.filter((other) => mayEqual(other.issuer, issuer))
    if (rivals.some((rival) => mayProveBoth(proof, rival.introspection?.audienceProof))) {
      throw new ConfigurationError(option, `audienceProvenBy of "${issuer}" does not tell two resources of this guard apart`)
    }
  }
}

type Proof = NonNullable<IssuerDescription['introspection']>['audienceProof']

/**
 * Only two proofs of one kind can be told apart: by a scope or a client that is not the other's. An issuer that is asked for
 * another resource too does not answer for this one only.
 */
function mayProveBoth(one: Proof, other: Proof): boolean {
  if (one === undefined || one.kind === 'jwt' || other?.kind === 'jwt') return false
  if (one.kind === 'issuer') return true
  if (other === undefined) return false
  if (one.kind === 'scope' && other.kind === 'scope') return mayEqual(one.scope, other.scope)
  if (one.kind === 'clients' && other.kind === 'clients') return one.clientIds.some((id) => other.clientIds.some((otherId) => mayEqual(id, otherId)))
  return true
}

/** Where both stand at their own paths, the path decides: a literal resource then takes its place out of a template. */
function haveOneName(a: Policy, b: Policy): boolean {
  const [some, others] = [namesOf(a.identifier), namesOf(b.identifier)]
  if (some.some((name) => others.includes(name))) return true
  return (a.isMountedElsewhere || b.isMountedElsewhere) && some.some((name) => others.some((other) => mayEqual(name, other)))
}
