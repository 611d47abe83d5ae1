import type { JWK } from 'jose'
import { byDefault, checkCarries, checkCount, checkDistinct, checkEndpoint, checkFlag, checkFunction, checkList, checkSeconds, choose } from './check.js'
import { checkClient, type ClientCredentials } from './client.js'
import type { AudienceProof } from '../claims/rule.js'
import { isScope } from '../claims/scope.js'
import { checkObject, ConfigurationError } from '../configuration-error.js'

/**
 * How an issuer is asked about tokens (RFC 7662). Give `clientSecret`, `privateKey` or `bearerToken`, or name
 * `authMethod: 'tls_client_auth'`: what this resource server authenticates with. All times are in seconds and may be fractions.
 */
export interface Introspection {
  /**
   * `'opaque'`: only tokens that are not JWTs. `'always'`: JWTs of this issuer too, each after it has passed every check
   * here; where token and reply say different things the reply, being later, counts. Default `'opaque'`.
   */
  readonly when?: 'opaque' | 'always'
  /** The introspection endpoint: https, or http on a loopback literal. Default: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: string
  /** This resource server as a client of the issuer. Required, except with `bearerToken`. */
  readonly clientId?: string
  /** The client's secret, which `authMethod` says how to send. Given as `undefined`, with nothing else to authenticate with, it is an error. */
  readonly clientSecret?: string | undefined
  /** A private JWK with `alg` (and the `kid` that the issuer knows): signs an assertion for each request (RFC 7523 §2.2), with the issuer as its audience. */
  readonly privateKey?: JWK
  /** An access token for the endpoint (RFC 7662 §2.1), or what gets one: called for each request, so let it remember. */
  readonly bearerToken?: string | (() => string | Promise<string>)
  /**
   * How the client authenticates, where what is given leaves it open: a secret goes into the header (`client_secret_basic`, the default) or into the
   * body (`client_secret_post`); under `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2) `fetch` has to present the certificate.
   */
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth' | 'self_signed_tls_client_auth'
  /** Used for the endpoint alone. Default: the guard's own. */
  readonly fetch?: typeof fetch
  /** True: replies must be JWTs signed by the issuer (RFC 9701); a plain one is no reply. Encrypted ones cannot be read. Default false. */
  readonly signed?: boolean
  /**
   * Which opaque tokens are this issuer's, by their form. Required where two issuers of one resource are asked: a token goes to
   * exactly one, or to none. Only `true` is a yes. If it throws, the token gets 503, and no issuer is asked.
   */
  readonly recognises?: (token: string) => boolean
  /**
   * For an issuer that leaves `aud` out of its replies: what proves instead that a token is for this resource. An `aud` that
   * is there is judged all the same.
   *
   * - `{ scope }`: this scope, which no token for another resource ever has.
   * - `{ clientIds }`: the token was issued to one of these clients, which never get tokens for another resource.
   * - `'jwt'`: the `aud` of the JWT itself (`when: 'always'`); opaque tokens without one are still refused.
   * - `'issuer-answers-only-for-this-resource'`: the issuer calls tokens inactive that are not for the client that asks. **Nothing here checks that it does.**
   *
   * On a template each carries the variables (`{ scope: 'photos:{tenant}' }`), for the last one the issuer does.
   */
  readonly audienceProvenBy?: { readonly scope: string } | { readonly clientIds: readonly string[] } | 'jwt' | 'issuer-answers-only-for-this-resource'
  /**
   * For how long the reply for a good token is remembered, and so how long a token lives that is revoked at the issuer:
   * 0 (not at all) to 86400, never past `exp`. Default 60.
   */
  readonly ttl?: number
  /** The same for tokens that are refused, remembered apart: 0 to 3600. Default 5, or `ttl` where that is less. */
  readonly refusedTtl?: number
  /** For one request to the endpoint as a whole: 0.01 to 60. Default 3. */
  readonly timeout?: number
  /** Most requests to the endpoint at one time, 1 to 100000. Beyond that, tokens whose reply is not remembered get 503. Default 64. */
  readonly concurrency?: number
  /**
   * After this many `failures` in a row (no answer, or 5xx; nothing else counts), 1 to 10000, the endpoint is left alone for
   * `pause` seconds, 0.01 to 3600, then tried with one token at a time until it answers. Default 5 failures and 10 seconds.
   * `false`: it is never left alone.
   */
  readonly breaker?: false | { readonly failures?: number; readonly pause?: number }
}

