import type { Implications } from './claims/scope.js'
import { ConfigurationError } from './configuration-error.js'
import { rejectSharedTokens } from './configuration/collisions.js'
import type { IssuerDescription } from './configuration/issuer.js'
import { describeIssuers, isSegment, type Policy } from './configuration/policy.js'
import type { Tenants, Variables } from './options.js'
import { settleWithin } from './outbound/deadline.js'
import type { Principal } from './principal.js'
import { fill } from './request/resource.js'
import { metadataDocument, metadataUrl } from './response/metadata.js'
import { problem, type Problem } from './response/problem.js'
import type { Challenger } from './response/refusal.js'
import { trustIssuer, type Sources } from './trust.js'
import type { Trust } from './token/verifier.js'

/** One resource as this request addresses it: everything that the request is judged by. */
export interface Target extends Challenger, Trust {
  readonly resource: string
  readonly variables: Variables
  readonly implies: Implications
  /** The metadata document. */
  readonly document: string
  /** The principals made here of tokens that are remembered, by their claims. */
  readonly principals: WeakMap<object, Principal>
  /** Those of the guard that it belongs to. */
  readonly policies: readonly Policy[]
}

/** A target; a problem; or `undefined`: outside every resource. */
export type Located = Target | Problem | undefined

/** How many targets of templates are kept ready. One that was dropped is made anew when it is asked for. */
const mostTargets = 1000

/** A policy, and the targets that it makes. */
export interface Resource {
  readonly policy: Policy
  /** The only target of a resource without variables. */
  readonly fixed: Target | undefined
  /** The target for these values, if they are values that there are. */
  at(variables: Variables): Located | Promise<Located>
}

export interface ResourceSettings {
  readonly sources: Sources
  /** Of all resources: no token may mean two of them. */
  readonly policies: readonly Policy[]
  /** How long the application's functions of a tenant may take, in seconds. */
  readonly timeout: number
}

export function createResource(policy: Policy, { sources, policies, timeout }: ResourceSettings): Resource {
  if (policy.identifier.variables.length === 0) {
    const fixed = createTarget(policy, Object.freeze({}), policy.issuers as readonly IssuerDescription[], sources, policies)
    return { policy, fixed, at: () => fixed }
  }
  const ready = new Map<string, { readonly servers: string; readonly target: Target }>()
  return {
    policy,
    fixed: undefined,
    at: async (given) => {
      // Frozen, because the application's functions get them, and what was judged must be what is used.
      const variables = Object.freeze({ ...given })
      try {
        if (!(await areTenants(policy.tenants, variables, timeout))) {
          return problem('resource_unknown', { actual: Object.values(variables), detail: 'no such tenant' })
        }
        const resource = fill(policy.identifier.text, variables)
        const servers = typeof policy.issuers === 'function' ? await settleWithin(timeout, 'authorizationServers', policy.issuers(variables)) : undefined
        const written = servers === undefined ? '' : JSON.stringify(servers)
        const known = ready.get(resource)
        ready.delete(resource)
        const make = () => createTarget(policy, variables, issuersOf(policy, servers, policies), sources, policies)
        const entry = known?.servers === written ? known : { servers: written, target: make() }
        ready.set(resource, entry)
        if (ready.size > mostTargets) ready.delete(ready.keys().next().value as string)
        return entry.target
      } catch (error) {
        return problem('tenants_unavailable', { detail: error instanceof Error ? error.message : 'threw' })
      }
    },
  }
}

function issuersOf(policy: Policy, servers: unknown, policies: readonly Policy[]): readonly IssuerDescription[] {
  if (typeof policy.issuers !== 'function') return policy.issuers
  const issuers = describeIssuers('authorizationServers', servers, policy.identifier.variables)
  rejectSharedTokens('authorizationServers', policy, issuers, policies)
  return issuers
}

async function areTenants(tenants: ReadonlyMap<string, Tenants>, variables: Variables, timeout: number): Promise<boolean> {
  for (const [name, values] of tenants) {
    const value = variables[name] as string
    if (!isSegment(value)) return false
    const isOne: unknown = typeof values === 'function' ? await settleWithin(timeout, `tenants.${name}`, values(value)) : values.includes(value)
    if (typeof isOne !== 'boolean') throw new Error(`tenants.${name} gave neither true nor false`)
    if (!isOne) return false
  }
  return true
}

function createTarget(
  policy: Policy, variables: Variables, descriptions: readonly IssuerDescription[], sources: Sources, policies: readonly Policy[],
): Target {
  const { identifier } = policy
  const filled = { ...identifier, text: fill(identifier.text, variables), path: fill(identifier.path, variables) }
  const issuers = descriptions.map((description) => trustIssuer(policy, filled, variables, description, sources))
  const byName = new Map(issuers.map((trusted) => [trusted.issuer, trusted]))
  if (byName.size < issuers.length) throw new ConfigurationError('authorizationServers', 'describe one issuer twice once the variables are filled in')
  return {
    resource: filled.text,
    variables,
    metadataUrl: metadataUrl(filled),
    challengeScopes: policy.challengeScopes,
    issuers: byName,
    introspecting: issuers.filter(({ introspector }) => introspector !== undefined),
    implies: policy.implies,
    document: metadataDocument(filled.text, issuers.map(({ issuer }) => issuer), policy.description),
    principals: new WeakMap(),
    policies,
  }
}
