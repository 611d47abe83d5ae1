import type { Policy } from './configuration/policy.js'
import type { Variables } from './options.js'
import { foldedSegments, segmentsOf } from './request/path.js'
import { metadataSuffix, wellKnown } from './response/metadata.js'
import { problem } from './response/problem.js'
import { createResource, type Located, type Resource, type ResourceSettings, type Target } from './target.js'

export interface Targets {
  /** By the path that the router dispatches on. */
  locate(path: string): Located | Promise<Located>
  /** By the path of a metadata document, which must be exact. A query that no resource has is ignored. */
  locateMetadata(path: string, query: string): Located | Promise<Located>
  /** The targets that are known without a request: those of resources without variables. */
  readonly fixed: readonly Target[]
}

export interface TargetsSettings extends ResourceSettings {
  readonly servesRootMetadata: boolean
}

export function createTargets({ servesRootMetadata, ...settings }: TargetsSettings): Targets {
  const resources = settings.policies.toSorted(byPrecedence).map((policy) => createResource(policy, settings))
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
