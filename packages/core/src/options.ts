import type { JWK } from 'jose'
import type { AccessRequest } from './request/access-request.js'
import type { Introspection } from './configuration/introspection.js'
import type { Principal } from './principal.js'
import type { Problem } from './response/problem.js'
import type { IsRevoked } from './revocation.js'
import type { Store } from './store/store.js'
import type { Algorithm } from './token/algorithms.js'
import type { KeyPolicy } from './token/key-policy.js'

/** Values of the variables of a resource template, as a request gave them: `{ tenant: 'acme' }`. */
export type Variables = Readonly<Record<string, string>>

/** A claim of RFC 9068 that an issuer may be described as leaving out. `iss`, `exp` and `aud` can never be. */
export type OmittableClaim = 'sub' | 'client_id' | 'iat' | 'jti'

/**
 * One authorization server, as this resource server trusts it. A plain issuer string means: discovery, every
 * asymmetric algorithm, and access tokens as RFC 9068 has them. Each further member names one way in which the issuer
 * differs. There is no member that turns a check off as a whole.
 *
 * On a resource template `issuer`, `jwksUri`, `alsoAccept`, and of `introspection` the endpoint and what proves the audience, may carry its variables.
 */
export interface AuthorizationServer {
  /** Issuer identifier (RFC 8414 §2): https, no query, no fragment. Compared with `iss` and with discovered metadata code point by code point. */
  readonly issuer: string
  /** Where the issuer's keys are. Skips discovery. https, or http on a loopback literal. */
  readonly jwksUri?: string
  /** The issuer's public keys in hand: no network at all. Private and symmetric keys are an error. */
  readonly jwks?: { readonly keys: readonly JWK[] }
  /**
   * JWS algorithms that this issuer may use (RFC 8725 §3.1). Default: RS/PS/ES 256-512, EdDSA, Ed25519. Never `none`, never HMAC.
   * Each key serves one of them: that of its JWK or curve; an RSA key whose JWK names none serves the first here that is for RSA, by default RS256.
   */
  readonly algorithms?: readonly Algorithm[]
  /**
   * The `typ` header values of this issuer's access tokens; `null` stands for a token without `typ`. Default `['at+jwt']`
   * (RFC 9068 §4). Compared as media types: any case, `application/` optional. Adding `'JWT'` or `null` lets ID tokens
   * through this one check; the audience still has to be this resource.
   */
  readonly typ?: readonly (string | null)[]
  /**
   * `'any-case'`: scheme and host of this issuer's `aud` values are lower-cased before they are compared, for an issuer that
   * hands on `HTTPS://API.Example.com/v1` as a client wrote it (RFC 3986 §6.2.2.1). The rest stays exact. Default `'exact'`.
   */
  readonly audienceHost?: 'exact' | 'any-case'
  /**
   * Audiences of this issuer's tokens that mean this resource too: `['api://3f2a…']`. Exact; no patterns. Only for this issuer. On a template each
   * carries every variable, set off by characters like `/` or `:`. What is listed at two resources makes one token good at both.
   */
  readonly alsoAccept?: readonly string[]
  /** Required claims of RFC 9068 §2.2 that this issuer leaves out: their absence is then no refusal. Default: none. */
  readonly omits?: readonly OmittableClaim[]
  /** The claim that holds the client identifier: `azp`, `cid`, `appid`. Default `client_id`. */
  readonly clientIdClaim?: string
  /** The claim that holds the scopes. Default `scope`, one space-delimited string. Under any other name an array of strings is read too (`scp`). */
  readonly scopeClaim?: string
  /**
   * How this issuer is asked about tokens that are not JWTs (RFC 7662). Without it such tokens are refused. At one resource only
   * one issuer can be asked about a token: of several with this option each needs `recognises`.
   */
  readonly introspection?: Introspection
  /**
   * True: every token of this issuer is opaque, also one that looks like a JWT, and is asked about; its keys verify nothing but signed replies.
   * Needs `introspection`. At this resource, JWT-looking tokens that name no issuer go to this one. Default false.
   */
  readonly opaque?: boolean
}

