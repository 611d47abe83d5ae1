import { checkBinding } from './binding/binding.js'
import { judgeReply } from './claims/introspection.js'
import { judgeBy, lastingRules, rfc9068, timeRules } from './claims/rfc9068.js'
import { hintAt, type Claims } from './claims/rule.js'
import { checkScopes, suffices, withImplied, type NeededScopes } from './claims/scope.js'
import { ConfigurationError } from './configuration-error.js'
import { configure } from './configuration/configuration.js'
import type { ResourceGuardOptions } from './options.js'
import { boundedStore } from './outbound/bounded-store.js'
import { createPrincipal, targetOf, type Principal } from './principal.js'
import { printable, type AccessRequest } from './request/access-request.js'
import { readCredentials } from './request/credentials.js'
import { pathOf, queryOf } from './request/path.js'
import { isPreflight } from './request/preflight.js'
import { mayEqual } from './request/resource.js'
import { answerMetadata, isMetadataPath } from './response/metadata.js'
import { isProblem, problem, type Problem } from './response/problem.js'
import { refusal } from './response/refusal.js'
import type { Reply } from './response/reply.js'
import { askIsRevoked, createRevocations, type Revocation } from './revocation.js'
import type { Target } from './target.js'
import { createTargets } from './targets.js'
import { createTokenVerifier } from './token/introspection.js'
import { createIntrospectors } from './token/introspectors.js'
import { createJwtVerifier } from './token/jwt.js'
import { createKeySources } from './token/key-sources.js'
import type { KeyHealth } from './token/keys.js'
import { createVerifiedCache } from './token/verified-cache.js'
import type { TokenClaims } from './token/verifier.js'

/** What became of a request. */
export type Outcome =
  /** Run the handler: every check has passed. */
  | { readonly kind: 'granted'; readonly principal: Principal }
  /** Run the handler **without a principal**: only under `outside: 'pass'` or `preflight: 'pass'`. */
  | { readonly kind: 'open' }
  /** Send this and nothing else; the handler must not run. */
  | ({ readonly kind: 'reply' } & Reply)

/** What a route asks for, where the adapter knows the route before the guard runs. */
export interface Route {
  /** The scopes that are needed, else 403 `insufficient_scope`. Such a route is never let through open: it asks for somebody. */
  readonly scopes?: NeededScopes
}

/** What goes with a principal, where it is handed on to something that judges scopes or writes challenges itself. */
export interface Grant {
  /** The scopes granted, and those that they imply (`scopeImplies`). */
  readonly scopes: readonly string[]
  /** The URL of the resource's metadata (RFC 9728 §3.1). */
  readonly metadataUrl: string
}

/** Framework-free: an adapter reads a request, calls `handle`, and does what the Outcome says. */
export interface ResourceGuard {
  /**
   * Decides about one request. Never rejects, whatever the request holds; rejects with a ConfigurationError only for a
   * `route` that asks for no scope or for what is not a scope.
   */
  handle(request: AccessRequest, route?: Route): Promise<Outcome>
  /**
   * Decides about scopes that become known after `handle`: `undefined` means yes, else it is the 403 to send. Needed is every
   * scope of a list, or any one of `{ anyOf }`, of which the challenge names the first: a client asks for whatever it is told,
   * and should not collect alternatives, so put the one to ask for first. `request` is for `onRefused` only. Throws a
   * ConfigurationError for a principal that this guard did not make, for no scope, and for what is not a scope.
   */
  authorize(principal: Principal, scopes: NeededScopes, request?: AccessRequest): Reply | undefined
  /** What the guard knows beside the principal. Throws a ConfigurationError for a principal that this guard did not make. */
  grantOf(principal: Principal): Grant
  /**
   * Answers the RFC 9728 well-known paths of this guard's resources, also where `metadata` is `'elsewhere'`; `undefined` for
   * every path that is not under the well-known one, and under `outside: 'pass'` for those that are of no document. Never rejects.
   */
  metadata(request: AccessRequest): Promise<Reply | undefined>
  /** False under `metadata: 'elsewhere'`. */
  readonly servesMetadata: boolean
  /**
   * Fetches metadata and keys, and finds the introspection endpoint, of each issuer that is known without a request (not those
   * of a template), so that the first request need not wait. Rejects with an Error that says what failed; requests are served,
   * and it is tried again, all the same.
   */
  ready(): Promise<void>
  /** How the keys of each issuer are, for health checks and metrics. */
  health(): readonly KeyHealth[]
  /**
   * Has tokens refused from now on, by every guard that uses the same `store`, remembered or not: a JWT and an opaque token alike. Resolves when
   * the store has it. Rejects with a TypeError for what is no Revocation, and for an issuer that is none of this guard's; with the store's
   * error, or a StoreError (`STORE_NOT_KEPT`) where it does not give back what was written: then tokens may still be accepted, so try again;
   * and with a ConfigurationError without a store.
   */
  revoke(revocation: Revocation): Promise<void>
  /** Ends refreshing on timers. Requests are still served. */
  close(): void
}

