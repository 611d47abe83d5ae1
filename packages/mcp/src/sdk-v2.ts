import { OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server'
import type { McpOptions } from './options.js'
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js'

export type { TokenVerifier } from './token-verifier.js'

/**
 * A verifier for `requireBearerAuth` of SDK v2 (`@modelcontextprotocol/server`, `@modelcontextprotocol/express`), for an
 * application that has it in place. It decides about tokens as `protectMcp` does. What else `protectMcp` sees to is then up
 * to the application: metadata, `Host` and `Origin`, sessions, scopes, and the challenge, for which `requireBearerAuth` needs `resourceMetadataUrl`.
 *
 * ```ts
 * const gate = requireBearerAuth({ verifier: tokenVerifier(options), resourceMetadataUrl })
 * ```
 *
 * Throws a ConfigurationError for wrong options, for several resources, for a template, and for `toolScopes`. An issuer that cannot be
 * reached is the SDK's 500: it has no 503.
 */
export const tokenVerifier = (options: McpOptions): TokenVerifier =>
  createTokenVerifier(options, {
    invalidToken: (description) => new OAuthError(OAuthErrorCode.InvalidToken, description),
    serverError: (description) => new OAuthError(OAuthErrorCode.ServerError, description),
  })
