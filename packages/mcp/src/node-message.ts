import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromNode, type Principal, type Reply } from '@resource-guard/core'
import type { AuthInfo } from './auth-info.js'
import { parsedJson, readJson } from './body.js'
import type { McpGuard } from './mcp-guard.js'

/** A request as the SDKs' Node transports read it. `body` is what a body parser, or the guard, has read of it. */
export interface McpMessage extends IncomingMessage {
  method: string
  url: string
  auth?: AuthInfo
  body?: unknown
}

/** Tells the SDK who is calling, takes the token away unless it is to be exposed, and binds the session that may be opened. */
export function admit(guard: McpGuard, principal: Principal, req: IncomingMessage & { auth?: AuthInfo }, res: ServerResponse): void {
  req.auth = guard.authInfoOf(principal, req.headers.authorization)
  if (!guard.exposesToken) withoutAuthorization(req)
  const request = fromNode(req, req.url ?? '/')
  onSessionId(res, (id) => guard.bindSession(id, principal, request))
}

/** Decides about the tools that are called. Leaves in `req.body` what it has read. */
export async function refuseCalls(guard: McpGuard, principal: Principal, req: McpMessage): Promise<Reply | undefined> {
  if (!guard.judgesTools || req.method !== 'POST') return undefined
  // A body that nobody has read is read here, whatever stands in `req.body`: parsers of Express 4 put `{}` there for types that
  // are not theirs.
  const body = req.readableDidRead
    ? parsedJson(req.body)
    : await readJson(req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)
  if ('reply' in body) {
    // What is left must be taken off the connection, or the client waits to send it and never hears the answer.
    req.resume()
    return body.reply
  }
  // `_body` is how the body parsers of Express 4 know that there is nothing left to read.
  Object.assign(req, { body: body.json, _body: true })
  return guard.authorizeCalls(principal, body.json, fromNode(req, req.url))
}

/** Transports hand on the request with its headers, some by `headers` and some by `rawHeaders`. */
function withoutAuthorization(req: IncomingMessage): void {
  delete req.headers.authorization
  // Made when it is first read, of as many `rawHeaders` as came, so before these get fewer. HTTP/2 has none.
  delete (req.headersDistinct as IncomingMessage['headersDistinct'] | undefined)?.['authorization']
  const raw = req.rawHeaders
  for (let i = raw.length - 2; i >= 0; i -= 2) if (raw[i]?.toLowerCase() === 'authorization') raw.splice(i, 2)
}

/** Sees the headers of a response when they are written, however they were set. */
function onSessionId(res: ServerResponse, seen: (id: string) => void): void {
  const writeHead = res.writeHead.bind(res) as (...args: readonly unknown[]) => ServerResponse
  res.writeHead = (...args: readonly unknown[]): ServerResponse => {
    const id = sessionIdIn(args.at(-1)) ?? res.getHeader('mcp-session-id')
    for (const one of [id].flat()) if (one !== undefined) seen(String(one))
    return writeHead(...args)
  }
}

/** Of what `writeHead` takes: an object, pairs, or a flat list of names and values. */
function sessionIdIn(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined
  const pairs = !Array.isArray(headers) ? Object.entries(headers)
    : Array.isArray(headers[0]) ? (headers as readonly (readonly unknown[])[])
      : headers.flatMap((name: unknown, index) => (index % 2 === 0 ? [[name, headers[index + 1] as unknown]] : []))
  return pairs.find(([name]) => String(name).toLowerCase() === 'mcp-session-id')?.[1]
}
