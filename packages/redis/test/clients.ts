import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createClient, createClientPool } from 'redis'
import { createClient as createClient5 } from 'redis5'
import type { RedisClient } from '@resource-guard/redis'
import { rawClient } from './raw-client.js'

export interface Connected {
  readonly client: RedisClient
  close(): unknown
}

/** Every kind of client as its own documentation has it made, connected to a server on this machine. */
export const clients: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  'node-redis': async (port) => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  'node-redis, RESP2': async (port) => {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 2 })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  'node-redis 5': async (port) => {
    const client = createClient5({ url: `redis://127.0.0.1:${port}` })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  'a node-redis pool': async (port) => {
    const pool = createClientPool({ url: `redis://127.0.0.1:${port}` })
    pool.on('error', () => {})
    await pool.connect()
    return { client: pool, close: () => pool.destroy() }
  },
  ioredis: async (port) => {
    const client = new Redis(port, '127.0.0.1')
    client.on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
  'ioredis 5': async (port) => {
    const client = new Redis5(port, '127.0.0.1')
    client.on('error', () => {})
    return { client, close: () => client.disconnect() }
  },
  'one function that sends a command': async (port) => {
    const { send, close } = rawClient(port)
    return { client: send, close }
  },
}
