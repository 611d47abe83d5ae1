import { checkCount, checkFlag, checkFunction, checkIsSet, checkSeconds, choose } from './check.js'
import { rejectCollisions } from './collisions.js'
import { createPolicy, resourceMembers, type Policy } from './policy.js'
import { checkObject, ConfigurationError } from '../configuration-error.js'
import type { GuardOptions, Limits, ResourceGuardOptions, ResourceOptions, SeveralResourcesOptions } from '../options.js'
import type { Store } from '../store/store.js'
import { completeKeyPolicy, type CompleteKeyPolicy } from '../token/key-policy.js'

/** Everything that a guard is made from: checked, with every default filled in. */
export interface Configuration {
  readonly policies: readonly Policy[]
  readonly passesOutside: boolean
  readonly passesPreflight: boolean
  readonly servesMetadata: boolean
  readonly servesRootMetadata: boolean
  readonly now: () => number
  readonly fetch: typeof fetch
  readonly keys: CompleteKeyPolicy
  /** Names of the hosts in the options: what is there is meant to be there, also if it is private. */
  readonly allowedHosts: ReadonlySet<string>
  /** `undefined`: no cache. */
  readonly verifiedCache: { readonly entries: number; readonly bytes: number } | undefined
  readonly store: Store | undefined
  readonly storeSecret: string | undefined
  /** Seconds. */
  readonly storeTimeout: number
  readonly isRevoked: GuardOptions['isRevoked']
  readonly limits: Required<Limits>
  readonly onRefused: GuardOptions['onRefused']
  readonly onGranted: GuardOptions['onGranted']
}

const guardMembers: Record<keyof GuardOptions, true> = {
  outside: true, preflight: true, metadata: true, rootMetadata: true, now: true, fetch: true, keys: true, verifiedCache: true,
  store: true, storeSecret: true, storeTimeout: true, isRevoked: true, limits: true, onRefused: true, onGranted: true,
}
const limitMembers: Record<keyof Limits, true> = { tokenLength: true, introspectedTokens: true }

/** Checks the options of a guard. Throws a ConfigurationError that names the option and the fix. */
export function configure(options: ResourceGuardOptions): Configuration {
  if (isRequest(options)) throw new ConfigurationError('options', 'is a request: call resourceGuard({ … }), and hand on what it gives')
  checkObject('options', options as unknown)
  const policies = 'resources' in options ? severalPolicies(options) : [singlePolicy(options)]
  return {
    policies,
    passesOutside: choose('outside', options.outside, ['refuse', 'pass']) === 'pass',
    passesPreflight: choose('preflight', options.preflight, ['guard', 'pass']) === 'pass',
    servesRootMetadata: checkRootMetadata(options.rootMetadata, policies),
    servesMetadata: choose('metadata', options.metadata, ['serve', 'elsewhere']) === 'serve',
    now: checkClock(options.now),
    fetch: checkFunction('fetch', options.fetch) ?? ((...request) => fetch(...request)),
    keys: completeKeyPolicy(options.keys),
    allowedHosts: new Set(policies.flatMap(hostsIn)),
    verifiedCache: checkCache(options.verifiedCache),
    ...checkStore(options),
    isRevoked: checkFunction('isRevoked', options.isRevoked),
    limits: checkLimits(options.limits),
    onRefused: checkFunction('onRefused', options.onRefused),
    onGranted: checkFunction('onGranted', options.onGranted),
  }
}

/** Also Hono's context: a middleware was not called, so that it stands where what it makes should be. */
const isRequest = (given: unknown): boolean => typeof given === 'object' && given !== null && ('headers' in given || 'req' in given)

function singlePolicy(options: ResourceGuardOptions): Policy {
  checkObject('options', options, { ...resourceMembers, ...guardMembers })
  const policy = createPolicy('', options)
  rejectCollisions([policy], () => '')
  return policy
}

