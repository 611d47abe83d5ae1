import { ConfigurationError } from '../configuration-error.js'
import type { AuthorizationServer, OmittableClaim } from '../options.js'
import { parseUrl, variablesIn } from '../request/resource.js'
import { isSecure } from '../secure-url.js'
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
}

const members: Record<keyof AuthorizationServer, true> = {
  issuer: true, jwksUri: true, jwks: true, algorithms: true, typ: true, audienceHost: true, alsoAccept: true, omits: true, clientIdClaim: true, scopeClaim: true,
}

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
  if (described.jwks !== undefined && described.jwksUri !== undefined) throw new ConfigurationError(`${option}.jwks`, 'give jwks or jwksUri, not both')
  if (described.jwks !== undefined) checkJwks(`${option}.jwks`, described.jwks)
  return {
    issuer,
    jwksUri: described.jwksUri === undefined ? undefined : checkEndpoint(`${option}.jwksUri`, described.jwksUri, variables),
    jwks: described.jwks,
    algorithms: new Set(checkList(`${option}.algorithms`, described.algorithms ?? algorithms, isAlgorithm, `one of ${algorithms.join(', ')}`)),
    types: checkTypes(`${option}.typ`, described.typ ?? ['at+jwt']),
    alsoAccept: checkAudiences(`${option}.alsoAccept`, described.alsoAccept, variables),
    foldsAudienceHost: checkAudienceHost(`${option}.audienceHost`, described.audienceHost ?? 'exact'),
    omits: new Set(described.omits === undefined ? [] : checkList(`${option}.omits`, described.omits, isOmittable, 'one of sub, client_id, iat, jti')),
    clientIdClaim: checkText(`${option}.clientIdClaim`, described.clientIdClaim ?? 'client_id'),
    scopeClaim: checkText(`${option}.scopeClaim`, described.scopeClaim ?? 'scope'),
  }
}

/** Refuses what is not a plain object, and members that there are none of: a misspelt option must not be a silent one. */
export function checkObject(option: string, value: unknown, known: Readonly<Record<string, true>>): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigurationError(option, 'must be an object')
  const unknown = Object.keys(value).find((member) => !Object.hasOwn(known, member))
  if (unknown !== undefined) throw new ConfigurationError(option, `there is no option "${unknown}" here; there are ${Object.keys(known).join(', ')}`)
}

export function checkText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(option, 'must be a string that is not empty')
  return value
}

export function checkList<T>(option: string, value: unknown, isOne: (item: unknown) => item is T, what: string): readonly T[] {
  if (!Array.isArray(value) || value.length === 0) throw new ConfigurationError(option, `must be a list of at least one: ${what}`)
  const index = value.findIndex((item) => !isOne(item))
  if (index !== -1) throw new ConfigurationError(`${option}[${index}]`, `must be ${what}`)
  return value as readonly T[]
}

const isOmittable = (value: unknown): value is OmittableClaim => ['sub', 'client_id', 'iat', 'jti'].includes(value as string)
const isAudience = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= 2048

/** An issuer's own URL: https, or http on a loopback literal; with no more variables than the resource has. */
function checkEndpoint(option: string, value: unknown, variables: readonly string[]): string {
  const text = checkText(option, value)
  const url = parseUrl(option, text)
  if (!isSecure(url)) throw new ConfigurationError(option, 'must be https (http only on localhost, 127.0.0.1 or [::1])')
  if (url.username !== '' || url.password !== '') throw new ConfigurationError(option, 'must not have a user name or password in it')
  if (!/^[\x21-\x7e]+$/.test(text)) throw new ConfigurationError(option, 'must be printable ASCII without spaces')
  checkVariables(option, text, variables)
  return text
}

function checkVariables(option: string, text: string, variables: readonly string[]): readonly string[] {
  const used = variablesIn(option, text.replace(/^[a-z]+:\/\/[^/]*/i, ''))
  const unknown = used.find((name) => !variables.includes(name))
  if (unknown !== undefined) throw new ConfigurationError(option, `there is no variable {${unknown}} in the resource`)
  return used
}

function checkTypes(option: string, value: unknown): ReadonlySet<string | undefined> {
  const isType = (item: unknown): item is string | null => item === null || (typeof item === 'string' && item !== '')
  const types = checkList(option, value, isType, 'a typ header value like "at+jwt", or null for none').map((item) => (item === null ? undefined : mediaType(item)))
  const other = types.find((type) => type !== undefined && otherKinds.includes(type))
  if (other !== undefined) throw new ConfigurationError(option, `"${other}" is never an access token`)
  return new Set(types)
}

function checkAudienceHost(option: string, value: unknown): boolean {
  if (value !== 'exact' && value !== 'any-case') throw new ConfigurationError(option, "must be 'exact' or 'any-case'")
  return value === 'any-case'
}

function checkAudiences(option: string, value: unknown, variables: readonly string[]): readonly string[] {
  if (value === undefined) return []
  const audiences = checkList(option, value, isAudience, 'an audience, like "api://3f2a…"')
  audiences.forEach((audience, index) => {
    const carried = variables.filter((name) => audience.includes(`{${name}}`))
    if (carried.length < variables.length) {
      throw new ConfigurationError(`${option}[${index}]`, `must carry each variable of the resource ({${variables.join('}, {')}}), or one tenant's token would do for all`)
    }
  })
  return audiences
}
