import type { Policy } from './configuration/policy.js'
import type { Variables } from './options.js'
import { readingsOf, segmentsOf } from './request/path.js'
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
  const resources = settings.policies.toSorted(byLength).map((policy) => createResource(policy, settings))
  const [first] = resources
  const only = resources.length === 1 ? first?.fixed : undefined
  const asTrees = resources.toSorted((a, b) => byLiterals(a.policy, b.policy))

  return {
    locate: only === undefined ? (path) => chosen(resources, asTrees, path) : () => only,
    locateMetadata: (path, query) => {
      if (servesRootMetadata && path === wellKnown) return only
      const found = resources.find(({ policy }) => policy.identifier.query === query && matchMetadata(policy, path) !== undefined)
        ?? resources.find(({ policy }) => policy.identifier.query === '' && matchMetadata(policy, path) !== undefined)
      return found?.at(matchMetadata(found.policy, path) as Variables)
    },
    fixed: resources.flatMap(({ fixed }) => fixed ?? []),
  }
}

type Order = (a: Policy, b: Policy) => number

const longerFirst: Order = ({ mount: a }, { mount: b }) => b.segments.length - a.segments.length

/** At the first segment where one is literal and the other has a variable. */
const literalFirst: Order = ({ mount: a }, { mount: b }) => {
  const differs = a.segments.findIndex((segment, index) => index < b.segments.length && 'variable' in segment !== 'variable' in (b.segments[index] as object))
  return differs === -1 ? 0 : 'variable' in (a.segments[differs] as object) ? 1 : -1
}

/** Which of two mounts a path is under: the longer one here, and with routers that are trees the one with the literal. */
const byLength: Order = (a, b) => longerFirst(a, b) || literalFirst(a, b)
const byLiterals: Order = (a, b) => literalFirst(a, b) || longerFirst(a, b)

/**
 * The resource with the longest mount that the path is under. If another reading of the path, or another order of the resources, would choose
 * another resource or tenant, no router can be trusted to agree: refused.
 */
function chosen(resources: readonly Resource[], asTrees: readonly Resource[], path: string): Located | Promise<Located> {
  const asWritten = select(resources, segmentsOf(path), isLiteral)
  const agrees = (reading: string): boolean => {
    const segments = segmentsOf(reading)
    return [resources, asTrees].every((order) => sameChoice(asWritten, select(order, segments, isSpelling)))
  }
  return readingsOf(path)?.every(agrees) === true
    ? asWritten?.resource.at(asWritten.variables)
    : problem('resource_unknown', { actual: path, detail: 'a path that routers read differently' })
}

interface Selection {
  readonly resource: Resource
  readonly variables: Variables
}

type Literal = Exclude<Policy['mount']['segments'][number], { readonly variable: string }>
type Matches = (segment: string, expected: Literal) => boolean
const isLiteral: Matches = (segment, { literal }) => segment === literal
const isSpelling: Matches = (segment, { spellings }) => spellings.includes(segment.toLowerCase())

function select(resources: readonly Resource[], segments: readonly string[], matches: Matches): Selection | undefined {
  for (const resource of resources) {
    const variables = match(resource.policy, segments, matches)
    if (variables !== undefined) return { resource, variables }
  }
  return undefined
}

function match({ mount }: Policy, segments: readonly string[], matches: Matches): Variables | undefined {
  if (segments.length < mount.segments.length) return undefined
  const variables: Record<string, string> = {}
  for (const [index, expected] of mount.segments.entries()) {
    const segment = segments[index] as string
    if ('variable' in expected) {
      variables[expected.variable] = segment
    } else if (!matches(segment, expected)) return undefined
  }
  return variables
}

/** The same resource, and variables that differ in letter case at most. */
const sameChoice = (one: Selection | undefined, other: Selection | undefined): boolean =>
  one?.resource === other?.resource
  && Object.entries(one?.variables ?? {}).every(([name, value]) => value.toLowerCase() === other?.variables[name]?.toLowerCase())

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
