import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { createMcpGuard, protectMcp, type AuthInfo } from '@resource-guard/mcp'
import { protectMcp as protectHono } from '@resource-guard/mcp/hono'
import { Hono } from 'hono'

// Compiled, never run: what users write, under the strictest settings.

const options = { resource: 'https://mcp.example.com/mcp', authorizationServers: ['https://login.example.com'] }
const transport = new WebStandardStreamableHTTPServerTransport({})
const handler = createMcpHandler(() => new McpServer({ name: 'x', version: '1' }))

protectMcp(handler, options)
protectMcp(handler, createMcpGuard(options))
protectMcp((request, { authInfo }) => transport.handleRequest(request, { authInfo }), options)
protectMcp((request, { authInfo }) => transport.handleRequest(request, { authInfo }), { ...options, onRefused: (problem) => void problem.reason, onBlocked: (reason) => void reason })
protectMcp((_request, { principal }) => new Response(principal.subject), options)
// @ts-expect-error a preflight has no principal
protectMcp((_request, { principal }) => new Response(principal.subject), { ...options, preflight: 'pass' })
// @ts-expect-error the options of a guard cannot be seen
protectMcp((_request, { principal }) => new Response(principal.subject), createMcpGuard(options))

new Hono().use(protectHono(options)).all('/mcp', (c) => handler.fetch(c.req.raw, { authInfo: c.var.authInfo }))
new Hono().use(protectHono(options)).all('/mcp', (c) => transport.handleRequest(c.req.raw, { authInfo: c.var.authInfo }))
new Hono().use(protectHono({ ...options, outside: 'pass' })).all('/mcp', (c) => {
  // @ts-expect-error a request from outside has no AuthInfo
  const info: AuthInfo = c.var.authInfo
  return c.json(info)
})
