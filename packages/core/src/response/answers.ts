import type { Reason } from './problem.js'

/** What a client is told: nothing that depends on what it sent. */
export interface Answer {
  readonly status: 400 | 401 | 403 | 404 | 503
  /** Error code of RFC 6750 §3.1. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  /** Free of `"`, `\` and `=`, which clients in the field trip over. */
  readonly description: string
}

const invalidRequest: Answer = {
  status: 400,
  error: 'invalid_request',
  description: 'The Authorization header must hold one access token after the scheme Bearer.',
}

/** One answer for whatever is wrong with a token: which check failed, and in what order they run, is nobody's business but the log's. */
const invalidToken: Answer = {
  status: 401,
  error: 'invalid_token',
  description: 'The access token is not valid for this resource.',
}

const unavailable: Answer = {
  status: 503,
  description: 'Access tokens cannot be checked right now. The token may well be good: keep it and try again.',
}

/** Every reason, and what the client hears. A new reason does not compile until it says that here. */
export const answers: Readonly<Record<Reason, Answer>> = {
  credentials_missing: { status: 401, description: 'An access token for this resource is needed.' },
  credentials_malformed: invalidRequest,
  credentials_repeated: invalidRequest,
  token_malformed: invalidToken,
  algorithm_not_allowed: invalidToken,
  type_mismatch: invalidToken,
  issuer_untrusted: invalidToken,
  key_unknown: invalidToken,
  signature_invalid: invalidToken,
  audience_mismatch: invalidToken,
  token_expired: invalidToken,
  token_not_yet_valid: invalidToken,
  claim_missing: invalidToken,
  claim_invalid: invalidToken,
  binding_required: invalidToken,
  token_inactive: invalidToken,
  scope_insufficient: { status: 403, error: 'insufficient_scope', description: 'The access token lacks a scope that this operation needs.' },
  resource_unknown: { status: 404, description: 'There is no such resource.' },
  keys_unavailable: unavailable,
  tenants_unavailable: unavailable,
  introspection_unavailable: unavailable,
  store_unavailable: unavailable,
}
