import { ConfigurationError, type Principal, type Reply } from '@resource-guard/core'
import { readJson, refuseLength } from './body.js'
import type { McpGuard } from './mcp-guard.js'

/** Decides about the tools that are called. The request can still be read. */
export async function refuseWebCalls(guard: McpGuard, principal: Principal, request: Request): Promise<Reply | undefined> {
  if (!guard.judgesTools || request.method !== 'POST') return undefined
  if (request.bodyUsed) throw new ConfigurationError('toolScopes', 'cannot be judged once the body is read: put the guard before whatever reads it')
  const tooLong = refuseLength(request.headers.get('content-length'))
  if (tooLong) return tooLong
  const body = await readJson(chunksOf(request.clone()))
  return 'reply' in body ? body.reply : guard.authorizeCalls(principal, body.json, request)
}

/** The same request without the token; its body is as unread as it was. */
export function withoutAuthorization(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.delete('authorization')
  return request.bodyUsed ? new Request(request.url, { method: request.method, headers, signal: request.signal }) : new Request(request, { headers })
}

/** A stream is no async iterable in every runtime. */
async function* chunksOf({ body }: Request): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) yield next.value
  } finally {
    // Not awaited: half of a cloned body is cancelled only when the other half is.
    reader?.cancel().catch(() => {})
  }
}
