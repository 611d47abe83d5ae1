/** The media type of an answer, in lower case and without parameters; empty where there is none. */
export const mediaTypeOf = (response: Response): string =>
  (response.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()

/** Every JSON type is taken (RFC 6839 §3.1). */
export const isJsonType = (type: string): boolean => /^application\/(?:[\w.!#$&^-]+\+)?json$/.test(type)

/**
 * The body, unless it has more than `maxBytes`: then undefined. Counts what arrives, because a length that is announced need
 * not be true, and a compressed one says nothing. Rejects where the connection breaks, and when `signal` says so.
 */
export async function readBody(response: Response, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    discard(response)
    return undefined
  }
  if (response.body === null) return new Uint8Array()
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return joined(chunks, size)
      size += value.byteLength
      if (size > maxBytes) break
      chunks.push(value)
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw error
  }
  reader.cancel().catch(() => {})
  return undefined
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** Lets the connection go without reading what is left. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}
