import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp as protectFetch, type AuthInfo, type McpOptions } from '@resource-guard/mcp'
import { protectMcp as protectExpress } from '@resource-guard/mcp/express'
import { protectMcp as protectFastify } from '@resource-guard/mcp/fastify'
import { protectMcp as protectHono } from '@resource-guard/mcp/hono'
import { protectMcp as protectNode, type McpListener, type McpMessage } from '@resource-guard/mcp/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { notesV1, notesV2 } from './notes-server.js'

/** A guarded MCP server that listens on 127.0.0.1; its endpoint is `/mcp`. */
export interface RunningServer {
  readonly origin: string
  close(): Promise<void>
}

/** SDK v1 keeps a transport for each session. What it would do with requests of no session is its own affair. */
function sessionsV1<T extends { readonly sessionId?: string | undefined }>(create: (opened: (id: string) => void) => Promise<T>) {
  const transports = new Map<string, T>()
  return async (id: string | null | undefined): Promise<T> => {
    const known = id && transports.get(id)
    if (known) return known
    const transport = await create((opened) => transports.set(opened, transport))
    return transport
  }
}

const nodeTransport = () =>
  sessionsV1(async (onsessioninitialized) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID(), onsessioninitialized })
    await notesV1().connect(transport as never)
    return transport
  })

const webTransport = () =>
  sessionsV1(async (onsessioninitialized) => {
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID(), onsessioninitialized })
    await notesV1().connect(transport as never)
    return transport
  })

function onNodeV1(): McpListener {
  const transportOf = nodeTransport()
  return async (req, res, body) => (await transportOf(req.headers['mcp-session-id'] as string | undefined)).handleRequest(req, res, body)
}

function onFetchV1(): (request: Request, call: { readonly authInfo?: AuthInfo | undefined }) => Promise<Response> {
  const transportOf = webTransport()
  return async (request, { authInfo }) => (await transportOf(request.headers.get('mcp-session-id'))).handleRequest(request, authInfo ? { authInfo } : {})
}

const onNodeV2 = (): McpListener => toNodeHandler(createMcpHandler(notesV2))

type Create = (options: McpOptions) => RequestListener | Promise<RequestListener>

function onExpress(listener: McpListener): Create {
  return (options) => {
    const app = express()
    app.use(protectExpress(options))
    app.all('/mcp', express.json(), (req, res) => void listener(req as unknown as McpMessage, res, req.body))
    return app as unknown as RequestListener
  }
}

function onFastify(listener: McpListener): Create {
  return async (options) => {
    let handle: RequestListener | undefined
    const app = fastify({ serverFactory: (handler) => createServer((handle = handler as RequestListener)), forceCloseConnections: true })
    await app.register(protectFastify, options)
    app.all('/mcp', async (request, reply) => {
      reply.hijack()
      await listener(request.raw as McpMessage, reply.raw, request.body)
    })
    await app.ready()
    return handle as unknown as RequestListener
  }
}

function onHono(answer: (request: Request, call: { readonly authInfo?: AuthInfo | undefined }) => Promise<Response>): Create {
  return (options) => {
    const app = new Hono().use(protectHono(options)).all('/mcp', (c) => answer(c.req.raw, { authInfo: c.var.authInfo }))
    return getRequestListener(app.fetch)
  }
}

/** Behind a proxy that has its own opinion: every SDK on every framework. */
export const servers: Readonly<Record<string, () => { readonly sdk: 'v1' | 'v2'; readonly create: Create }>> = {
  'Express, SDK v1': () => ({ sdk: 'v1', create: onExpress(onNodeV1()) }),
  'Express, SDK v2': () => ({ sdk: 'v2', create: onExpress(onNodeV2()) }),
  'Fastify, SDK v1': () => ({ sdk: 'v1', create: onFastify(onNodeV1()) }),
  'Fastify, SDK v2': () => ({ sdk: 'v2', create: onFastify(onNodeV2()) }),
  'Hono, SDK v1': () => ({ sdk: 'v1', create: onHono(onFetchV1()) }),
  'Hono, SDK v2': () => {
    const handler = createMcpHandler(notesV2)
    return { sdk: 'v2', create: onHono((request, { authInfo }) => handler.fetch(request, authInfo ? { authInfo } : {})) }
  },
  'node:http, SDK v1': () => ({ sdk: 'v1', create: (options) => protectNode(onNodeV1(), options) }),
  'node:http, SDK v2': () => ({ sdk: 'v2', create: (options) => protectNode(onNodeV2(), options) }),
  'fetch, SDK v1': () => ({ sdk: 'v1', create: (options) => getRequestListener(protectFetch(onFetchV1(), options)) }),
  'fetch, SDK v2': () => ({ sdk: 'v2', create: (options) => getRequestListener(protectFetch(createMcpHandler(notesV2), options)) }),
}

/** Starts one; `options` may need to know where it listens. */
export async function startServer(create: Create, options: (origin: string) => McpOptions): Promise<RunningServer> {
  let listener: RequestListener = (_req: unknown, res: ServerResponse) => void res.writeHead(503).end()
  const server = createServer((req, res) => void listener(req, res))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  listener = await create(options(origin))
  return {
    origin,
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}
