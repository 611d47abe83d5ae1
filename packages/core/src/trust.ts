import type { AudienceProof } from './claims/rule.js'
import type { IssuerDescription } from './configuration/issuer.js'
import { namesOf, type Policy } from './configuration/policy.js'
import type { Variables } from './options.js'
import { fill, type ResourceIdentifier } from './request/resource.js'
import type { IntrospectorAt } from './token/introspectors.js'
import type { KeySource } from './token/keys.js'
import type { TrustedIssuer } from './token/verifier.js'

/** What issuers are reached by. */
export interface Sources {
  readonly keysOf: (description: Pick<IssuerDescription, 'issuer' | 'jwksUri' | 'jwks'>) => KeySource
  readonly introspectorAt: IntrospectorAt
}

/** An issuer as one resource trusts it: its description with the variables filled in, and what it is reached by. */
export function trustIssuer(
  { clockTolerance }: Policy,
  resource: ResourceIdentifier,
  variables: Variables,
  { introspection, ...description }: IssuerDescription,
  sources: Sources,
): TrustedIssuer {
  const filled = (text: string): string => fill(text, variables)
  const issuer = filled(description.issuer)
  const trusted = {
    ...description,
    issuer,
    audiences: new Set([...namesOf(resource), ...description.alsoAccept.map(filled)]),
    clockTolerance,
    identity: {},
    keys: sources.keysOf({ issuer, jwksUri: description.jwksUri && filled(description.jwksUri), jwks: description.jwks }),
  }
  if (introspection === undefined) return { ...trusted, introspector: undefined }
  const asked = { ...introspection, endpoint: introspection.endpoint && filled(introspection.endpoint) }
  return { ...trusted, audienceProof: fillProof(introspection.audienceProof, filled), introspector: sources.introspectorAt(resource.text, trusted, asked) }
}

function fillProof(proof: AudienceProof | undefined, filled: (text: string) => string): AudienceProof | undefined {
  if (proof?.kind === 'scope') return { ...proof, scope: filled(proof.scope) }
  if (proof?.kind === 'clients') return { ...proof, clientIds: proof.clientIds.map(filled) }
  return proof
}
