import { discard, isJsonType, mediaTypeOf, readBody } from './body.js'
import { OutboundError, OutboundFault, describeFailure } from './outbound-error.js'
import { forLog } from './url.js'
import { readUrl } from '../secure-url.js'

export interface JsonRequest {
  readonly fetch: typeof fetch
  /** The media types to ask for. Every JSON type is taken. */
  readonly accept: string
  /** Of an earlier answer from the same URL: an unchanged document is then not sent again (RFC 9110 §13.1.2). */
  readonly etag?: string | undefined
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export type JsonAnswer =
  | { readonly status: 200; readonly value: unknown; readonly headers: Headers }
  /** Only where `etag` was sent. */
  | { readonly status: 304; readonly headers: Headers }

const maxRedirects = 3
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * GETs one JSON document; rejects with an OutboundError for everything else that may come, and an OutboundFault when no answer comes.
 * Follows up to three redirects within the origin and none that leaves it. Sends no credentials and no cookies. The time is up to
 * `signal`. Whether the URL may be fetched at all is up to the caller.
 */
export async function fetchJson(url: URL, request: JsonRequest): Promise<JsonAnswer> {
  const response = await follow(url, request)
  const fault = faultOf(response, request)
  if (fault !== undefined) {
    discard(response)
    throw new (response.status < 500 ? OutboundError : OutboundFault)(`${forLog(url)} ${fault}`)
  }
  if (response.status === 304) {
    discard(response)
    return { status: 304, headers: response.headers }
  }
  const bytes = await readBytes(response, url, request)
  try {
    return { status: 200, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), headers: response.headers }
  } catch {
    throw new OutboundError(`${forLog(url)} answered with what is not JSON`)
  }
}

async function follow(start: URL, { fetch, accept, etag, signal }: JsonRequest): Promise<Response> {
  let url = start
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    signal.throwIfAborted()
    let response: Response
    try {
      // Neither `credentials` nor `cache`: there are runtimes that throw on them, and servers keep no cookies.
      response = await fetch(url.href, { headers: { accept, ...(etag !== undefined && { 'if-none-match': etag }) }, redirect: 'manual', signal })
    } catch (error) {
      throw new OutboundFault(`${forLog(url)}: ${describeFailure(error)}`)
    }
    if (!redirects.has(response.status)) return response
    discard(response)
    url = redirected(url, response.headers.get('location'))
  }
  throw new OutboundError(`${forLog(start)} redirects more than ${maxRedirects} times`)
}

function redirected(from: URL, location: string | null): URL {
  const to = location === null ? undefined : readUrl(location, from)
  if (to === undefined || to.origin !== from.origin || to.username !== '' || to.password !== '') {
    throw new OutboundError(`${forLog(from)} redirects to another origin, which is not followed`)
  }
  return to
}

function faultOf(response: Response, { etag }: JsonRequest): string | undefined {
  if (response.status === 304 && etag !== undefined) return undefined
  if (response.status !== 200) return `answered ${response.status}`
  // A type that is not said is no other: what is sent has to be JSON either way.
  return !response.headers.has('content-type') || isJsonType(mediaTypeOf(response)) ? undefined : 'answered with a content type that is not JSON'
}

async function readBytes(response: Response, url: URL, { maxBytes, signal }: JsonRequest): Promise<Uint8Array> {
  const bytes = await readBody(response, maxBytes, signal).catch((error: unknown) => {
    throw new OutboundFault(`${forLog(url)}: ${describeFailure(error)}`)
  })
  if (bytes === undefined) throw new OutboundError(`${forLog(url)} answered with more than ${maxBytes} bytes`)
  return bytes
}
