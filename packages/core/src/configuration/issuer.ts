import { byDefault, checkCarries, checkDistinct, checkEndpoint, checkFlag, checkList, checkText, choose } from './check.js'
import { describeIntrospection, type IntrospectionDescription } from './introspection.js'
import { checkObject, ConfigurationError } from '../configuration-error.js'
import type { AuthorizationServer, OmittableClaim } from '../options.js'
import { algorithms, isAlgorithm } from '../token/algorithms.js'
import { mediaType } from '../token/header.js'
import { checkJwks } from '../token/keys-in-hand.js'

/** One issuer's description with every default filled in. Its strings may still carry the variables of a template. */
export interface IssuerDescription {
  readonly issuer: string
  readonly jwksUri: string | undefined
  readonly jwks: AuthorizationServer['jwks'] | undefined
  readonly algorithms: ReadonlySet<string>
  /** Media types in lower case, without `application/`; `undefined` stands for a token without `typ`. */
  readonly types: ReadonlySet<string | undefined>
  readonly alsoAccept: readonly string[]
  readonly foldsAudienceHost: boolean
  readonly omits: ReadonlySet<OmittableClaim>
  readonly clientIdClaim: string
  readonly scopeClaim: string
  readonly introspection: IntrospectionDescription | undefined
  readonly opaque: boolean
}

const members: Record<keyof AuthorizationServer, true> = {
  issuer: true, jwksUri: true, jwks: true, algorithms: true, typ: true, audienceHost: true, alsoAccept: true, omits: true,
  clientIdClaim: true, scopeClaim: true, introspection: true, opaque: true,
}

/** What says how JWTs are verified, and means nothing where none are. */
const ofJwts = ['typ', 'omits'] as const

/** JWTs of these types are something else than an access token, always (RFC 8725 §3.12). */
const otherKinds = [
  'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'token-introspection+jwt', 'statuslist+jwt', 'txntoken+jwt', 'oauth-authz-req+jwt',
  'oauth-id-jag+jwt', 'client-authentication+jwt', 'entity-statement+jwt', 'kb+jwt', 'dc+sd-jwt', 'vc+sd-jwt',
]

/** Checks what describes one issuer. `variables` are those of the resource. Throws a ConfigurationError. */
export function describeIssuer(option: string, given: unknown, variables: readonly string[]): IssuerDescription {
  const server = typeof given === 'string' ? { issuer: given } : given
  checkObject(option, server, members)
  const described = server as Partial<AuthorizationServer>
  const issuer = checkEndpoint(`${option}.issuer`, described.issuer, variables)
  if (/[?#]/.test(issuer)) throw new ConfigurationError(`${option}.issuer`, 'must not have a query or a fragment (RFC 8414 §2)')
  if (issuer.includes('/.well-known/')) throw new ConfigurationError(`${option}.issuer`, 'is where its metadata is: give the "issuer" that stands in there')
  if (described.jwks !== undefined && described.jwksUri !== undefined) throw new ConfigurationError(`${option}.jwks`, 'give jwks or jwksUri, not both')
  if (described.jwks !== undefined) checkJwks(`${option}.jwks`, described.jwks)
  return {
    issuer,
    jwksUri: described.jwksUri === undefined ? undefined : checkEndpoint(`${option}.jwksUri`, described.jwksUri, variables),
    jwks: described.jwks,
    algorithms: new Set(checkList(`${option}.algorithms`, byDefault(described.algorithms, algorithms), isAlgorithm, `one of ${algorithms.join(', ')}`)),
    types: checkTypes(`${option}.typ`, byDefault(described.typ, ['at+jwt'])),
    alsoAccept: checkAudiences(`${option}.alsoAccept`, described.alsoAccept, variables),
    foldsAudienceHost: choose(`${option}.audienceHost`, described.audienceHost, ['exact', 'any-case']) === 'any-case',
    omits: new Set(described.omits === undefined ? [] : checkList(`${option}.omits`, described.omits, isOmittable, 'one of sub, client_id, iat, jti')),
    clientIdClaim: checkText(`${option}.clientIdClaim`, byDefault(described.clientIdClaim, 'client_id')),
    scopeClaim: checkText(`${option}.scopeClaim`, byDefault(described.scopeClaim, 'scope')),
    introspection: described.introspection === undefined
      ? undefined
      : describeIntrospection(`${option}.introspection`, described.introspection, issuer, variables),
    opaque: checkOpaque(option, described),
  }
}

function checkOpaque(option: string, described: Partial<AuthorizationServer>): boolean {
  const { opaque, introspection } = described
  if (!checkFlag(`${option}.opaque`, opaque)) return false
  if (introspection === undefined) throw new ConfigurationError(`${option}.opaque`, 'needs introspection: nothing else can tell about an opaque token')
  const meaningless = ofJwts.find((name) => described[name] !== undefined)
  if (meaningless !== undefined) throw new ConfigurationError(`${option}.${meaningless}`, 'has no meaning where every token is opaque: leave it out')
  return true
}

const isOmittable = (value: unknown): value is OmittableClaim => ['sub', 'client_id', 'iat', 'jti'].includes(value as string)
const isAudience = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 2048

function checkTypes(option: string, value: unknown): ReadonlySet<string | undefined> {
  const isType = (item: unknown): item is string | null => item === null || (typeof item === 'string' && item !== '')
  const types = checkList(option, value, isType, 'a typ header value like "at+jwt", or null for none')
    .map((item) => (item === null ? undefined : mediaType(item)))
  const other = types.find((type) => type !== undefined && otherKinds.includes(type))
  if (other !== undefined) throw new ConfigurationError(option, `"${other}" is never an access token`)
  return new Set(types)
}

function checkAudiences(option: string, value: unknown, variables: readonly string[]): readonly string[] {
  if (value === undefined) return []
  const audiences = checkList(option, value, isAudience, 'an audience, like "api://3f2a…"')
  audiences.forEach((audience, index) => {
    if (audience.includes('*')) throw new ConfigurationError(`${option}[${index}]`, 'must be one audience as it is: there are no patterns')
    checkCarries(`${option}[${index}]`, audience, variables)
  })
  return checkDistinct(option, audiences)
}
