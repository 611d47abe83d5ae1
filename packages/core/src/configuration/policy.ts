import { checkImplications, checkScopes, type Implications } from '../claims/scope.js'
import { checkObject, ConfigurationError } from '../configuration-error.js'
import { byDefault, checkList, checkSeconds } from './check.js'
import { describeIssuer, type IssuerDescription } from './issuer.js'
import type { AuthorizationServersFor, ResourceOptions, Tenants } from '../options.js'
import { mountOf, type Mount } from '../request/mount.js'
import { parseResource, type ResourceIdentifier } from '../request/resource.js'
import type { Description } from '../response/metadata.js'
import { describeResource } from './description.js'

/** One guarded resource, or a template of them, as its options have it: checked, with every default filled in. */
export interface Policy {
  readonly identifier: ResourceIdentifier
  readonly mount: Mount
  readonly isMountedElsewhere: boolean
  readonly tenants: ReadonlyMap<string, Tenants>
  readonly issuers: readonly IssuerDescription[] | AuthorizationServersFor
  readonly description: Description
  readonly challengeScopes: readonly string[]
  readonly implies: Implications
  /** Seconds. */
  readonly clockTolerance: number
}

export const resourceMembers: Record<keyof ResourceOptions, true> = {
  resource: true, authorizationServers: true, tenants: true, scopesSupported: true, challengeScopes: true, scopeImplies: true,
  resourceName: true, resourceDocumentation: true, resourcePolicyUri: true, resourceTosUri: true, metadataExtensions: true,
  mountPath: true, clockTolerance: true,
}

/** Checks the options of one resource; `at` is where they stand: empty, or `resources[0].`. Throws a ConfigurationError. */
export function createPolicy(at: string, options: Partial<ResourceOptions>): Policy {
  const identifier = parseResource(`${at}resource`, options.resource)
  return {
    identifier,
    mount: mountOf(`${at}mountPath`, byDefault(options.mountPath, identifier.path), identifier.variables),
    isMountedElsewhere: options.mountPath !== undefined,
    tenants: checkTenants(`${at}tenants`, options.tenants, identifier.variables),
    issuers: checkIssuers(`${at}authorizationServers`, options.authorizationServers, identifier.variables),
    description: describeResource(at, options),
    challengeScopes: options.challengeScopes === undefined ? [] : checkScopes(`${at}challengeScopes`, options.challengeScopes),
    implies: checkImplications(`${at}scopeImplies`, byDefault(options.scopeImplies, {})),
    clockTolerance: checkSeconds(`${at}clockTolerance`, byDefault(options.clockTolerance, 5), 0, 300),
  }
}

/** Checks a list of authorization servers: at start-up, and what a function of the variables returned. */
export function describeIssuers(option: string, servers: unknown, variables: readonly string[]): readonly IssuerDescription[] {
  const isServer = (item: unknown): item is string | object => typeof item === 'string' || typeof item === 'object'
  const described = checkList(option, servers, isServer, 'an issuer, like "https://login.example.com", or an object that describes one').map((server, index) =>
    describeIssuer(`${option}[${index}]`, server, variables),
  )
  described.forEach(({ issuer }, index) => {
    if (described.findIndex((other) => other.issuer === issuer) < index) {
      throw new ConfigurationError(`${option}[${index}]`, `describes "${issuer}" a second time`)
    }
  })
  rejectRivals(option, described)
  return described
}

/** An opaque token may be shown to one issuer only, so that of two something has to say whose it is. */
function rejectRivals(option: string, described: readonly IssuerDescription[]): void {
  const asked = described.filter(({ introspection }) => introspection !== undefined)
  const undecided = asked.length > 1 ? described.findIndex(({ introspection }) => introspection?.chooses === false) : -1
  if (undecided !== -1) {
    throw new ConfigurationError(
      `${option}[${undecided}].introspection.recognises`,
      'is required where two issuers are asked: a function that knows by its form whether a token is of this one',
    )
  }
}

/** The audiences that mean this resource by themselves: an origin alone is the same with and without its slash (RFC 3986 §6.2.3). */
export const namesOf = ({ text, origin, path, query }: ResourceIdentifier): readonly string[] =>
  query === '' && (path === '' || path === '/') ? [origin, `${origin}/`] : [text]

function checkIssuers(option: string, servers: unknown, variables: readonly string[]): Policy['issuers'] {
  if (typeof servers !== 'function') return describeIssuers(option, servers, variables)
  if (variables.length === 0) throw new ConfigurationError(option, 'can be a function only where the resource has variables: list the issuers')
  return servers as AuthorizationServersFor
}

function checkTenants(option: string, tenants: unknown, variables: readonly string[]): ReadonlyMap<string, Tenants> {
  if (tenants === undefined && variables.length === 0) return new Map()
  if (variables.length === 0) throw new ConfigurationError(option, 'needs a variable in the resource, like "https://api.example.com/{tenant}"')
  const known = Object.fromEntries(variables.map((name) => [name, true as const]))
  checkObject(option, byDefault(tenants, {}), known)
  return new Map(variables.map((name) => [name, checkTenant(`${option}.${name}`, (tenants as Record<string, unknown> | undefined)?.[name])]))
}

function checkTenant(option: string, values: unknown): Tenants {
  if (typeof values === 'function') return values as Tenants
  if (values === undefined) throw new ConfigurationError(option, 'is required: list the values there are, or give a function that tells whether a value is one')
  return checkList(option, values, isSegment, '1 to 128 of A-Z a-z 0-9 - . _ ~')
}

/** Whether a raw path segment can be the value of a variable: unreserved characters only, so that it reads the same in every encoding. */
export const isSegment = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w.~-]{1,128}$/.test(value) && value !== '.' && value !== '..'
