/**
 * What the guard reads of a request. A Web `Request` is one; for Node there is `fromNode`.
 */
export interface AccessRequest {
  readonly method: string
  /** The request target: an absolute URL or `/path?query`. Its host has no say in anything. */
  readonly url: string
  /** `get` takes a lower-case name and joins repeated lines with a comma, as `Headers` does. */
  readonly headers: { get(name: string): string | null }
}

/** The same, safe to print: a platform's own request would be printed with its headers, and the token in them. */
export const printable = ({ method, url, headers }: AccessRequest): AccessRequest => ({ method, url, headers: { get: (name) => headers.get(name) } })

/** The parts of Node's `IncomingMessage` (HTTP/1.1, HTTP/2, and Fastify's `inject`) that are read. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly rawHeaders: readonly string[]
  /** Read only where `rawHeaders` is empty, as in requests that Lambda adapters make up. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * Node's request as an AccessRequest. `url` is the target that the application's router dispatches on.
 * Reads `rawHeaders`, because `headers` silently drops a second `Authorization` line.
 */
export function fromNode(request: NodeRequest, url: string): AccessRequest {
  return { method: request.method ?? 'GET', url, headers: { get: (name) => readHeader(request, name) } }
}

function readHeader(request: NodeRequest, name: string): string | null {
  const raw = request.rawHeaders
  if (raw.length === 0) return request.headers?.[name]?.toString() ?? null
  let found: string | null = null
  for (let i = 0; i < raw.length; i += 2) {
    const header = raw[i] as string
    if (header.length === name.length && header.toLowerCase() === name) {
      found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`
    }
  }
  return found
}
