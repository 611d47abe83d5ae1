import type { Reply } from '@resource-guard/core'
import { jsonRpcError } from './json-rpc.js'

/** What a request holds, read before the server reads it; or what to answer if that cannot be done. */
export type Body = { readonly json: unknown } | { readonly reply: Reply }

/** The SDKs' own limit. */
const mostBytes = 4 * 1024 * 1024

const tooLarge = { reply: jsonRpcError(413, -32_000, `Payload Too Large: Request body must not exceed ${mostBytes} bytes`) }
const notJson: Body = { reply: jsonRpcError(400, -32_700, 'Parse error: Invalid JSON') }

/** What to answer to a body that says of itself that it is too long: unread, because a connection with half a body read serves nobody any more. */
export const refuseLength = (declared: string | null): Reply | undefined => (Number(declared) > mostBytes ? tooLarge.reply : undefined)

/** Reads JSON to its end, at most 4 MiB of it. */
export async function readJson(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Body> {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > mostBytes) return tooLarge
      text += decoder.decode(chunk, { stream: true })
    }
    return { json: JSON.parse(text + decoder.decode()) as unknown }
  } catch {
    return notJson
  }
}

/** What a body parser has left: JSON, or what nobody here can look into. */
export function parsedJson(body: unknown): Body {
  if (Array.isArray(body)) return { json: body }
  const prototype: unknown = typeof body === 'object' && body !== null ? Object.getPrototypeOf(body) : undefined
  return prototype === Object.prototype || prototype === null ? { json: body } : notJson
}
