import { InvalidTokenError, ServerError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import type { McpOptions } from './options.js'
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js'

export type { TokenVerifier } from './token-verifier.js'

/**
 * A verifier for `requireBearerAuth` of SDK v1 (`@modelcontextprotocol/sdk`), for an application that has it in place. It decides
 * about tokens as `protectMcp` does. What else `protectMcp` sees to is then up to the application: metadata, `Host` and
 * `Origin`, sessions, scopes, and the challenge, for which `requireBearerAuth` needs `resourceMetadataUrl`.
 *
 * ```ts
 * app.use(requireBearerAuth({ verifier: tokenVerifier(options), resourceMetadataUrl }))
 * ```
 *
 * Throws a ConfigurationError for wrong options, for several resources, for a template, and for `toolScopes`. An issuer that cannot be
 * reached is the SDK's 500: it has no 503.
 */
export const tokenVerifier = (options: McpOptions): TokenVerifier =>
  createTokenVerifier(options, {
    invalidToken: (description) => new InvalidTokenError(description),
    serverError: (description) => new ServerError(description),
  })