/**
 * The authorization servers of a template, chosen by its variables. May be asynchronous; throwing or rejecting is answered with 503. What it
 * gives is read anew when it changes as JSON: functions in it are those of the last change.
 */
export type AuthorizationServersFor = (
  variables: Variables,
) => readonly (string | AuthorizationServer)[] | Promise<readonly (string | AuthorizationServer)[]>

/** Which values a variable may take: a list, or a question asked on each request. Throwing or rejecting is answered with 503. */
export type Tenants = readonly string[] | ((value: string) => boolean | Promise<boolean>)

/** One protected resource and the policy that holds there. */
export interface ResourceOptions {
  /**
   * The resource identifier (RFC 8707 §2, RFC 9728 §1.2): the absolute https URI by which clients know this API, also when
   * the server itself listens elsewhere. http only where the host is `localhost`, `127.0.0.1` or `[::1]`. Must be in
   * canonical form; used byte for byte as the audience, in the metadata and in challenges. An origin alone is the same
   * audience with and without its slash.
   *
   * Whole path segments may be variables, `https://api.example.com/{tenant}/v1`: each value is a resource of its own.
   */
  readonly resource: string
  /** Who issues tokens for this resource. At least one. On a template also a function of the variables. */
  readonly authorizationServers: readonly (string | AuthorizationServer)[] | AuthorizationServersFor
  /** Required on a template, one entry for each variable. A value is one path segment of 1 to 128 of `A-Z a-z 0-9 - . _ ~`. */
  readonly tenants?: Readonly<Record<string, Tenants>>
  /**
   * Scopes to publish in the metadata (`scopes_supported`). Says nothing about what a request needs. `offline_access` is an
   * error: it is none of a resource.
   */
  readonly scopesSupported?: readonly string[]
  /** Scopes to ask for in the `scope` of a 401 challenge: what a client should request to get started. `offline_access` is an error. */
  readonly challengeScopes?: readonly string[]
  /**
   * Broader scopes, and the narrower ones that each of them grants too: `{ 'files:write': ['files:read'] }`. Holds wherever
   * scopes are judged, through any number of steps. Challenges still name what is needed, and `principal.scopes` what was granted.
   */
  readonly scopeImplies?: Readonly<Record<string, readonly string[]>>
  /** `resource_name`: a name for people. */
  readonly resourceName?: string
  /** `resource_documentation`: a URL. */
  readonly resourceDocumentation?: string
  /** `resource_policy_uri`: a URL. */
  readonly resourcePolicyUri?: string
  /** `resource_tos_uri`: a URL. */
  readonly resourceTosUri?: string
  /** Further metadata members: language-tagged (`resource_name#it`) or extensions. A member that the guard derives itself is an error. */
  readonly metadataExtensions?: Readonly<Record<string, unknown>>
  /**
   * Where requests for this resource reach this server, if a gateway strips or adds a path prefix: a path, on a template
   * with the same variables (`/{tenant}/v1`). Default: the path of `resource`. The metadata stays where RFC 9728 puts it.
   */
  readonly mountPath?: string
  /** How far, in seconds, the issuer's clock may be off for `exp` and `nbf`. Default 5, at most 300. */
  readonly clockTolerance?: number
}

