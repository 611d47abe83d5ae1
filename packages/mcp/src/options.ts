import { checkObject, ConfigurationError } from '@resource-guard/core'
import type { AccessRequest, ResourceGuardOptions, SeveralResourcesOptions, SingleResourceOptions } from '@resource-guard/core'
import { checkHosts, checkOrigins, type Boundary } from './boundary.js'
import { checkToolScopes, type ToolScopes } from './tool-scopes.js'

/** Why the guard of an MCP server has answered a request itself, beside the reasons of `onRefused`. */
export type BlockedReason = 'host_not_allowed' | 'origin_not_allowed' | 'session_of_another'

/** What the guard of an MCP server knows beyond that of an API. */
export interface McpMembers {
  /**
   * Values of `Host` that are meant for this server, each with its port or for every port without: `['mcp.example.com', 'localhost']`;
   * any other is 403, against DNS rebinding. Default: the loopback names where the resource is on one, else every `Host`,
   * because behind a gateway it may be any name.
   */
  readonly allowedHosts?: readonly string[]
  /**
   * Values of `Origin` that may call this server: `['https://app.example.com']`; any other is 403, as the specification has
   * it ("Security Warning" of Streamable HTTP). A request without `Origin` comes from no browser and is not judged. Default:
   * the origin of the resource, and every loopback origin where the resource is on loopback; of several resources the origins
   * that are not on loopback, unless all are. `'*'`: any.
   */
  readonly allowedOrigins?: readonly string[] | '*'
  /**
   * Scopes that a tool needs, every one of them: `{ delete_file: ['files:write'] }`. A call without them is 403
   * `insufficient_scope` whatever the SDK, before the server sees it. A tool that is not listed needs what is under `'*'`, or
   * nothing where that is not there: with it, a name that is spelt wrongly opens no tool. With a tool listed the guard reads
   * the body of every POST: up to 4 MiB, beyond which it answers 413, and 400 where the body is no JSON. On Fastify the framework
   * reads it, up to its `bodyLimit`. Resources and prompts are not judged by this.
   */
  readonly toolScopes?: Readonly<Record<string, readonly string[]>>
  /**
   * True puts the access token into `AuthInfo.token` and leaves `Authorization` on the request. It was issued for this server
   * and MUST NOT be sent anywhere else. Default false: `AuthInfo.token` is a placeholder, and the request has no `Authorization`.
   */
  readonly exposeToken?: boolean
  /**
   * `'bound'`: a session (`Mcp-Session-Id`) belongs to the principal it was opened for, and is 404 to any other, and to all
   * once forgotten: the 10000 of a resource that were used last are remembered, and no more than 100 of one principal, in this process. `'elsewhere'`: you
   * see to it, with `principalKey`, because sessions outlive this process or a principal needs more. Default `'bound'`.
   */
  readonly sessions?: 'bound' | 'elsewhere'
  /** Called with each request that was answered for one of these reasons. What it throws, or rejects with, is ignored. */
  readonly onBlocked?: (reason: BlockedReason, request: AccessRequest) => void
}

/**
 * The options of `@resource-guard/core`, and those of an MCP server. One default differs: `rootMetadata` is true for a
 * single resource, because MCP clients look for metadata at the root too.
 */
export type McpOptions = ResourceGuardOptions & McpMembers

export interface McpSettings {
  readonly boundary: Boundary
  readonly toolScopes: ToolScopes
  readonly exposesToken: boolean
  readonly bindsSessions: boolean
  readonly onBlocked: McpMembers['onBlocked']
}

/** All that there are, so that a misspelt one is told from those of either kind. */
const members: Readonly<Record<keyof SingleResourceOptions | keyof SeveralResourcesOptions | keyof McpMembers, true>> = {
  resource: true, resources: true, authorizationServers: true, tenants: true, scopesSupported: true, challengeScopes: true, scopeImplies: true,
  resourceName: true, resourceDocumentation: true, resourcePolicyUri: true, resourceTosUri: true, metadataExtensions: true, mountPath: true,
  clockTolerance: true, outside: true, preflight: true, metadata: true, rootMetadata: true, now: true, fetch: true, keys: true,
  verifiedCache: true, store: true, storeSecret: true, storeTimeout: true, isRevoked: true, limits: true, onRefused: true, onGranted: true,
  allowedHosts: true, allowedOrigins: true, toolScopes: true, exposeToken: true, sessions: true, onBlocked: true,
}

/** Checks what is MCP's, and hands on the rest. Throws a ConfigurationError. */
export function splitOptions(options: McpOptions): { readonly guard: ResourceGuardOptions; readonly settings: McpSettings } {
  checkObject('options', options, members)
  const { allowedHosts, allowedOrigins, toolScopes = {}, exposeToken = false, sessions = 'bound', onBlocked, ...own } = options
  const guard: ResourceGuardOptions = own
  if (typeof exposeToken !== 'boolean') throw new ConfigurationError('exposeToken', 'must be true or false')
  if (sessions !== 'bound' && sessions !== 'elsewhere') throw new ConfigurationError('sessions', "must be 'bound' or 'elsewhere'")
  if (onBlocked !== undefined && typeof onBlocked !== 'function') throw new ConfigurationError('onBlocked', 'must be a function')
  const resources = resourcesOf(guard)
  return {
    guard: { ...guard, rootMetadata: guard.rootMetadata === undefined ? isOne(guard) : guard.rootMetadata },
    settings: {
      boundary: {
        hosts: checkHosts('allowedHosts', allowedHosts, resources),
        origins: checkOrigins('allowedOrigins', allowedOrigins, resources),
      },
      toolScopes: checkToolScopes('toolScopes', toolScopes),
      exposesToken: exposeToken,
      bindsSessions: sessions === 'bound',
      onBlocked,
    },
  }
}

/** What is no URL is left for core to complain of. */
const resourcesOf = (options: ResourceGuardOptions): readonly URL[] =>
  ('resources' in options && Array.isArray(options.resources) ? options.resources : [options])
    .map((one) => (one as { readonly resource?: unknown } | null)?.resource)
    .flatMap((resource) => {
      try {
        return [new URL(resource as string)]
      } catch {
        return []
      }
    })

export const isOne = (options: ResourceGuardOptions): boolean => !('resources' in options) && !String(options.resource).includes('{')
