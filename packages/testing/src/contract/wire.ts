import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'

/** One HTTP/1.1 request, sent as it is written here: no library has a say in how it looks on the wire. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: string
  /** The request target, any spelling: `/a//b`, `/%61`, `http://host/a`. */
  readonly target: string
  /** Beside `Host`, unless there is a `host` here; one line each. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** One HTTP response, with every header line as it came. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** The values of a header, one for each line. */
export const lines = (answer: Answer, name: string): readonly string[] =>
  answer.headers.filter(([given]) => given === name).map(([, value]) => value)

/** The members of a list header, in lower case, over all of its lines (RFC 9110 §5.6.1). */
export const members = (answer: Answer, name: string): readonly string[] =>
  lines(answer, name).flatMap((line) => line.split(',')).map((member) => member.trim().toLowerCase()).filter(Boolean)

/** A connection to 127.0.0.1 on which requests are sent one after the other. */
export interface Connection {
  send(request: HttpRequest): Promise<Answer>
  close(): void
}

export function open(port: number, host = '127.0.0.1'): Connection {
  const socket = connect({ port, host, noDelay: true })
  // A failure to connect is told by the `send` that waits for it.
  socket.on('error', () => {})
  return {
    send: async (request) => {
      const answer = receive(socket, request.method === 'HEAD')
      socket.write(serialise(request, `${host}:${port}`))
      return answer
    },
    close: () => socket.destroy(),
  }
}

/** Sends one request on a connection of its own. */
export async function send(port: number, request: HttpRequest, host?: string): Promise<Answer> {
  const connection = open(port, host)
  try {
    return await connection.send(request)
  } finally {
    connection.close()
  }
}

export function serialise({ method = 'GET', target, headers = [], body }: HttpRequest, host: string): Buffer {
  const given = new Set(headers.map(([name]) => name.toLowerCase()))
  const all = [
    ...(given.has('host') ? [] : [['Host', host] as const]),
    ...headers,
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
  ]
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')])
}

/** Collects what comes until one whole response is there (RFC 9112 §6); at most 5 s. */
function receive(socket: Socket, bodiless: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const settle = (settled: () => void): void => {
      clearTimeout(timer)
      socket.off('data', more).off('close', closed).off('error', failed)
      settled()
    }
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer within 5 s; so far: ${received.toString('latin1')}`))), 5000)
    const more = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk])
      const answer = parse(received, bodiless, false)
      if (answer) settle(() => resolve(answer))
    }
    const closed = (): void => {
      const answer = parse(received, bodiless, true)
      settle(() => (answer ? resolve(answer) : reject(new Error('the connection was closed without an answer'))))
    }
    const failed = (error: Error): void => settle(() => reject(error))
    socket.on('data', more).on('close', closed).on('error', failed)
  })
}

function parse(received: Buffer, bodiless: boolean, ended: boolean): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [start = '', ...fields] = received.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(start)?.[1])
  const headers = fields.map((field) => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
  })
  const rest = received.subarray(end + 4)
  const body = bodiless || status === 204 || status === 304 ? rest : bodyOf(rest, new Map(headers), ended)
  return body && { status, headers, body: body.toString() }
}

function bodyOf(rest: Buffer, headers: ReadonlyMap<string, string>, ended: boolean): Buffer | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return dechunk(rest)
  const length = headers.get('content-length')
  if (length === undefined) return ended ? rest : undefined
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined
}

function dechunk(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at)
    if (line === -1) return undefined
    const size = Number.parseInt(rest.subarray(at, line).toString('latin1'), 16)
    if (rest.length < line + 2 + size + 2) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(rest.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
