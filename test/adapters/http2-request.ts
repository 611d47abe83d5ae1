import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type { Http2Server, ServerHttp2Stream } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'

/**
 * Sends one HTTP/2 request frame by frame (RFC 9113 §4, RFC 7541 §6.2.2), because Node's own client refuses a second
 * `authorization`, and resolves with the status that the server sent. Closes the server.
 */
export async function statusOverHttp2(server: Http2Server, fields: readonly (readonly [name: string, value: string])[]): Promise<number> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  try {
    const streamed = once(server, 'stream') as Promise<[ServerHttp2Stream]>
    const pseudo = [[':method', 'GET'], [':scheme', 'http'], [':path', '/photos'], [':authority', 'api.example.com']] as const
    const headers = Buffer.concat([...pseudo, ...fields].map(([name, value]) => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])))
    const endOfStreamAndHeaders = 0x5
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(0x4, 0, 0, Buffer.alloc(0)), frame(0x1, endOfStreamAndHeaders, 1, headers)]))
    const [stream] = await streamed
    if (!stream.closed) await once(stream, 'close')
    return stream.sentHeaders[':status'] as number
  } finally {
    socket.destroy()
    server.close()
  }
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A string without Huffman coding; its length with a prefix of 7 bits (RFC 7541 §5.1, §5.2). */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = [Math.min(bytes.length, 127)]
  if (bytes.length >= 127) {
    let rest = bytes.length - 127
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), bytes])
}
