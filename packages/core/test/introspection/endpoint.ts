import { vi } from 'vitest'
import { createResourceGuard, type Introspection, type Outcome, type Principal, type Problem, type ResourceGuard, type ResourceGuardOptions } from '../../src/index.js'

export const resource = 'https://api.example.com/photos'
export const issuer = 'https://login.example.com'
export const endpoint = 'https://login.example.com/introspect'
export const client = { clientId: 'photos-api', clientSecret: 'a secret' }

/** 2030-01-01: the moment at which the tests take place, in seconds. */
export const start = 1_893_456_000
export const good = { active: true, iss: issuer, aud: resource, sub: 'alice', client_id: 'app', scope: 'photos:read', exp: start + 300, iat: start - 10, token_type: 'Bearer' }

export const json = (body: unknown, status = 200): Response => Response.json(body, { status })
export const raw = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json', status = 200): Response => new Response(body, { status, headers: { 'content-type': type } })

export type Answer = (request: Request, form: URLSearchParams) => Response | Promise<Response>

/** Never answers and does not listen to the signal either: the worst that a fetch can do. */
export const hang: Answer = () => new Promise(() => {})
export const unreachable: Answer = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))
export const later = (ms: number, answer: Answer): Answer => async (request, form) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return answer(request, form)
}

export interface Endpoint {
  answer: Answer
  readonly fetch: typeof fetch
  /** Every request so far. */
  readonly requests: { readonly url: string; readonly method: string; readonly headers: Headers; readonly form: URLSearchParams }[]
  /** Requests to the introspection endpoint. */
  readonly calls: number
  readonly inFlight: number
  readonly mostInFlight: number
}

/** An issuer as `fetch` sees it: its metadata, unless it is told otherwise, and its introspection endpoint. */
export function createEndpoint(answer: Answer = () => json(good), metadata: object | undefined = { issuer, introspection_endpoint: endpoint }): Endpoint {
  let inFlight = 0
  let mostInFlight = 0
  const requests: Endpoint['requests'] = []
  const server = {
    answer,
    requests,
    get calls() {
      return requests.filter(({ method }) => method === 'POST').length
    },
    get inFlight() {
      return inFlight
    },
    get mostInFlight() {
      return mostInFlight
    },
    fetch: (async (input, init) => {
      const request = new Request(input, init)
      const form = new URLSearchParams(request.method === 'POST' ? await request.text() : '')
      requests.push({ url: request.url, method: request.method, headers: request.headers, form })
      if (request.method === 'GET') return request.url.includes('/.well-known/') && metadata !== undefined ? json(metadata) : new Response('', { status: 404 })
      inFlight += 1
      mostInFlight = Math.max(mostInFlight, inFlight)
      try {
        return await server.answer(request, form)
      } finally {
        inFlight -= 1
      }
    }) as typeof fetch,
  }
  return server
}

export const clock = { now: start * 1000 }
export const pass = (seconds: number): void => void (clock.now += seconds * 1000)

export interface Watched extends ResourceGuard {
  readonly problems: Problem[]
}

export type More = Partial<Omit<ResourceGuardOptions, 'authorizationServers'>> & { readonly server?: object }

/** A guard that asks this endpoint, by the tests' clock. */
export function guardOf(at: Pick<Endpoint, 'fetch'>, introspection: Partial<Introspection> = {}, { server = {}, ...more }: More = {}): Watched {
  const problems: Problem[] = []
  const guard = createResourceGuard({
    resource,
    authorizationServers: [{ issuer, ...server, introspection: { ...('bearerToken' in introspection || 'privateKey' in introspection || 'authMethod' in introspection ? {} : client), ...introspection } }],
    fetch: at.fetch,
    now: () => clock.now,
    onRefused: (problem) => void problems.push(problem),
    ...more,
  } as ResourceGuardOptions)
  return { ...guard, problems }
}

export const bearing = (token: string, path = '/photos'): Request => new Request(`https://host.internal${path}`, { headers: { authorization: `Bearer ${token}` } })

/** `granted`, or the reason of the refusal and its status. */
export async function visit(guard: Watched, token = 'opaque', path?: string): Promise<string> {
  const told = guard.problems.length
  const outcome = await guard.handle(bearing(token, path))
  if (outcome.kind !== 'reply') return outcome.kind
  return `${outcome.status} ${guard.problems[told]?.reason}`
}

export async function principalOf(guard: ResourceGuard, token = 'opaque', path?: string): Promise<Principal> {
  const outcome: Outcome = await guard.handle(bearing(token, path))
  if (outcome.kind !== 'granted') throw new Error(`refused: ${JSON.stringify(outcome)}`)
  return outcome.principal
}

/** Waits until something holds, by the machine's clock. */
export const until = (holds: () => boolean): Promise<void> => vi.waitFor(() => {
  if (!holds()) throw new Error('not yet')
})