/** Makes a guard. Throws a ConfigurationError for anything wrong in the options. No network is used until the first token, or `ready()`. */
export function createResourceGuard(options: ResourceGuardOptions): ResourceGuard {
  const configuration = configure(options)
  const { policies, passesOutside, passesPreflight, servesMetadata, servesRootMetadata, now, ...others } = configuration
  const { limits, isRevoked, onRefused, onGranted, ...rest } = others
  const sources = createKeySources({ now, fetch: rest.fetch, policy: rest.keys, allowedHosts: rest.allowedHosts })
  const store = rest.store && boundedStore(rest.store, rest.storeTimeout)
  const introspectorAt = createIntrospectors({ ...rest, now, store, policy: rest.keys, entries: limits.introspectedTokens })
  const targets = createTargets({
    policies, servesRootMetadata, sources: { keysOf: sources.source, introspectorAt }, timeout: rest.storeTimeout,
  })
  const cache = rest.verifiedCache && createVerifiedCache(rest.verifiedCache)
  const verifyJwt = createJwtVerifier({ judgeLasting: judgeBy(lastingRules), judgeTime: judgeBy(timeRules), cache })
  const verify = createTokenVerifier({ verifyJwt, judgeReply, now })
  const revocations = store && createRevocations({ store, now, timeout: rest.storeTimeout, mayIssue })
  const mayBeRevoked = revocations !== undefined || isRevoked !== undefined

  function mayIssue(issuer: string): boolean {
    return !/[{}]/.test(issuer) && policies.some(({ issuers }) => typeof issuers === 'function' || issuers.some((one) => mayEqual(one.issuer, issuer)))
  }

  async function handle(request: AccessRequest, route?: Route): Promise<Outcome> {
    const path = pathOf(request.url)
    const mayBeOpen = route?.scopes === undefined
    if (servesMetadata && isMetadataPath(path)) {
      // Under `outside: 'pass'` the path of no document is a path like any other, and judged as one.
      const answer = await answerMetadataPath(request, path)
      if (answer !== undefined) return asOutcome(answer)
    }

    const located = targets.locate(path)
    const target = located instanceof Promise ? await located : located
    if (target === undefined) return asOutcome(passesOutside && mayBeOpen ? undefined : refuse(unknown(path), request))
    if (isProblem(target)) return asOutcome(refuse(target, request))
    if (passesPreflight && mayBeOpen && isPreflight(request)) return asOutcome(undefined)

    const credentials = readCredentials(request, limits.tokenLength)
    if (isProblem(credentials)) return asOutcome(refuse(isPreflight(request) ? unansweredPreflight : credentials, request, target))
    const verdict = verify(credentials.token, target, now() / 1000)
    const verified = verdict instanceof Promise ? await verdict : verdict
    if (isProblem(verified)) return asOutcome(refuse(verified, request, target))
    const unbound = checkBinding(verified.claims)
    if (unbound !== undefined) return asOutcome(refuse(unbound, request, target))

    const principal = principalAt(target, verified)
    const revoked = mayBeRevoked && (await findRevoked(principal, request, verified.jwt))
    if (revoked) return asOutcome(refuse(revoked, request, target))
    const late = (mayBeRevoked || verdict instanceof Promise) && expired(verified, now() / 1000)
    if (late) return asOutcome(refuse(late, request, target))
    const refused = route?.scopes && authorize(principal, route.scopes, request)
    if (refused !== undefined) return asOutcome(refused)
    if (onGranted !== undefined) observe(() => onGranted(principal, printable(request)))
    return { kind: 'granted', principal }
  }

  async function findRevoked(principal: Principal, request: AccessRequest, jwt: Claims | undefined): Promise<Problem | undefined> {
    const revoked = await revocations?.check(principal.issuer, principal.claims, jwt)
    return revoked ?? (isRevoked && askIsRevoked(isRevoked, rest.storeTimeout, principal, printable(request)))
  }

  function authorize(principal: Principal, scopes: NeededScopes, request?: AccessRequest): Reply | undefined {
    const target = targetAt(principal)
    if (suffices(withImplied(principal.scopes, target.implies), scopes)) return undefined
    const isAny = 'anyOf' in scopes
    const named = isAny ? checkScopes('anyOf', scopes.anyOf) : checkScopes('scopes', scopes)
    const hint = principal.scopes.length === 0 ? hintAt(principal.claims, ['scp', 'roles', 'permissions'], 'scopeClaim') : undefined
    const detail = hint ?? (isAny ? 'any one of them' : undefined)
    const found = problem('scope_insufficient', { claim: 'scope', expected: named, actual: principal.scopes, ...(detail && { detail }), verified: true })
    return refuse(found, request, target, isAny ? named.slice(0, 1) : named)
  }

  const mounts = policies.map(({ mount }) => mount.path || '/')
  const unknown = (path: string): Problem => problem('resource_unknown', { actual: path, expected: mounts, detail: 'the path is under no resource' })

  function targetAt(principal: Principal): Target {
    const target = targetOf(principal)
    if (target?.policies !== policies) {
      throw new ConfigurationError(
        'principal',
        'is not one that this guard made: use the guard that the request went through, and leave its principal as it is',
      )
    }
    return target
  }

  /** `undefined` where the application is to answer. */
  async function answerMetadataPath(request: AccessRequest, path: string): Promise<Reply | undefined> {
    const target = await targets.locateMetadata(path, queryOf(request.url))
    if (target === undefined) return passesOutside ? undefined : refuse(problem('resource_unknown', { actual: path, detail: 'no metadata here' }), request)
    if (isProblem(target)) return refuse(target, request)
    return answerMetadata(request.method, request.headers.get('if-none-match'), target.document)
  }

  function refuse(found: Problem, request?: AccessRequest, target?: Target, needed?: readonly string[]): Reply {
    const reply = refusal(found, target, needed)
    if (onRefused !== undefined) observe(() => onRefused(found, { request: request && printable(request), resource: target?.resource, status: reply.status }))
    return request?.method === 'HEAD' ? { ...reply, body: '' } : reply
  }

  /** A remembered token has the same claims object each time, and so the same principal. One that is new may never come again. */
  function principalAt(target: Target, verified: TokenClaims): Principal {
    if (verified.isNew) return createPrincipal(verified, target)
    const known = target.principals.get(verified.claims)
    if (known !== undefined) return known
    const principal = createPrincipal(verified, target)
    target.principals.set(verified.claims, principal)
    return principal
  }

  return {
    handle,
    authorize,
    grantOf: (principal) => {
      const { implies, metadataUrl } = targetAt(principal)
      return { scopes: withImplied(principal.scopes, implies), metadataUrl }
    },
    servesMetadata,
    metadata: async (request) => {
      const path = pathOf(request.url)
      return isMetadataPath(path) ? answerMetadataPath(request, path) : undefined
    },
    ready: async () => {
      const issuers = targets.fixed.flatMap((target) => [...target.issuers.values()])
      const keys = new Set(issuers.filter(({ opaque, introspector }) => !opaque || introspector?.signed).map((issuer) => issuer.keys))
      const introspectors = issuers.flatMap(({ introspector }) => introspector ?? [])
      const found = await Promise.all([...[...keys].map((source) => source.load()), ...introspectors.map((introspector) => introspector.ready())])
      const failed = new Set(found.flatMap((result) => (result !== undefined && isProblem(result) ? [result.detail] : [])))
      if (failed.size > 0) throw new Error(`not ready: ${[...failed].join('; ')}`)
    },
    revoke: async (revocation) => {
      if (revocations === undefined) throw new ConfigurationError('store', 'is required for revoke: memoryStore() for one instance, a shared one for several')
      await revocations.revoke(revocation)
    },
    health: sources.health,
    close: sources.close,
  }
}

/** A guard, from a guard or from what one is made of: adapters take either. */
export const asResourceGuard = (from: ResourceGuard | ResourceGuardOptions): ResourceGuard =>
  isGuard(from) ? from : createResourceGuard(from)

const isGuard = (from: ResourceGuard | ResourceGuardOptions): from is ResourceGuard => typeof from === 'object' && from !== null && 'handle' in from

const unansweredPreflight = problem('credentials_missing', { detail: 'a CORS preflight: CORS middleware belongs before the guard' })

const asOutcome = (reply: Reply | undefined): Outcome => (reply === undefined ? { kind: 'open' } : { kind: 'reply', ...reply })

/** To find out may have taken its time. */
function expired({ claims, issuer }: TokenClaims, at: number): Problem | undefined {
  const found = claims['exp'] === undefined ? undefined : rfc9068.exp(claims, issuer, at)
  return found && { ...found, verified: true }
}

/** Runs a hook. What goes wrong in it is no reason to treat a request differently. */
function observe(hook: () => unknown): void {
  try {
    const result = hook()
    if (result instanceof Promise) result.catch(() => {})
  } catch {
    // An observer has no say.
  }
}
