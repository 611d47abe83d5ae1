import { ConfigurationError, createResourceGuard } from '@resource-guard/core'
import { createAuthInfo, type AuthInfo } from './auth-info.js'
import { isOne, splitOptions, type McpOptions } from './options.js'

/** An `OAuthTokenVerifier` of either SDK. */
export interface TokenVerifier {
  verifyAccessToken(token: string): Promise<AuthInfo>
}

/** The errors by which an SDK tells a refusal from a failure. */
export interface SdkErrors {
  readonly invalidToken: (description: string) => Error
  readonly serverError: (description: string) => Error
}

/** Throws a ConfigurationError for several resources, and for a template: a token alone does not say where it was presented. */
export function createTokenVerifier(options: McpOptions, errors: SdkErrors): TokenVerifier {
  const { guard: guardOptions, settings } = splitOptions(options)
  if (!isOne(guardOptions)) throw new ConfigurationError('resource', 'must be one, without variables, for tokenVerifier: use protectMcp, which sees where a token is presented')
  const guard = createResourceGuard(guardOptions)
  return {
    verifyAccessToken: async (token) => {
      const get = (name: string): string | null => (name === 'authorization' ? `Bearer ${token}` : null)
      const outcome = await guard.handle({ method: 'POST', url: '/', headers: { get } })
      if (outcome.kind === 'granted') return createAuthInfo(outcome.principal, guard.grantOf(outcome.principal), settings.exposesToken ? token : undefined)
      throw outcome.kind === 'reply' && outcome.status < 500
        ? errors.invalidToken('The access token is not valid for this resource.')
        : errors.serverError('Access tokens cannot be checked right now.')
    },
  }
}
