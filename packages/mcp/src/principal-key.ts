import { ConfigurationError, type Principal } from '@resource-guard/core'

/**
 * One string for one principal: same issuer, subject, client and resource, and never the same for another. Store it with whatever a
 * client gets a handle to (a session, a task, an upload) and compare it when the handle comes back: to hold a handle
 * proves nothing. Throws a ConfigurationError for a principal without subject and without client: that is anybody.
 *
 * ```ts
 * const owner = principalKey(principalOf(ctx))
 * if (tasks.get(id)?.owner !== owner) throw new Error('no such task')
 * ```
 */
export function principalKey(principal: Principal): string {
  const { issuer, subject, clientId, resource } = principal
  if (isAnybody(principal)) {
    throw new ConfigurationError('authorizationServers', `"${issuer}" must not omit both sub and client_id: nothing could tell its principals apart`)
  }
  return JSON.stringify([issuer, subject ?? null, clientId ?? null, resource])
}

/** Only where the issuer is described as one that omits both. */
export const isAnybody = ({ subject, clientId }: Principal): boolean => subject === undefined && clientId === undefined
