import { Buffer } from 'node:buffer'
import type { Changes } from './token.js'

/** What an issuer knows about its tokens. */
export interface IssuedTokens {
  /** Remembers a token, and what is to be said of it. */
  issue(token: string, claims: Changes): void
  revoke(token: string): void
  /** Answers one introspection request (RFC 7662 §2). */
  answer(request: Request): Promise<Response>
}

/** How resource servers authenticate at a test issuer's introspection endpoint. */
export interface TestClient {
  readonly clientId: string
  readonly clientSecret: string
}

/** The endpoint of one issuer, for one client that authenticates with `client_secret_basic` or `client_secret_post`. `now` in milliseconds. */
export function createIssuedTokens({ clientId, clientSecret }: TestClient, now: () => number): IssuedTokens {
  const issued = new Map<string, Changes>()

  const isClient = (request: Request, form: URLSearchParams): boolean => {
    const [scheme = '', credentials = ''] = (request.headers.get('authorization') ?? '').split(' ')
    if (scheme.toLowerCase() !== 'basic') return form.get('client_id') === clientId && form.get('client_secret') === clientSecret
    const [id, secret] = Buffer.from(credentials, 'base64').toString().split(':').map((part) => new URLSearchParams(`=${part}`).get(''))
    return id === clientId && secret === clientSecret
  }

  const isAlive = ({ exp }: Changes): boolean => typeof exp !== 'number' || exp > now() / 1000

  return {
    issue: (token, claims) => void issued.set(token, claims),
    revoke: (token) => void issued.delete(token),
    async answer(request) {
      if (request.method !== 'POST') return new Response('', { status: 405, headers: { allow: 'POST' } })
      const form = new URLSearchParams(await request.text())
      if (!isClient(request, form)) return Response.json({ error: 'invalid_client' }, { status: 401, headers: { 'www-authenticate': 'Basic' } })
      const claims = issued.get(form.get('token') ?? '')
      const reply = claims !== undefined && isAlive(claims) ? { active: true, ...claims } : { active: false }
      return Response.json(reply, { headers: { 'cache-control': 'no-store' } })
    },
  }
}