/** What holds for the guard as a whole. */
export interface GuardOptions {
  /**
   * Requests outside every resource (several resources, or a template): `'refuse'` answers 404, `'pass'` lets the application
   * answer **without a principal**. Default `'refuse'`. A single resource without variables has no outside: it guards every
   * request. Paths under the well-known one that are no document are 404, or under `'pass'` judged like any other path.
   */
  readonly outside?: 'refuse' | 'pass'
  /**
   * `'pass'` lets a CORS preflight through unguarded (OPTIONS with `Origin` and `Access-Control-Request-Method`, without
   * `Authorization`): **handlers for OPTIONS then run without a principal**. Default `'guard'`; put CORS middleware before the guard instead.
   */
  readonly preflight?: 'guard' | 'pass'
  /**
   * `'serve'`: the guard answers the RFC 9728 well-known path. `'elsewhere'`: you serve it, with the adapter's
   * `resourceMetadata`, because the guard is mounted where it cannot see that path. Default `'serve'`.
   */
  readonly metadata?: 'serve' | 'elsewhere'
  /**
   * Serves the metadata of a single resource at `/.well-known/oauth-protected-resource` too, for clients that look nowhere
   * else. They may refuse it: it describes another URL than the one that they derived it from (RFC 9728 §3.3). Default false;
   * an error for several resources and for a template, of which none is the one.
   */
  readonly rootMetadata?: boolean
  /** The time in milliseconds since the epoch. Default `Date.now`, looked up at each use. */
  readonly now?: () => number
  /** Used for discovery, keys and introspection. Default: the global `fetch`. It must honour `signal` and `redirect`. */
  readonly fetch?: typeof fetch
  /** How issuers' keys are kept current. Every age, window and deadline has a default. */
  readonly keys?: KeyPolicy
  /**
   * How many tokens with a valid signature are remembered, so that a token that comes again costs no second signature check
   * (nothing else is spared): at most `entries` (default 10000) and about `bytes` of memory (default 8 MiB). `false`: none.
   */
  readonly verifiedCache?: false | { readonly entries?: number; readonly bytes?: number }
  /** What all instances of this API share: revocations and, with `storeSecret`, introspection replies. Default: none, and nothing is revoked here. */
  readonly store?: Store
  /**
   * At least 32 characters, the same on all instances: seals introspection replies in the store. Without it they stay in the
   * memory of each instance. Given as `undefined` it is an error: an environment variable that is not set must not go unnoticed.
   */
  readonly storeSecret?: string | undefined
  /**
   * How long a request waits for the application, in seconds, 0.01 to 60: for each operation of the store, for `isRevoked`, and for each
   * call of `tenants` and `authorizationServers` where they are functions. Then it goes on without shared replies, and is answered with 503
   * where it is about revocation or the tenant. Default 1.
   */
  readonly storeTimeout?: number
  /** Asked about each principal before it is let in, in addition to the store. For state of your own; `revoke` needs no such function. */
  readonly isRevoked?: IsRevoked
  /** Limits on what strangers and issuers can make the guard do. */
  readonly limits?: Limits
  /** Called with every refusal, for logs and metrics. Its exceptions and rejections are ignored. */
  readonly onRefused?: (problem: Problem, context: RefusalContext) => void
  /** Called with every principal let in. Its exceptions and rejections are ignored. */
  readonly onGranted?: (principal: Principal, request: AccessRequest) => void
}

/** Where a refusal happened. */
export interface RefusalContext {
  /** `undefined` only where `authorize` was called without it. Its headers hold the token: log what you need of it by name. */
  readonly request: AccessRequest | undefined
  /** The resource, if the request reached one. */
  readonly resource: string | undefined
  /** The status that the client was sent. */
  readonly status: number
}

/** Every limit has a default; none can be switched off. */
export interface Limits {
  /** Longest access token that is looked at, in characters, 256 to 1048576. Default 16384. */
  readonly tokenLength?: number
  /** Most introspection replies that are remembered, 1 to 10000000: so many for good tokens, and as many for refused ones. Default 10000. */
  readonly introspectedTokens?: number
}

/** One resource with its policy. */
export type SingleResourceOptions = ResourceOptions & GuardOptions

/**
 * Several resources with different policies in one application. A request belongs to the resource with the longest
 * matching path; to none (404) where a shorter one is literal in the place of its variable, because routers differ there.
 * What stands beside `resources` holds for each that does not say otherwise.
 */
export type SeveralResourcesOptions = {
  readonly resources: readonly (Pick<ResourceOptions, 'resource'> & Partial<ResourceOptions>)[]
} & Partial<Omit<ResourceOptions, 'resource' | 'tenants' | 'mountPath'>> &
  GuardOptions

/** What a guard is made from. Everything is checked when the guard is made; what is wrong throws a ConfigurationError. */
export type ResourceGuardOptions = SingleResourceOptions | SeveralResourcesOptions
