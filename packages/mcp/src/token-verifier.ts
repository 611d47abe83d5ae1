import { ConfigurationError, createResourceGuard } from '@resource-guard/core'
import { createAuthInfo, type AuthInfo } from './auth-info.js'
import { isOne, splitOptions, type McpOptions } from './options.js'

/** An `OAuthTokenVerifier` of either SDK. */
export interface TokenVerifier {
  /**
   * Rejects with the SDK's own errors: one of `invalid_token` for a token that is not valid for this resource, of which
   * `requireBearerAuth` makes a 401, and one of `server_error` (500) where it cannot be told, because an issuer or the store
   * cannot be asked.
   */
  verifyAccessToken(token: string): Promise<AuthInfo>
}

/** The errors by which an SDK tells a refusal from a failure. */
export interface SdkErrors {
  readonly invalidToken: (description: string) => Error
  readonly serverError: (description: string) => Error
}

/**
 * Throws a ConfigurationError for several resources, and for a template: a token alone does not say where it was presented. And for
 * `toolScopes`: nor does it say what is called.
 */
export function createTokenVerifier(options: McpOptions, errors: SdkErrors): TokenVerifier {
  const { guard: guardOptions, settings } = splitOptions(options)
  if (!isOne(guardOptions)) {
    const fix = 'use protectMcp, which sees where a token is presented'
    throw new ConfigurationError('resource', `must be one, without variables, for tokenVerifier: ${fix}`)
  }
  if (settings.toolScopes.size > 0) {
    throw new ConfigurationError('toolScopes', 'are judged by protectMcp alone, which sees the call: use it, or requireScope in the tools')
  }
  const guard = createResourceGuard(guardOptions)
  return {
    verifyAccessToken: async (token) => {
      const get = (name: string): string | null => (name === 'authorization' ? `Bearer ${token}` : null)
      const outcome = await guard.handle({ method: 'POST', url: '/', headers: { get } })
      if (outcome.kind === 'granted') {
        return createAuthInfo(outcome.principal, guard.grantOf(outcome.principal), settings.exposesToken ? token : undefined)
      }
      throw outcome.kind === 'reply' && outcome.status < 500
        ? errors.invalidToken('The access token is not valid for this resource.')
        : errors.serverError('Access tokens cannot be checked right now.')
    },
  }
}
