import { parseChallenges, type Challenge } from '../challenge-parser.js'
import { lines, members, type Answer } from './wire.js'

/** What an answer is judged against. */
export interface Judged {
  /** The resource that the request is for. */
  readonly resource: string
  /** The issuer of the token that was sent. */
  readonly issuer: { readonly issuer: string }
  /** What its 401 asks for, where the row itself does not say. Default none. */
  readonly challengeScopes?: readonly string[]
  /** What the fixed application answered; undefined where the application is not the fixed one. */
  readonly read?: (answer: Answer) => Served
  /** True if the request was a HEAD: the answer then has the headers alone (RFC 9110 §9.3.2). */
  readonly head?: boolean
}

/** The body that a handler of the fixed application sends. */
export interface Served {
  readonly route: string
  readonly tenant?: string
  readonly principal: null | {
    readonly issuer: string
    readonly subject?: string
    readonly clientId?: string
    readonly scopes: readonly string[]
    readonly resource: string
    readonly variables: Readonly<Record<string, string>>
    readonly claims: Readonly<Record<string, unknown>>
  }
}

/** Throws a Mismatch that says what is wrong with an answer. */
export type Expectation = (answer: Answer, judged: Judged) => void

/** An answer that is not what the contract says. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

export function same(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Mismatch(`${what}\n    expected ${JSON.stringify(expected)}\n    received ${JSON.stringify(actual)}`)
  }
}

export function holds(what: string, condition: boolean, received: unknown): void {
  if (!condition) throw new Mismatch(`${what}\n    received ${JSON.stringify(received)}`)
}

/** Where RFC 9728 §3.1 puts the metadata of a resource: inserted between host and path, a lone root slash removed. */
export function metadataUrlOf(resource: string): string {
  const [, origin = '', path = '', query = ''] = /^([^:]+:\/\/[^/?#]+)([^?#]*)(\?[^#]*)?$/.exec(resource) ?? []
  return `${origin}/.well-known/oauth-protected-resource${path === '/' ? '' : path}${query}`
}

/** The challenges of an answer, over all lines of the field. Whatever is not by the grammar is a Mismatch. */
export function challengesOf(answer: Answer): readonly Challenge[] {
  try {
    return lines(answer, 'www-authenticate').flatMap((line) => parseChallenges(line))
  } catch (error) {
    throw new Mismatch((error as Error).message)
  }
}

/** The handler ran: 2xx, and in the fixed application with a principal of this resource and this issuer. */
export const granted: Expectation = (answer, judged) => {
  holds('the request is let in', answer.status >= 200 && answer.status < 300, answer.status)
  if (!judged.read || judged.head) return
  const { principal } = judged.read(answer)
  if (principal === null) throw new Mismatch('the handler gets a principal\n    received null')
  same('the principal is one of the resource asked for', principal.resource, judged.resource)
  same('the principal is one of the issuer of the token', principal.issuer, judged.issuer.issuer)
}

/** Let in, and the fixed application saw this. */
export const served =
  (check: (served: Served) => void): Expectation =>
  (answer, judged) => {
    granted(answer, judged)
    if (judged.read) check(judged.read(answer))
  }

/** The handler ran without a principal. */
export const open: Expectation = (answer, judged) => {
  same('the handler runs', answer.status, 200)
  if (judged.read) same('without a principal', judged.read(answer).principal, null)
}

interface Refusal {
  readonly status: 400 | 401 | 403
  readonly error?: string
  readonly scope?: string
}

/** A refusal with one Bearer challenge, in all that holds for each of them. */
const refused =
  ({ status, error, scope }: Refusal): Expectation =>
  (answer, judged) => {
    same('status', answer.status, status)
    const bearer = challengesOf(answer).filter(({ scheme }) => scheme.toLowerCase() === 'bearer')
    same('number of Bearer challenges', bearer.length, 1)
    const { scheme, params } = bearer[0] as Challenge
    same('the scheme as it is registered', scheme, 'Bearer')
    const given = new Map(params)
    same('resource_metadata', given.get('resource_metadata'), metadataUrlOf(judged.resource))
    same('error', given.get('error'), error)
    same('scope', given.get('scope'), scope ?? (status === 401 && judged.challengeScopes?.join(' ') || undefined))
    const description = given.get('error_description')
    same('an error_description if and only if there is an error', description !== undefined, error !== undefined)
    const legible = /^[\x20\x21\x23-\x3c\x3e-\x5b\x5d-\x7e]*$/
    holds('characters that RFC 6750 §3 allows, and that clients in the field read', legible.test(description ?? ''), description)
    const order = ['resource_metadata', 'error', 'error_description', 'scope'].filter((name) => given.has(name))
    same('parameters and their order', params.map(([name]) => name), order)
    refusal(answer, judged, error)
  }

/** What holds for every refusal, whatever its status. */
function refusal(answer: Answer, judged: Judged, error: string | undefined): void {
  holds('Cache-Control has no-store', members(answer, 'cache-control').includes('no-store'), lines(answer, 'cache-control'))
  const exposed = members(answer, 'access-control-expose-headers')
  holds('a browser may read the challenge', exposed.includes('www-authenticate'), exposed)
  holds('Content-Type is JSON', /^application\/json\b/.test(lines(answer, 'content-type')[0] ?? ''), lines(answer, 'content-type'))
  if (judged.head) return same('no body', answer.body, '')
  const body = parseBody(answer)
  same('error in the body', body['error'], error)
  holds('a sentence in the body', typeof body['error_description'] === 'string' && body['error_description'] !== '', body)
  same('nothing else in the body', Object.keys(body).filter((name) => name !== 'error' && name !== 'error_description'), [])
}

export function parseBody(answer: Answer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(answer.body) as Record<string, unknown>
  } catch {
    throw new Mismatch(`the body is JSON\n    received ${JSON.stringify(answer.body)}`)
  }
}

const withoutChallenge =
  (status: number): Expectation =>
  (answer, judged) => {
    same('status', answer.status, status)
    same('no challenge', lines(answer, 'www-authenticate'), [])
    refusal(answer, judged, undefined)
  }

/** 401 without an error: nobody has tried to authenticate in a way that is offered here (RFC 6750 §3.1). */
export const unauthenticated: Expectation = refused({ status: 401 })
/** 401 that also says what to ask for. */
export const unauthenticatedAskingFor = (scope: string): Expectation => refused({ status: 401, scope })
/** 401: there was a token, and it is not good here. */
export const invalidToken: Expectation = refused({ status: 401, error: 'invalid_token' })
/** The same, and it says what to ask for. */
export const invalidTokenAskingFor = (scope: string): Expectation => refused({ status: 401, error: 'invalid_token', scope })
/** 400: the credentials cannot be read. */
export const invalidRequest: Expectation = refused({ status: 400, error: 'invalid_request' })
/** 403: good token, and it lacks one of these scopes. */
export const insufficientScope = (scope: string): Expectation => refused({ status: 403, error: 'insufficient_scope', scope })
/** 404 by the guard: there is no resource here. */
export const notFound: Expectation = withoutChallenge(404)

/** 503: whether the token is good cannot be told now (RFC 9110 §15.6.4). */
export const unavailable: Expectation = (answer, judged) => {
  withoutChallenge(503)(answer, judged)
  const [retryAfter = ''] = lines(answer, 'retry-after')
  holds('Retry-After in seconds', /^[1-9]\d{0,3}$/.test(retryAfter), lines(answer, 'retry-after'))
}

/** One of several answers is right. */
export const anyOf =
  (...expectations: readonly Expectation[]): Expectation =>
  (answer, judged) => {
    const misses: string[] = []
    for (const expectation of expectations) {
      try {
        return expectation(answer, judged)
      } catch (error) {
        misses.push((error as Error).message)
      }
    }
    throw new Mismatch(`none of ${expectations.length} answers that would be right\n  ${misses.join('\n  ')}`)
  }

/** Whatever the answer is, it is not the handler's, and not a failure of the server. */
export const notServed: Expectation = (answer) => {
  holds('the handler does not run, and nothing breaks', answer.status >= 400 && answer.status < 500, answer.status)
}
