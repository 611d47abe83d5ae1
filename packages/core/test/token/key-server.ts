import { generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { vi } from 'vitest'
import { completeKeyPolicy, type KeyPolicy } from '../../src/token/key-policy.js'
import { createKeySources, type KeySources, type KeySourcesSettings } from '../../src/token/key-sources.js'
import type { KeySnapshot } from '../../src/token/keys.js'
import type { VerificationKey } from '../../src/token/signature.js'
import { isProblem, type Problem } from '../../src/response/problem.js'

export const issuer = 'https://issuer.test'
export const jwksUri = 'https://issuer.test/jwks'

/** A public key of its own for every `kid`; `makeKey('a')` twice is a rotation under the same `kid`. */
export function makeKey(kid?: string, members: object = {}): JWK {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...publicKey.export({ format: 'jwk' }), ...(kid !== undefined && { kid }), ...members } as JWK
}

export const json = (body: unknown, headers: Record<string, string> = {}, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

export type Answer = (url: URL, init: RequestInit) => Response | Promise<Response>

/** Never answers, and does not listen to the signal either: the worst that a fetch can do. */
export const hang: Answer = () => new Promise(() => {})
export const unavailable: Answer = () => new Response('down', { status: 503 })
export const unreachable: Answer = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))
export const serve = (keys: readonly unknown[], headers: Record<string, string> = {}): Answer => () => json({ keys }, headers)

/** After `ms`, what `answer` says at that time; aborted by the signal before. */
export const slowly = (ms: number, answer: Answer): Answer => (url, init) =>
  new Promise((resolve, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
    setTimeout(() => resolve(answer(url, init)), ms)
  })

export interface KeyServer {
  answer: Answer
  readonly requests: { readonly url: string; readonly init: RequestInit }[]
  readonly fetch: typeof fetch
}

export function createKeyServer(answer: Answer): KeyServer {
  const server: KeyServer = {
    answer,
    requests: [],
    fetch: async (input, init = {}) => {
      server.requests.push({ url: String(input), init })
      return server.answer(new URL(String(input)), init)
    },
  }
  return server
}

/** Key sources whose clock and timers are the test's. `random` 0: refreshes at three quarters of the time, backoff unshortened. */
export function sourcesOf(server: KeyServer, policy: KeyPolicy = {}, settings: Partial<KeySourcesSettings> = {}): KeySources {
  return createKeySources({ policy: completeKeyPolicy(policy), fetch: server.fetch, now: () => Date.now(), allowedHosts: new Set(), random: () => 0, ...settings })
}

/** Time goes on, and timers fire as it does. */
export const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000)

/** The process sleeps: when it wakes up it is later, and no timer has fired. */
export const sleep = (seconds: number): unknown => vi.setSystemTime(Date.now() + seconds * 1000)

/** Only what is under test runs by the test's clock. */
export const moveClock = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_700_000_000_000 })

export function got(result: KeySnapshot | Problem | undefined): KeySnapshot {
  if (result === undefined || isProblem(result)) throw new Error(`no keys: ${result?.detail}`)
  return result
}

/** The keys that a token of the issuer may be signed with: all of `makeKey` are for ES256. */
export const keysOf = (snapshot: KeySnapshot, kid?: string): readonly VerificationKey[] => snapshot.candidates('ES256', kid, new Set(['ES256']))

export const kids = (snapshot: KeySnapshot | Problem | undefined): readonly (string | undefined)[] => keysOf(got(snapshot)).map(({ kid }) => kid)
