import type { Implications } from './claims/scope.js'
import { ConfigurationError } from './configuration-error.js'
import { rejectSharedTokens } from './configuration/collisions.js'
import { describeIssuers, isSegment, type Policy } from './configuration/policy.js'
import type { IssuerDescription } from './configuration/issuer.js'
import type { Tenants, Variables } from './options.js'
import type { Principal } from './principal.js'
import { foldedSegments, segmentsOf } from './request/path.js'
import { fill } from './request/resource.js'
import { metadataDocument, metadataSuffix, metadataUrl, wellKnown } from './response/metadata.js'
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
  /** The principals made here, by their claims. */
  readonly principals: WeakMap<object, Principal>
}

/** A target; a problem; or `undefined`: outside every resource. */
type Located = Target | Problem | undefined

export interface Targets {
  /** By the path that the router dispatches on. */
  locate(path: string): Located | Promise<Located>
  /** By the path of a metadata document, which must be exact. A query that no resource has is ignored. */
  locateMetadata(path: string, query: string): Located | Promise<Located>
  /** The targets that are known without a request: those of resources without variables. */
  readonly fixed: readonly Target[]
}

/** How many targets of templates are kept ready. One that was dropped is made anew when it is asked for. */
const mostTargets = 1000

export function createTargets(policies: readonly Policy[], sources: Sources, servesRootMetadata = false): Targets {
  const resources = policies.toSorted(byPrecedence).map((policy) => createResource(policy, sources, policies))
  const [first] = resources
  const only = resources.length === 1 ? first?.fixed : undefined

  return {
    locate: only === undefined ? (path) => chosen(resources, path) : () => only,
    locateMetadata: (path, query) => {
      if (servesRootMetadata && path === wellKnown) return only
      const found = resources.find(({ policy }) => policy.identifier.query === query && matchMetadata(policy, path) !== undefined)
        ?? resources.find(({ policy }) => policy.identifier.query === '' && matchMetadata(policy, path) !== undefined)
      return found?.at(matchMetadata(found.policy, path) as Variables)
    },
    fixed: resources.flatMap(({ fixed }) => fixed ?? []),
  }
}

/** Longer mounts first; of two equally long ones, the one that is literal where the other has a variable. */
function byPrecedence({ mount: a }: Policy, { mount: b }: Policy): number {
  if (a.segments.length !== b.segments.length) return b.segments.length - a.segments.length
  const differs = a.segments.findIndex((segment, index) => 'variable' in segment !== 'variable' in (b.segments[index] as object))
  return differs === -1 ? 0 : 'variable' in (a.segments[differs] as object) ? 1 : -1
}

/**
 * The resource with the longest mount that the path is under. If a more lenient reading of the path would choose another
 * resource or tenant, no router can be trusted to agree: refused.
 */
function chosen(resources: readonly Resource[], path: string): Located | Promise<Located> {
  const folded = foldedSegments(path)
  if (folded === undefined) return problem('resource_unknown', { detail: 'a path that routers read differently' })
  const asWritten = select(resources, segmentsOf(path), 'literal')
  const asFolded = select(resources, folded, 'folded')
  if (asWritten?.resource !== asFolded?.resource || !sameFolded(asWritten?.variables, asFolded?.variables)) {
    return problem('resource_unknown', { detail: 'a spelling that another router would take for another resource or tenant' })
  }
  return asWritten?.resource.at(asWritten.variables)
}

interface Selection {
  readonly resource: Resource
  readonly variables: Variables
}

function select(resources: readonly Resource[], segments: readonly string[], spelling: 'literal' | 'folded'): Selection | undefined {
  for (const resource of resources) {
    const variables = match(resource.policy, segments, spelling)
    if (variables !== undefined) return { resource, variables }
  }
  return undefined
}

function match({ mount }: Policy, segments: readonly string[], spelling: 'literal' | 'folded'): Variables | undefined {
  if (segments.length < mount.segments.length) return undefined
  const variables: Record<string, string> = {}
  for (const [index, expected] of mount.segments.entries()) {
    const segment = segments[index] as string
    if ('variable' in expected) {
      variables[expected.variable] = segment
    } else if (segment !== expected[spelling]) return undefined
  }
  return variables
}

const sameFolded = (written: Variables = {}, folded: Variables = {}): boolean =>
  Object.entries(written).every(([name, value]) => value.toLowerCase() === folded[name])

/** The variables of a metadata path, which must be the resource's own to the last byte; `undefined` if it is not this resource's. */
function matchMetadata({ identifier }: Policy, path: string): Variables | undefined {
  const expected = `${wellKnown}${metadataSuffix(identifier.path)}`.split('/')
  const given = path.split('/')
  if (given.length !== expected.length) return undefined
  const variables: Record<string, string> = {}
  for (const [index, segment] of expected.entries()) {
    const value = given[index] as string
    if (segment.startsWith('{')) variables[segment.slice(1, -1)] = value
    else if (segment !== value) return undefined
  }
  return variables
}

interface Resource {
  readonly policy: Policy
  readonly fixed: Target | undefined
  /** The target for these values, if they are values that there are. */
  at(variables: Variables): Located | Promise<Located>
}

function createResource(policy: Policy, sources: Sources, policies: readonly Policy[]): Resource {
  if (policy.identifier.variables.length === 0) {
    const fixed = createTarget(policy, {}, policy.issuers as readonly IssuerDescription[], sources)
    return { policy, fixed, at: () => fixed }
  }
  const ready = new Map<string, { readonly servers: string; readonly target: Target }>()
  return {
    policy,
    fixed: undefined,
    at: async (variables) => {
      try {
        if (!(await areTenants(policy.tenants, variables))) return problem('resource_unknown', { detail: 'no such tenant' })
        const resource = fill(policy.identifier.text, variables)
        const servers = typeof policy.issuers === 'function' ? await policy.issuers(variables) : undefined
        const written = servers === undefined ? '' : JSON.stringify(servers)
        const known = ready.get(resource)
        ready.delete(resource)
        const entry = known?.servers === written ? known : { servers: written, target: createTarget(policy, variables, issuersOf(policy, servers, policies), sources) }
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

async function areTenants(tenants: ReadonlyMap<string, Tenants>, variables: Variables): Promise<boolean> {
  for (const [name, values] of tenants) {
    const value = variables[name] as string
    if (!isSegment(value)) return false
    const isOne = typeof values === 'function' ? await values(value) : values.includes(value)
    if (isOne !== true) return false
  }
  return true
}

function createTarget(policy: Policy, variables: Variables, descriptions: readonly IssuerDescription[], sources: Sources): Target {
  const { identifier } = policy
  const filled = { ...identifier, text: fill(identifier.text, variables), path: fill(identifier.path, variables) }
  const issuers = descriptions.map((description) => trustIssuer(policy, filled, variables, description, sources))
  const byName = new Map(issuers.map((trusted) => [trusted.issuer, trusted]))
  if (byName.size < issuers.length) throw new ConfigurationError('authorizationServers', 'describe one issuer twice once the variables are filled in')
  return {
    resource: filled.text,
    variables: Object.freeze({ ...variables }),
    metadataUrl: metadataUrl(filled),
    challengeScopes: policy.challengeScopes,
    issuers: byName,
    introspecting: issuers.filter(({ introspector }) => introspector !== undefined),
    implies: policy.implies,
    document: metadataDocument(filled.text, issuers.map(({ issuer }) => issuer), policy.description),
    principals: new WeakMap(),
  }
}
