import { byDefault } from './check.js'
import type { Description } from '../response/metadata.js'
import { checkScopes } from '../claims/scope.js'
import { checkObject, ConfigurationError } from '../configuration-error.js'
import { readUrl } from '../secure-url.js'
import type { ResourceOptions } from '../options.js'

/** Members that follow from what the guard enforces: to be given they would have to be believed instead. */
const derived = [
  'resource', 'authorization_servers', 'scopes_supported', 'bearer_methods_supported', 'tls_client_certificate_bound_access_tokens',
  'authorization_details_types_supported', 'dpop_signing_alg_values_supported', 'dpop_bound_access_tokens_required', 'signed_metadata',
]

/** The descriptive members of RFC 9728 §2, by their options. */
const described = {
  resourceName: 'resource_name',
  resourceDocumentation: 'resource_documentation',
  resourcePolicyUri: 'resource_policy_uri',
  resourceTosUri: 'resource_tos_uri',
} as const

/** Checks what the metadata says beyond the checks. Throws a ConfigurationError. */
export function describeResource(at: string, options: Partial<ResourceOptions>): Description {
  const members: Record<string, unknown> = {}
  for (const [option, member] of Object.entries(described) as [keyof typeof described, string][]) {
    const value: unknown = options[option]
    if (value !== undefined) members[member] = option === 'resourceName' ? checkName(`${at}${option}`, value) : checkUrl(`${at}${option}`, value)
  }
  Object.assign(members, checkExtensions(`${at}metadataExtensions`, byDefault(options.metadataExtensions, {}), members))
  return { scopesSupported: options.scopesSupported === undefined ? [] : checkScopes(`${at}scopesSupported`, options.scopesSupported), members }
}

function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new ConfigurationError(option, 'must be a name for people to read')
  return value
}

function checkUrl(option: string, value: unknown): string {
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || readUrl(value) === undefined) {
    throw new ConfigurationError(option, 'must be a URL of http or https')
  }
  return value
}

function checkExtensions(option: string, extensions: unknown, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  checkObject(option, extensions)
  for (const [name, value] of Object.entries(extensions)) {
    const [plain, tag] = name.split('#') as [string, string | undefined]
    const at = `${option}["${name}"]`
    if (derived.includes(plain)) throw new ConfigurationError(at, 'follows from the other options and cannot be given')
    if (tag === undefined && Object.values<string>(described).includes(plain)) throw new ConfigurationError(at, 'has an option of its own')
    if (tag !== undefined && !/^[a-z]{1,8}(?:-[a-z\d]{1,8})*$/i.test(tag)) throw new ConfigurationError(at, 'must end in a language tag like "#it" (BCP 47)')
    if (tag !== undefined && !(plain in members) && !(plain in extensions)) {
      throw new ConfigurationError(at, `needs "${plain}" without a tag beside it (RFC 9728 §2.1)`)
    }
    if (isZero(value)) throw new ConfigurationError(at, 'must not be empty: leave it out (RFC 9728 §3.2)')
  }
  return JSON.parse(serialize(option, extensions)) as Record<string, unknown>
}

const isZero = (value: unknown): boolean => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

function serialize(option: string, value: unknown): string {
  try {
    return JSON.stringify(value, (_, member: unknown) => {
      if (typeof member === 'function' || typeof member === 'symbol') throw new TypeError('left out of JSON in silence')
      return member
    })
  } catch {
    throw new ConfigurationError(option, 'must be JSON')
  }
}
