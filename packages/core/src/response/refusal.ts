import { answers } from './answers.js'
import { challenge } from './challenge.js'
import type { Problem } from './problem.js'
import type { Reply } from './reply.js'

/** What a challenge may say of the resource: configured facts only. */
export interface Challenger {
  readonly metadataUrl: string
  /** What a 401 asks for; a 403 names what the operation needs instead. */
  readonly challengeScopes: readonly string[]
}

/** Seconds after which a client may try again. */
const retryAfter = '5'

/**
 * The HTTP answer to a problem. 400, 401 and 403 carry a challenge (RFC 6750 §3); 404 and 503 do not, so that clients keep
 * their tokens. Nothing in it comes from the request or the token.
 */
export function refusal(problem: Problem, challenger: Challenger | undefined, needed: readonly string[] = []): Reply {
  const answer = answers[problem.reason]
  const headers: [string, string][] = []
  if (challenger !== undefined && answer.status < 404) {
    const scopes = answer.status === 403 ? needed : answer.status === 401 ? challenger.challengeScopes : []
    headers.push(['www-authenticate', challenge(answer, challenger.metadataUrl, scopes)])
  }
  headers.push(['access-control-expose-headers', 'WWW-Authenticate'], ['cache-control', 'no-store'], ['content-type', 'application/json'])
  if (answer.status === 503) headers.push(['retry-after', retryAfter])
  const body = JSON.stringify({ ...(answer.error !== undefined && { error: answer.error }), error_description: answer.description })
  return { status: answer.status, headers, body }
}
