// @ts-check
import { randomUUID } from 'node:crypto'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { notesV1 } from './notes.js'

// SDK v1 has one transport for each session. The guard has seen to it that a session comes from its owner only.

/**
 * The transport of a session, or a new one.
 *
 * @template {StreamableHTTPServerTransport | WebStandardStreamableHTTPServerTransport} T
 * @param {(options: {
 *   sessionIdGenerator: () => string,
 *   onsessioninitialized: (id: string) => void,
 *   onsessionclosed: (id: string) => void,
 * }) => T} create
 */
function sessions(create) {
  /** @type {Map<string, T>} */
  const transports = new Map()
  return async (/** @type {string | readonly string[] | null | undefined} */ id) => {
    const known = typeof id === 'string' ? transports.get(id) : undefined
    if (known) return known
    const transport = create({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (opened) => void transports.set(opened, transport),
      onsessionclosed: (closed) => void transports.delete(closed),
    })
    await notesV1().connect(transport)
    return transport
  }
}

export const nodeSessions = () => sessions((options) => new StreamableHTTPServerTransport(options))
export const webSessions = () => sessions((options) => new WebStandardStreamableHTTPServerTransport(options))
