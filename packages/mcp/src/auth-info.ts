import { checkScopes, ConfigurationError, type Grant, type Principal } from '@resource-guard/core'

/** What tool handlers see, as `extra.authInfo` (SDK v1) or `ctx.http.authInfo` (SDK v2). It is an `AuthInfo` of either SDK. */
export interface AuthInfo {
  /** `'(withheld)'`, unless `exposeToken` is on. */
  token: string
  /** `client_id`; empty where the issuer is described as one that omits it. */
  clientId: string
  /** The scopes granted, and those that they imply (`scopeImplies`): what the SDK's own checks have to look at. */
  scopes: string[]
  /** Seconds since the epoch. Absent only where an introspection response names no end (RFC 7662 §2.2). */
  expiresAt?: number
  /** The resource that the token was accepted at. As a URL it may get a slash after the host: `extra.principal.resource` is exact. */
  resource: URL
  /** Where the resource's metadata is, for the challenges that the SDK writes. */
  resourceMetadataUrl: string
  extra: {
    readonly issuer: string
    readonly subject: string | undefined
    /** The variable `tenant` of a resource template. */
    readonly tenant: string | undefined
    readonly principal: Principal
    readonly [more: string]: unknown
  }
}

/** Stands where SDKs want a token. No server takes it for one. */
export const withheld = '(withheld)'

export const createAuthInfo = (principal: Principal, { scopes, metadataUrl }: Grant, token = withheld): AuthInfo => ({
  token,
  clientId: principal.clientId ?? '',
  scopes: [...scopes],
  ...(principal.expiresAt !== undefined && { expiresAt: principal.expiresAt }),
  resource: new URL(principal.resource),
  resourceMetadataUrl: metadataUrl,
  extra: { issuer: principal.issuer, subject: principal.subject, tenant: principal.variables['tenant'], principal },
})

/** The second argument of a tool handler, of SDK v1 (`extra`) or v2 (`ctx`), as far as it is read here. */
export interface ToolContext {
  readonly authInfo?: { readonly scopes: readonly string[]; readonly extra?: Record<string, unknown> } | undefined
  readonly http?: { readonly authInfo?: ToolContext['authInfo'] } | undefined
}

/** What the guard told about the caller of a tool. Throws a ConfigurationError if it was not this guard. */
function grantedTo({ authInfo, http }: ToolContext): { readonly principal: Principal; readonly scopes: readonly string[] } {
  const found = authInfo ?? http?.authInfo
  const principal = found?.extra?.['principal'] as Principal | undefined
  if (found === undefined || principal === undefined) {
    throw new ConfigurationError('protectMcp', 'let nobody in here: it must stand before the MCP server, and its AuthInfo must be handed on to it')
  }
  return { principal, scopes: found.scopes }
}

/** Who is calling a tool. Throws a ConfigurationError if no guard ran, or its AuthInfo was not handed on. */
export const principalOf = (context: ToolContext): Principal => grantedTo(context).principal

/** Thrown in a tool: the SDK answers with a tool error that has this message. */
export class InsufficientScopeError extends Error {
  override readonly name = 'InsufficientScopeError'
  /** What the tool asked for, also what the caller has of it: of `requireScope` all are needed, of `requireAnyScope` any one. */
  readonly scopes: readonly string[]

  constructor(scopes: readonly string[], anyOf: boolean) {
    const what = anyOf ? 'one of the scopes' : scopes.length > 1 ? 'the scopes' : 'the scope'
    super(`insufficient_scope: this needs ${what} ${scopes.join(', ')}`)
    this.scopes = scopes
  }
}

/**
 * In a tool: throws an InsufficientScopeError unless the caller has every one of these scopes. By then HTTP has answered 200, so
 * the client gets a tool error and not a challenge; `toolScopes`, and `scopeChallenge` of SDK v2, are answered with 403.
 *
 * ```ts
 * server.registerTool('delete_file', config, async ({ path }, ctx) => {
 *   requireScope(ctx, 'files:write')
 *   return remove(path)
 * })
 * ```
 *
 * Throws a ConfigurationError if no guard ran, for no scope, and for what is not a scope.
 */
export function requireScope(context: ToolContext, ...scopes: [scope: string, ...more: string[]]): void {
  const needed = checkScopes('requireScope', scopes)
  const granted = grantedTo(context).scopes
  if (!needed.every((scope) => granted.includes(scope))) throw new InsufficientScopeError(needed, false)
}

/**
 * In a tool: throws an InsufficientScopeError unless the caller has any one of these scopes. Throws a ConfigurationError if no
 * guard ran, for no scope, and for what is not a scope.
 */
export function requireAnyScope(context: ToolContext, ...scopes: [scope: string, ...more: string[]]): void {
  const needed = checkScopes('requireAnyScope', scopes)
  const granted = grantedTo(context).scopes
  if (!needed.some((scope) => granted.includes(scope))) throw new InsufficientScopeError(needed, true)
}
