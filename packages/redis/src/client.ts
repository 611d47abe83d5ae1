import { ConfigurationError } from '@resource-guard/core'

/**
 * Sends one command and brings its reply: strings as strings, nil as null. Rejects on an error reply, and sooner or later on a
 * command that gets none. `signal` aborts when the store has given up the command: a client that can take it off its queue should.
 */
export type SendCommand = (args: readonly string[], signal: AbortSignal) => Promise<unknown>

/** What is used of node-redis: `createClient()` or `createClientPool()`, version 5 or 6. */
export interface NodeRedisClient {
  sendCommand(args: string[], options?: { readonly abortSignal?: AbortSignal; readonly timeout?: number }): Promise<unknown>
}

/** What is used of ioredis: `new Redis()` or `new Cluster()`, version 5 or 6. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
}

export type RedisClient = NodeRedisClient | IoRedisClient | SendCommand

/** Sends one command, whatever the client. `signal` makes the signal, which not every client can use. Throws nothing: it rejects. */
export type Sender = (args: readonly string[], signal: () => AbortSignal) => Promise<unknown>

/** Throws a ConfigurationError if `client` is none of these, or would end the process when the server goes down. */
export function senderOf(client: RedisClient): Sender {
  if (typeof client === 'function') return async (args, signal) => client(args, signal())
  if (hasMethod(client, 'call')) return async ([command = '', ...args]) => client.call(command, ...args)
  if (!hasMethod(client, 'sendCommand')) {
    throw new ConfigurationError('client', 'must be a client of node-redis or ioredis, or a function that sends one command: (args) => Promise')
  }
  // Those of a cluster and of sentinels take the key or the kind of access first.
  if (client.sendCommand.length > 2) {
    const functions = '(args) => cluster.sendCommand(args[1], false, args) or (args) => sentinel.sendCommand(false, args)'
    throw new ConfigurationError('client', `is a node-redis cluster or sentinel: give a function, ${functions}`)
  }
  if (hasMethod(client, 'listenerCount') && client.listenerCount('error') === 0) {
    const fix = "add client.on('error', (error) => log(error)) before"
    throw new ConfigurationError('client', `has no listener for 'error', so that node-redis would end the process when Redis goes down: ${fix}`)
  }
  // The signal takes the place of node-redis' own timeout, 5 s by default, for which it would make another one.
  return async (args, signal) => client.sendCommand([...args], { abortSignal: signal(), timeout: 0 })
}

const hasMethod = <T extends object, N extends string>(value: T, name: N): value is T & Record<N, (...args: string[]) => unknown> =>
  typeof value === 'object' && value !== null && name in value && typeof (value as Record<string, unknown>)[name] === 'function'
