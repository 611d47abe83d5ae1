import { digestToken, nameOf } from './digest.js'
import { inactive, type IntrospectionCache, type IntrospectionReply } from './introspection-cache.js'
import type { IntrospectionClient } from './introspection-client.js'
import { introspectionUnavailable, readPlainReply, readSignedReply, type ReplySigner } from './introspection-reply.js'
import type { SharedReplies } from './shared-replies.js'
import type { IntrospectionDescription } from '../configuration/introspection.js'
import type { Claims } from '../claims/rule.js'
import { waitAtMost } from '../outbound/deadline.js'
import { isProblem, type Problem } from '../response/problem.js'

/** Asks one issuer about the tokens that are presented at one resource. */
export interface Introspector {
  readonly when: 'opaque' | 'always'
  /** True where replies are signed, and so keys are needed. */
  readonly signed: boolean
  /** Whether this issuer may be told of an opaque token at all. May throw, being the application's. */
  readonly recognises: (token: string) => boolean
  /**
   * What the issuer says of a token, now or within the TTL; else a problem, of the reason `introspection_unavailable` or, for a signed reply,
   * `keys_unavailable`. However many requests ask at once, the issuer is asked once. `isGood` tells how long to remember it. Never rejects.
   */
  ask(token: string, isGood: (claims: Claims) => boolean): Promise<IntrospectionReply | Problem>
  /** Finds the endpoint; else says why not. Never rejects. */
  ready(): Promise<Problem | undefined>
}

export interface IntrospectorSettings {
  readonly resource: string
  readonly description: Pick<IntrospectionDescription, 'when' | 'recognises' | 'endpoint' | 'signed' | 'ttl' | 'refusedTtl' | 'timeout'>
  readonly signer: ReplySigner
  readonly client: IntrospectionClient
  readonly cache: IntrospectionCache
  /** Replies that other instances see too. Undefined: none are shared. */
  readonly shared: SharedReplies | undefined
  /** Milliseconds since the epoch; and the same, never going back. */
  readonly now: () => number
  readonly clock: () => number
}

interface Flight {
  readonly begunAt: number
  readonly landed: Promise<IntrospectionReply | Problem>
}

export function createIntrospector({ resource, description, signer, client, cache, shared, now, clock }: IntrospectorSettings): Introspector {
  const { when, recognises, endpoint, signed, ttl, refusedTtl, timeout } = description
  const flights = new Map<string, Flight>()
  // Whatever has a say in the reply beside the token. What is remembered here is worth nothing elsewhere.
  const circumstances = JSON.stringify([signer.issuer, endpoint, signer.clientId, resource, signed])
  /** Longer than any flight takes that still has its timers: some runtimes drop what a request began once it is answered. */
  const patience = 1000 * (2 * timeout + 10)
  let prefix: string | undefined

  /** SHA-256, twice: of the circumstances and of the token. */
  async function keyOf(token: string): Promise<string> {
    prefix ??= await digestToken(circumstances)
    return prefix + (await digestToken(token))
  }

  /** A function of the tenant may have changed the TTL. What is shared is held against the reader's own. */
  const atTtl = (key: string): string => `${ttl} ${key}`

  /** The oldest come first. */
  function dropLost(at: number): void {
    for (const [key, { begunAt }] of flights) {
      if (at - begunAt < patience) return
      flights.delete(key)
    }
  }

  async function look(key: string, token: string, isGood: (claims: Claims) => boolean): Promise<IntrospectionReply | Problem> {
    const name = shared && ttl > 0 ? await nameOf(key) : undefined
    const known = name === undefined ? undefined : await shared?.get(name)
    if (known !== undefined) {
      const left = lifetime(known.reply, known.askedAt)
      if (left > 0 && isGood(known.reply.claims)) {
        cache.set('good', atTtl(key), known.reply, clock() + left)
        return known.reply
      }
    }
    const askedAt = now()
    const answer = await client.ask(token)
    if (isProblem(answer)) return answer
    const reply = signed ? await readSignedReply(answer, signer, now() / 1000) : readPlainReply(answer, signer.issuer)
    if (isProblem(reply)) return reply
    const good = isGood(reply.claims)
    // What time alone makes good is good for no longer than if it had been.
    const left = good ? lifetime(reply, askedAt) : 1000 * (reply === inactive ? refusedTtl : Math.min(refusedTtl, ttl))
    if (left > 0) cache.set(good ? 'good' : 'refused', atTtl(key), reply, clock() + left)
    if (left > 0 && good && name !== undefined) shared?.set(name, { askedAt, reply }, left / 1000)
    return reply
  }

  /** For how many milliseconds from now a good reply may be used. Its `exp`, if it has one, is a number: it was judged. */
  function lifetime({ claims }: IntrospectionReply, askedAt: number): number {
    const at = now()
    const exp = claims['exp'] as number | undefined
    return Math.min(Math.min(askedAt, at) + ttl * 1000, exp === undefined ? Infinity : exp * 1000) - at
  }

  return {
    when,
    signed,
    recognises,
    ready: client.ready,
    async ask(token, isGood) {
      const key = await keyOf(token)
      const at = clock()
      const known = cache.get(atTtl(key), at)
      if (known !== undefined) return known
      const current = flights.get(key)
      if (current !== undefined && at - current.begunAt < patience) {
        const landed = await waitAtMost(current.begunAt + patience - at, current.landed)
        return landed ?? introspectionUnavailable(signer.issuer, 'no answer in time')
      }
      dropLost(at)
      const flight = { begunAt: at, landed: look(key, token, isGood) }
      flights.set(key, flight)
      try {
        return await flight.landed
      } finally {
        if (flights.get(key) === flight) flights.delete(key)
      }
    },
  }
}
