import { connect, type Socket } from 'node:net'
import type { SendCommand } from '@resource-guard/redis'

interface Waiting {
  resolve(reply: unknown): void
  reject(error: Error): void
}

/** The least that can send a command: RESP2 over one socket, which is opened when a command needs it. */
export function rawClient(port: number): { readonly send: SendCommand; close(): void } {
  let socket: Socket | undefined
  let waiting: Waiting[] = []
  let received = Buffer.alloc(0)

  function open(): Socket {
    const opened = connect(port, '127.0.0.1')
    received = Buffer.alloc(0)
    const lose = (error: Error): void => {
      if (socket !== opened) return
      socket = undefined
      for (const { reject } of waiting.splice(0)) reject(error)
    }
    opened.on('error', lose).on('close', () => lose(new Error('the connection was closed')))
    opened.on('data', (data) => {
      received = Buffer.concat([received, data])
      for (let reply = parse(received); reply; reply = parse(received)) {
        received = received.subarray(reply.length)
        const asker = waiting.shift()
        if (reply.value instanceof Error) asker?.reject(reply.value)
        else asker?.resolve(reply.value)
      }
    })
    return opened
  }

  return {
    send: (args) =>
      new Promise((resolve, reject) => {
        socket ??= open()
        waiting.push({ resolve, reject })
        socket.write([`*${args.length}`, ...args.flatMap((arg) => [`$${Buffer.byteLength(arg)}`, arg]), ''].join('\r\n'))
      }),
    close: () => {
      waiting = []
      socket?.destroy()
    },
  }
}

/** The first reply in the bytes, and how many of them it takes; undefined while it is not all there. Simple strings, errors, bulk strings and nil. */
function parse(bytes: Buffer): { readonly value: unknown; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n')
  if (end < 0) return undefined
  const [kind, text] = [bytes.toString('latin1', 0, 1), bytes.toString('utf8', 1, end)]
  if (kind === '+') return { value: text, length: end + 2 }
  if (kind === '-') return { value: new Error(text), length: end + 2 }
  if (kind !== '$') throw new Error(`a reply of the kind ${kind}`)
  const size = Number(text)
  if (size < 0) return { value: null, length: end + 2 }
  const length = end + 2 + size + 2
  return bytes.length < length ? undefined : { value: bytes.toString('utf8', end + 2, end + 2 + size), length }
}
