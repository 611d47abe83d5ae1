import { Buffer } from 'node:buffer'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Endpoint } from './fault.js'
import type { PublicJwk } from './key.js'

/** Answers a request instead of the issuer; `undefined` leaves it to the issuer. Throwing is a network failure. */
export type Respond = (request: Request) => Response | undefined | Promise<Response | undefined>

const json = (body: unknown): Response => Response.json(body, { headers: { 'cache-control': 'public, max-age=600' } })

/** RFC 8414 §3.1 and OpenID Connect Discovery §4 metadata, the JWK Set and the introspection endpoint, at their paths, whatever the query; 404 elsewhere. */
export function serveIssuer(
  issuer: string,
  keys: () => readonly PublicJwk[],
  introspect: (request: Request) => Promise<Response>,
): (request: Request) => Response | Promise<Response> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname === '/' ? '' : pathname
  const jwksUri = `${origin}${path}/jwks`
  const introspectionEndpoint = `${origin}${path}/introspect`
  const metadata = {
    issuer,
    jwks_uri: jwksUri,
    introspection_endpoint: introspectionEndpoint,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_endpoint: `${origin}${path}/authorize`,
    token_endpoint: `${origin}${path}/token`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  }
  const openid = () => ({ ...metadata, subject_types_supported: ['public'], id_token_signing_alg_values_supported: [...new Set(keys().map((key) => key.alg))] })
  const documents: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
    [`${origin}/.well-known/oauth-authorization-server${path}`]: () => json(metadata),
    [`${origin}${path}/.well-known/openid-configuration`]: () => json(openid()),
    [jwksUri]: () => json({ keys: keys() }),
    [introspectionEndpoint]: introspect,
  }
  return (request) =>
    documents[request.url.replace(/\?.*$/, '')]?.(request) ?? new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain' } })
}

/** Which endpoint of an issuer a URL is: what is no other is metadata. */
export const endpointOf = (url: string): Endpoint => (/\/jwks(?:\?|$)/.test(url) ? 'keys' : /\/introspect(?:\?|$)/.test(url) ? 'introspection' : 'metadata')

/** A `fetch` that reaches nothing but `answer`, and stops waiting for it when the caller's signal says so. */
export function fetchFrom(answer: (request: Request) => Response | Promise<Response>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    signal.throwIfAborted()
    return Promise.race([answer(request), whenAborted(signal)])
  }
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

/** Serves `answer` on a free port of 127.0.0.1, whose origin it resolves with. */
export async function listenOnLoopback(answer: (request: Request) => Promise<Response>): Promise<{ origin: string; close(): Promise<void> }> {
  let origin = ''
  const server = createServer(async (request, response) => {
    try {
      const headers = headersOf(request.rawHeaders)
      const { method = 'GET' } = request
      const body = method === 'GET' || method === 'HEAD' ? {} : { body: await readAll(request) }
      const answered = await answer(new Request(`${origin}${request.url ?? '/'}`, { method, headers, ...body }))
      response.writeHead(answered.status, [...answered.headers].flat())
      await writeAll(answered, response)
    } catch {
      // A network failure, as scripted: the caller sees a connection that breaks.
      response.destroy()
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()))
      server.closeAllConnections()
    })
  return { origin, close }
}

/** Piece by piece, so that a body that never ends can be seen as one. */
async function writeAll({ body }: Response, response: ServerResponse): Promise<void> {
  const reader = body?.getReader()
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) response.write(piece.value)
  response.end()
}

async function readAll(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return new Uint8Array(Buffer.concat(chunks))
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i < raw.length; i += 2) headers.append(raw[i] as string, raw[i + 1] as string)
  return headers
}
