import { ConfigurationError, StoreError } from '@resource-guard/core'
import type { Store } from '@resource-guard/core'
import { senderOf, type RedisClient } from './client.js'
import { asStoreError } from './failure.js'

export interface RedisStoreOptions {
  /**
   * What every key begins with, 1 to 128 characters: keeps guards apart that share a server and should share nothing else.
   * Default `resource-guard:`.
   */
  readonly prefix?: string
  /** Longest time from asking to answer, in seconds, after which a command is given up. Default 0.5; from 0.01 to 60. */
  readonly deadline?: number
  /**
   * Most commands that the client may hold without having settled them, those given up included. Further ones are rejected at
   * once, so that an outage fills no memory with queued commands. Default 10000.
   */
  readonly pending?: number
}

/** The longest `ttl`, in seconds: 100 years. */
const longestTtl = 100 * 365 * 24 * 3600

/**
 * A Store in Redis (6.2 or later) or Valkey, over a client that you have made and connected: for many instances.
 *
 * ```ts
 * const client = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error.message))
 * await client.connect()
 * const store = redisStore(client)
 * ```
 *
 * One command for each operation: `GET`, `SET ... PX`, and for `add` `SET ... PX ... NX`, which the server does atomically. Every
 * operation settles within `deadline`. One that fails rejects with a StoreError, whose `code` is `STORE_TIMEOUT`, `STORE_BUSY`
 * (more than `pending`), `STORE_REPLY` (a reply of another kind), the word that Redis put first (`OOM`, `READONLY`, ...), or what
 * the client calls it (`ECONNREFUSED`); nothing is tried again. An `add` that was given up may still have been done. Keys and
 * values that are not well-formed Unicode, which could not be told apart on the wire, and a `ttl` that is no number of seconds
 * above 0, reject with a RangeError.
 *
 * What is not checked: that the server evicts nothing (`maxmemory-policy noeviction`), and how much a failover loses.
 *
 * Throws a ConfigurationError for wrong options.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): Store {
  const { prefix, deadline, pending: mostPending } = complete(options)
  const send = senderOf(client)
  let pending = 0

  function command(...args: readonly string[]): Promise<unknown> {
    if (pending >= mostPending) throw new StoreError('STORE_BUSY', `the client holds ${pending} commands that it has not settled`)
    pending++
    return new Promise((resolve, reject) => {
      let controller: AbortController | undefined
      // Where the process itself was held up, the reply may be there unread: one more turn of the event loop reads it first.
      let timer = setTimeout(() => {
        timer = setTimeout(giveUp, 0)
      }, deadline * 1000)

      function giveUp(): void {
        reject(new StoreError('STORE_TIMEOUT', `no answer within ${deadline} s`))
        controller?.abort()
      }

      function settle(how: (result: unknown) => void, result: unknown): void {
        pending--
        clearTimeout(timer)
        how(result)
      }

      send(args, () => (controller ??= new AbortController()).signal).then(
        (reply) => settle(resolve, reply),
        (error: unknown) => settle(reject, asStoreError(error)),
      )
    })
  }

  async function write(key: string, value: string, ttl: number, ...conditions: readonly string[]): Promise<boolean> {
    const pair = [prefix + wellFormed('key', key), wellFormed('value', value)]
    const reply = await command('SET', ...pair, 'PX', String(millisecondsOf(ttl)), ...conditions)
    if (reply === 'OK') return true
    if (reply === null && conditions.includes('NX')) return false
    throw unexpected('SET')
  }

  return {
    async get(key) {
      const reply = await command('GET', prefix + wellFormed('key', key))
      if (reply === null) return undefined
      if (typeof reply === 'string') return reply
      throw unexpected('GET')
    },
    async set(key, value, ttl) {
      await write(key, value, ttl)
    },
    add: (key, value, ttl) => write(key, value, ttl, 'NX'),
  }
}

const unexpected = (command: string): StoreError =>
  new StoreError('STORE_REPLY', `the reply to ${command} is none that Redis gives: strings must come as strings, and nil as null`)

/** UTF-8 has no lone surrogates: what is sent in their place would make one key of two. */
function wellFormed(what: string, text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError(`${what} must be well-formed Unicode`)
  return text
}

/** Rounded up: a mark may be kept a little longer than asked, never shorter. */
function millisecondsOf(ttl: number): number {
  if (typeof ttl !== 'number' || !(ttl > 0 && ttl <= longestTtl)) {
    throw new RangeError(`ttl must be a number of seconds greater than 0, at most ${longestTtl}`)
  }
  return Math.ceil(ttl * 1000)
}

function complete(options: RedisStoreOptions): Required<RedisStoreOptions> {
  const { prefix = 'resource-guard:', deadline = 0.5, pending = 10_000, ...others } = options
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new ConfigurationError(unknown, 'is not an option; there are: prefix, deadline, pending')
  if (typeof prefix !== 'string' || !/^\P{Surrogate}{1,128}$/su.test(prefix)) {
    throw new ConfigurationError('prefix', 'must be a string of 1 to 128 characters')
  }
  if (typeof deadline !== 'number' || !(deadline >= 0.01 && deadline <= 60)) {
    throw new ConfigurationError('deadline', 'must be a number from 0.01 to 60 (seconds)')
  }
  if (!Number.isSafeInteger(pending) || pending < 1) throw new ConfigurationError('pending', 'must be a whole number, 1 or more')
  return { prefix, deadline, pending }
}
