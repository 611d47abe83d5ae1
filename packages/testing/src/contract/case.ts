import type { TestIssuer } from '../issuer.js'
import type { TestKey } from '../key.js'
import type { Changes, MintOptions } from '../token.js'
import { metadataUrlOf, Mismatch, type Expectation, type Judged } from './expectation.js'
import type { Answer, HttpRequest } from './wire.js'

/** One guarded URL: what a case is run against. */
export interface Guarded extends Judged {
  readonly issuer: TestIssuer
  /** Sends a request to the server; the target is a path on it. */
  send(request: HttpRequest): Promise<Answer>
  /** The path, and perhaps query, of the guarded URL. */
  readonly target: string
}

/** The key that signs the tokens of the issuer. */
export const firstKey = (on: Guarded): TestKey => on.issuer.keys[0] as TestKey

/** What a row gives, or how it follows from what it is run against. */
export type Given<T> = T | ((on: Guarded) => T | Promise<T>)

/** One request and what must become of it. Without a word about it: GET, and a good token for the resource. */
export interface ResourceCase {
  /** A sentence that a specification could contain. */
  readonly name: string
  /** The RFC section, or the id of the requirement. */
  readonly ref: string
  /** Changes to the claims of a good token. */
  readonly claims?: Given<Changes>
  /** How the token is minted otherwise. */
  readonly mint?: Given<MintOptions>
  /** The token itself. */
  readonly token?: (on: Guarded) => string | Promise<string>
  /** The `Authorization` lines. Default: one, `Bearer` and the token. None for an empty list. */
  readonly authorization?: readonly string[] | ((token: string) => readonly string[])
  readonly method?: string
  /** The request target, or what becomes of that of the guarded URL. */
  readonly target?: string | ((target: string, token: string) => string)
  readonly headers?: HttpRequest['headers']
  readonly body?: (token: string) => string
  readonly expect: Expectation
}

/** The token that a case sends: the one it names, or a good one with its changes. */
export async function tokenOf({ token, claims, mint }: ResourceCase, on: Guarded): Promise<string> {
  if (token) return token(on)
  const changes = typeof claims === 'function' ? await claims(on) : claims
  const options = typeof mint === 'function' ? await mint(on) : mint
  return on.issuer.token({ aud: on.resource, ...changes }, options)
}

/** Sends the request of a case and judges the answer. Throws an Error that tells the whole exchange. */
export async function runCase(row: ResourceCase, on: Guarded): Promise<void> {
  const token = await tokenOf(row, on)
  const authorization = typeof row.authorization === 'function' ? row.authorization(token) : (row.authorization ?? [`Bearer ${token}`])
  const target = typeof row.target === 'function' ? row.target(on.target, token) : (row.target ?? on.target)
  const request: HttpRequest = {
    target,
    ...(row.method !== undefined && { method: row.method }),
    headers: [...authorization.map((line) => ['Authorization', line] as const), ...(row.headers ?? [])],
    ...(row.body && { body: row.body(token) }),
  }
  judge(row, request, await on.send(request), { ...on, head: row.method === 'HEAD' })
}

/** Judges one answer. Throws an Error that tells the whole exchange. */
export function judge({ name, ref, expect }: Pick<ResourceCase, 'name' | 'ref' | 'expect'>, request: HttpRequest, answer: Answer, judged: Judged): void {
  try {
    expect(answer, judged)
    repeatsNothing(request, answer, judged.resource)
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    throw new Error(`${name} (${ref})\n  ${error.message}\n\n${exchange(request, answer)}`, { cause: error })
  }
}

/** No answer repeats any 8 characters of the credentials that it answers (RFC 6749 §10.3). */
function repeatsNothing({ headers = [] }: HttpRequest, answer: Answer, resource: string): void {
  // What is configured may be in every answer, and a token may happen to share a word with it.
  const text = `${answer.headers.flat().join('\n')}\n${answer.body}`.replaceAll(metadataUrlOf(resource), '').replaceAll(resource, '')
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'authorization') continue
    const credentials = value.slice(value.indexOf(' ') + 1)
    for (let at = 0; at + 8 <= credentials.length; at += 1) {
      const slice = credentials.slice(at, at + 8)
      if (text.includes(slice)) throw new Mismatch(`no part of the credentials comes back\n    received "${slice}"`)
    }
  }
}

function exchange(request: HttpRequest, answer: Answer): string {
  const head = (lines: HttpRequest['headers'] = []): string => lines.map(([name, value]) => `    ${name}: ${shortened(value)}\n`).join('')
  return (
    `  sent\n    ${request.method ?? 'GET'} ${shortened(request.target)}\n${head(request.headers)}` +
    `  received\n    ${answer.status}\n${head(answer.headers)}\n    ${shortened(answer.body, 2000)}\n`
  )
}

const shortened = (text: string, length = 300): string => (text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text)