function severalPolicies(options: SeveralResourcesOptions): readonly Policy[] {
  const { resource: _resource, tenants: _tenants, mountPath: _mountPath, ...sharedMembers } = resourceMembers
  const { resources, ...shared } = options
  if ('resource' in shared) throw new ConfigurationError('resource', 'has no place beside resources: put it into that list')
  checkObject('options', shared, { ...sharedMembers, ...guardMembers })
  if (!Array.isArray(resources) || resources.length === 0) throw new ConfigurationError('resources', 'must be a list of at least one resource')
  const policies = resources.map((own: Partial<ResourceOptions>, index) => {
    checkObject(`resources[${index}]`, own, resourceMembers)
    return createPolicy(`resources[${index}].`, { ...shared, ...own })
  })
  rejectCollisions(policies, (index) => `resources[${index}].`)
  return policies
}

const hostsIn = ({ identifier, issuers }: Policy): readonly string[] => {
  const described = typeof issuers === 'function' ? [] : issuers
  const urls = described.flatMap(({ issuer, jwksUri, introspection }) => [issuer, jwksUri ?? issuer, introspection?.endpoint ?? issuer])
  return [identifier.origin, ...urls].map((url) => new URL(url).hostname)
}

/** In seconds, tokens would not expire for a long time. While a Worker starts, its clock says 0. `Date.now` is looked up each time, for fake timers. */
function checkClock(now: unknown = () => Date.now()): () => number {
  const clock = checkFunction('now', now) as () => number
  const at = clock()
  if (at !== 0 && !(at > 1e11)) throw new ConfigurationError('now', 'must give milliseconds since the epoch, as Date.now does')
  return clock
}

function checkRootMetadata(value: unknown, policies: readonly Policy[]): boolean {
  const serves = checkFlag('rootMetadata', value)
  if (serves && policies.some(({ identifier }) => policies.length > 1 || identifier.variables.length > 0)) {
    throw new ConfigurationError('rootMetadata', 'needs one resource without variables: of several, none can be described at the root')
  }
  return serves
}

function checkLimits(limits: unknown = {}): Required<Limits> {
  checkObject('limits', limits, limitMembers)
  const { tokenLength = 16_384, introspectedTokens = 10_000 } = limits as Limits
  return {
    tokenLength: checkCount('limits.tokenLength', tokenLength, 256, 1_048_576),
    introspectedTokens: checkCount('limits.introspectedTokens', introspectedTokens, 1, 10_000_000),
  }
}

function checkStore(options: GuardOptions): Pick<Configuration, 'store' | 'storeSecret' | 'storeTimeout'> {
  const { store, storeSecret, storeTimeout = 1 } = options
  checkIsSet('storeSecret', options, 'storeSecret')
  const seconds = checkSeconds('storeTimeout', storeTimeout, 0.01, 60)
  if (store !== undefined && !['get', 'set', 'add'].every((name) => typeof store?.[name as keyof Store] === 'function')) {
    throw new ConfigurationError('store', 'must have the functions get, set and add, like memoryStore()')
  }
  if (storeSecret !== undefined && (typeof storeSecret !== 'string' || storeSecret.length < 32)) {
    throw new ConfigurationError('storeSecret', 'must be a random string of at least 32 characters')
  }
  if (storeSecret !== undefined && store === undefined) throw new ConfigurationError('storeSecret', 'has no meaning without a store')
  return { store, storeSecret, storeTimeout: seconds }
}

function checkCache(cache: unknown = {}): Configuration['verifiedCache'] {
  if (cache === false) return undefined
  checkObject('verifiedCache', cache, { entries: true, bytes: true })
  const { entries = 10_000, bytes = 8 * 1024 * 1024 } = cache as { entries?: number; bytes?: number }
  return { entries: checkCount('verifiedCache.entries', entries, 1, 10_000_000), bytes: checkCount('verifiedCache.bytes', bytes, 1024, 2 ** 40) }
}
