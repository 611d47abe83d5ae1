import { createBreaker, type Verdict } from './breaker.js'
import { createAuthentication } from './client-authentication.js'
import { introspectionUnavailable } from './introspection-reply.js'
import type { CompleteKeyPolicy } from './key-policy.js'
import { createLocator, lookupPause, placeOf } from './locator.js'
import type { IntrospectionDescription } from '../configuration/introspection.js'
import { withDeadline } from '../outbound/deadline.js'
import { describeFailure, OutboundFault } from '../outbound/outbound-error.js'
import { postForm, type FormAnswer } from '../outbound/post-form.js'
import { forLog } from '../outbound/url.js'
import type { Problem } from '../response/problem.js'

/** One introspection endpoint, as one client of it, whatever resources it is asked for. */
export interface IntrospectionClient {
  /** Asks about one token (RFC 7662 §2.1): the answer, with status 200; else `introspection_unavailable`. Never rejects. */
  ask(token: string): Promise<FormAnswer | Problem>
  /** Finds the endpoint; else says why not. Never rejects. */
  ready(): Promise<Problem | undefined>
}

export interface IntrospectionClientSettings {
  readonly issuer: string
  readonly description: Pick<IntrospectionDescription, 'endpoint' | 'client' | 'fetch' | 'signed' | 'timeout' | 'concurrency' | 'breaker'>
  readonly fetch: typeof fetch
  /** How metadata are read and kept. */
  readonly policy: CompleteKeyPolicy
  readonly allowedHosts: ReadonlySet<string>
  /** Milliseconds since the epoch; and the same, never going back. */
  readonly now: () => number
  readonly clock: () => number
}

/** Largest reply, in bytes after decompression. */
const mostBytes = 65_536

/** Statuses that say there is no endpoint here, or no longer. */
const elsewhere: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 404, 405, 410])

export function createIntrospectionClient(
  { issuer, description, policy, allowedHosts, now, clock, ...settings }: IntrospectionClientSettings,
): IntrospectionClient {
  const { endpoint, client, signed, timeout, concurrency, breaker } = description
  const fetch = description.fetch ?? settings.fetch
  const wanted = client.method === 'tls_client_auth' ? 'mtls_introspection_endpoint' : 'introspection_endpoint'
  const place = endpoint === undefined
    ? createLocator({ issuer, wanted, fetch: settings.fetch, policy: { ...policy, deadline: timeout }, allowedHosts, now: clock })
    : placeOf('introspection.endpoint', endpoint)
  const authenticate = createAuthentication(client, issuer)
  const gate = createBreaker({
    concurrency, lostAfter: 2000 * timeout, breaker: breaker && { failures: breaker.failures, pause: breaker.pause * 1000 }, now: clock,
  })
  let lookup: { readonly until: number; readonly url: Promise<URL> } | undefined

  /** However many tokens wait for it, the metadata are asked once; and once in a while where they say nothing. */
  function locate(): Promise<URL> {
    if (lookup !== undefined && clock() <= lookup.until) return lookup.url
    const begun = { until: clock() + timeout * 1000, url: withDeadline(timeout, (signal) => place.locate(signal)) }
    lookup = begun
    const end = (error?: unknown): void => {
      if (lookup !== begun) return
      lookup = error === undefined || error instanceof OutboundFault ? undefined : { ...begun, until: clock() + lookupPause }
    }
    begun.url.then(() => end(), end)
    return begun.url
  }

  const unavailable = (what: string): Problem => introspectionUnavailable(issuer, what)

  return {
    async ask(token) {
      const leave = gate.enter()
      if (leave === 'busy') return unavailable(`${concurrency} requests are under way`)
      if (leave === 'paused') return unavailable('paused after failures')
      let verdict: Verdict = 'unmade'
      let isAuthenticated = false
      try {
        return await withDeadline(timeout, async (signal) => {
          const { headers, parameters } = await authenticate(now() / 1000)
          isAuthenticated = true
          const url = await locate()
          const answer = await postForm(url, new URLSearchParams({ token, token_type_hint: 'access_token', ...parameters }), {
            fetch, maxBytes: mostBytes, signal, headers: { accept: signed ? 'application/token-introspection+jwt' : 'application/json', ...headers },
          })
          verdict = answer.status < 500 ? 'fine' : 'fault'
          if (elsewhere.has(answer.status)) place.doubt()
          return answer.status === 200 ? answer : unavailable(`${forLog(url)} answered ${answer.status}${hint(answer.status)}`)
        })
      } catch (error) {
        if (isAuthenticated) verdict = error instanceof OutboundFault ? 'fault' : 'fine'
        if (verdict === 'fault') place.doubt()
        return unavailable(describeFailure(error))
      } finally {
        leave(verdict)
      }
    },
    ready: () => locate().then(() => undefined, (error: unknown) => unavailable(describeFailure(error))),
  }
}

const hint = (status: number): string => (status === 400 || status === 401 || status === 403 ? ': look at clientId and what it authenticates with' : '')
