import { createTestKey, type PublicJwk } from './key.js'

/** The endpoints of a test issuer that can fail. */
export type Endpoint = 'metadata' | 'keys' | 'introspection'

/** What an endpoint does instead of answering. `usual` is what it would have answered. Throwing is a network failure. */
export type Fault = (request: Request, usual: () => Promise<Response>) => Response | Promise<Response>

const json = (text: string): Response => new Response(text, { headers: { 'content-type': 'application/json' } })

/** The usual document, changed. */
const edited = (change: (document: any) => unknown): Fault => async (_request, usual) => Response.json(await change(await (await usual()).json()))

/**
 * Ways in which an issuer fails in the field, for `issuer.fail`. Whatever it is, a resource server should neither break nor take a
 * good token for a bad one: it goes on with the keys that it has, or answers 503.
 *
 * ```ts
 * issuer.fail('keys', faults.status(503))
 * issuer.fail('metadata', faults.redirect('https://elsewhere.test/'))
 * issuer.fail('keys', faults.edited(({ keys }) => ({ keys: keys.slice(1) })))
 * ```
 */
export const faults = {
  /** Answers with this status and no body. Default 503. */
  status: (status = 503): Fault => () => new Response(null, { status }),
  /** Nobody is there: the connection fails. */
  refused: (): Fault => () => {
    throw new TypeError('connection refused')
  },
  /** Never answers. */
  hang: (): Fault => () => new Promise(() => {}),
  /** Sends the head and the first byte of its answer, and never the rest. */
  stall: (): Fault => () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) }),
      { headers: { 'content-type': 'application/json' } }),
  /** Answers as usual, after so many milliseconds. */
  delay: (milliseconds: number): Fault => async (_request, usual) => {
    await new Promise((resolve) => {
      setTimeout(resolve, milliseconds)
    })
    return usual()
  },
  /** A page for people, with status 200: the login page of a proxy, or a front end that answers every path. */
  html: (): Fault => () => new Response('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } }),
  /** JSON that breaks off in the middle. */
  malformed: (): Fault => async (_request, usual) => {
    const text = await (await usual()).text()
    return json(text.slice(0, text.length / 2))
  },
  /** No body at all, with status 200. */
  empty: (): Fault => () => json(''),
  /** The usual document and so many bytes of white space behind it; no length is announced. Default 1 MiB. */
  huge: (bytes = 1_048_576): Fault => async (_request, usual) => {
    const text = await (await usual()).text()
    const parts = [text, ...Array.from({ length: Math.ceil(bytes / 65_536) }, () => ' '.repeat(65_536))]
    const body = new ReadableStream({
      pull: (controller) => {
        const part = parts.shift()
        if (part === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(part))
      },
    })
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  },
  /** Sends clients to this URL, absolute or relative. With another query alone (`?moved`) that is the same endpoint, and answers as usual. */
  redirect: (to: string, status = 302): Fault => (request, usual) => {
    const { href } = new URL(to, request.url)
    return href === request.url ? usual() : new Response(null, { status, headers: { location: href } })
  },
  /** Sends clients back to where they are. */
  loop: (): Fault => (request) => new Response(null, { status: 302, headers: { location: request.url } }),
  /** Metadata that say they are another issuer's (RFC 8414 §3.3). */
  wrongIssuer: (issuer: string): Fault => edited((metadata) => ({ ...metadata, issuer })),
  /** A key set without keys. */
  noKeys: (): Fault => edited(() => ({ keys: [] })),
  /** Beside each key another one, by nobody, under the same `kid`: before it and behind it (RFC 7517 §4.5). */
  duplicateKids: (): Fault => edited(async ({ keys }: { keys: readonly PublicJwk[] }) => ({
    keys: (await Promise.all(keys.map(async (key) => [await stranger(key), key, await stranger(key)]))).flat(),
  })),
  /** The usual JSON document, as `change` returns it. */
  edited,
} as const

const stranger = async ({ alg, kid }: PublicJwk): Promise<PublicJwk> => (await createTestKey(alg, { kid })).publicJwk