/** An issuer's introspection with every default filled in. Its strings may still carry the variables of a template. */
export interface IntrospectionDescription
  extends Required<Pick<Introspection, 'when' | 'signed' | 'recognises' | 'ttl' | 'refusedTtl' | 'timeout' | 'concurrency'>> {
  readonly endpoint: string | undefined
  readonly client: ClientCredentials
  readonly fetch: typeof fetch | undefined
  readonly audienceProof: AudienceProof | undefined
  readonly breaker: { readonly failures: number; readonly pause: number } | undefined
  /** True where `recognises` was given. */
  readonly chooses: boolean
  /** The object that all of this was read from: resources that share it share the endpoint's limits too. */
  readonly given: object
}

const members: Record<keyof Introspection, true> = {
  when: true, endpoint: true, clientId: true, clientSecret: true, privateKey: true, bearerToken: true, authMethod: true, fetch: true, signed: true,
  recognises: true, audienceProvenBy: true, ttl: true, refusedTtl: true, timeout: true, concurrency: true, breaker: true,
}

/** Checks how an issuer is asked. `variables` are those of the resource. Throws a ConfigurationError. */
export function describeIntrospection(option: string, given: unknown, issuer: string, variables: readonly string[]): IntrospectionDescription {
  checkObject(option, given, members)
  const asked = given as Introspection
  const when = choose(`${option}.when`, asked.when, ['opaque', 'always'])
  const ttl = checkSeconds(`${option}.ttl`, byDefault(asked.ttl, 60), 0, 86_400)
  return {
    when,
    endpoint: asked.endpoint === undefined ? undefined : checkEndpoint(`${option}.endpoint`, asked.endpoint, variables),
    client: checkClient(option, asked),
    fetch: checkFunction(`${option}.fetch`, asked.fetch),
    signed: checkFlag(`${option}.signed`, asked.signed),
    recognises: checkFunction(`${option}.recognises`, asked.recognises) ?? (() => true),
    chooses: asked.recognises !== undefined,
    audienceProof: checkProof(`${option}.audienceProvenBy`, asked.audienceProvenBy, { when, issuer, variables }),
    ttl,
    refusedTtl: checkSeconds(`${option}.refusedTtl`, byDefault(asked.refusedTtl, Math.min(5, ttl)), 0, 3600),
    timeout: checkSeconds(`${option}.timeout`, byDefault(asked.timeout, 3), 0.01, 60),
    concurrency: checkCount(`${option}.concurrency`, byDefault(asked.concurrency, 64), 1, 100_000),
    breaker: checkBreaker(`${option}.breaker`, asked.breaker),
    given: asked,
  }
}

interface Context {
  readonly when: 'opaque' | 'always'
  readonly issuer: string
  readonly variables: readonly string[]
}

function checkProof(option: string, proof: unknown, { when, issuer, variables }: Context): AudienceProof | undefined {
  if (proof === undefined) return undefined
  if (proof === 'jwt') {
    if (when !== 'always') throw new ConfigurationError(option, "can be 'jwt' only under when: 'always': an opaque token has no audience of its own")
    return { kind: 'jwt' }
  }
  if (proof === 'issuer-answers-only-for-this-resource') {
    checkCarries(option, issuer, variables)
    return { kind: 'issuer' }
  }
  checkObject(option, proof, { scope: true, clientIds: true })
  const { scope, clientIds } = proof
  if ((scope === undefined) === (clientIds === undefined)) throw new ConfigurationError(option, 'must be { scope } or { clientIds }, not both')
  if (scope !== undefined) {
    if (!isScope(scope)) throw new ConfigurationError(`${option}.scope`, 'must be one scope that only tokens for this resource have (RFC 6749 §3.3)')
    return { kind: 'scope', scope: checkCarries(`${option}.scope`, scope, variables) }
  }
  const list = checkList(`${option}.clientIds`, clientIds, (item): item is string => typeof item === 'string' && item !== '', 'a client identifier')
  list.forEach((id, index) => checkCarries(`${option}.clientIds[${index}]`, id, variables))
  checkDistinct(`${option}.clientIds`, list)
  return { kind: 'clients', clientIds: list }
}

function checkBreaker(option: string, breaker: unknown = {}): IntrospectionDescription['breaker'] {
  if (breaker === false) return undefined
  checkObject(option, breaker, { failures: true, pause: true })
  const { failures = 5, pause = 10 } = breaker
  return { failures: checkCount(`${option}.failures`, failures, 1, 10_000), pause: checkSeconds(`${option}.pause`, pause, 0.01, 3600) }
}
