// Compiled against the installed packages, never run: every entry, and what it gives to a user's types.
import { createServer } from 'node:http'
import { createResourceGuard, type Outcome, type Principal, type ResourceGuard, type ResourceGuardOptions } from '@resource-guard/core'
import { principalOf as onExpress, requireScope, resourceGuard as expressGuard } from '@resource-guard/express'
import { principalOf as onFastify, resourceGuard as fastifyGuard } from '@resource-guard/fastify'
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
import { protectMcp } from '@resource-guard/mcp'
import { protectMcp as protectExpress } from '@resource-guard/mcp/express'
import { protectMcp as protectFastify } from '@resource-guard/mcp/fastify'
import { protectMcp as protectHono } from '@resource-guard/mcp/hono'
import { protectMcp as protectNode } from '@resource-guard/mcp/node'
import { tokenVerifier as verifierV1 } from '@resource-guard/mcp/sdk-v1'
import { tokenVerifier as verifierV2 } from '@resource-guard/mcp/sdk-v2'
import { redisStore, type Store } from '@resource-guard/redis'
import { adapterContract, createTestIssuer, type TestIssuer } from '@resource-guard/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'

const options: ResourceGuardOptions = { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }
export const guard: ResourceGuard = createResourceGuard(options)
export const outcome: Promise<Outcome> | Outcome = guard.handle(new Request('https://api.example.com/photos'))

export const onExpressApp = express().use(expressGuard(options)).get('/photos', requireScope('photos:read'), (request, response) => {
  response.send(onExpress(request).subject)
})
export const onFastifyApp = async (): Promise<void> => {
  const app = fastify()
  await app.register(fastifyGuard, options)
  app.get('/photos', { config: { scope: 'photos:read' } }, (request) => onFastify(request).subject)
}
export const onHonoApp = new Hono()
  .use(honoGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }))
  .get('/photos', (c) => c.text(c.var.principal.subject ?? ''))
export const onFetch: (request: Request) => Promise<Response> = fetchGuard(options)((_request, principal) => new Response((principal satisfies Principal | undefined)?.subject ?? null))

export const onMcp: (request: Request) => Promise<Response> = protectMcp((_request, { principal }) => new Response(principal?.subject ?? null), options)
export const onMcpExpress = express().use(protectExpress(options))
export const onMcpFastify = async () => fastify().register(protectFastify, options)
export const onMcpHono = new Hono().use(protectHono(options))
export const onMcpNode = createServer(protectNode((_req, res) => res.end(), options))
export const verifiers = [verifierV1(options), verifierV2(options)]
export const store: Store = redisStore({ sendCommand: async (_args: string[]) => null })

export const issuer: Promise<TestIssuer> = createTestIssuer()
export const rows: number = adapterContract.length
// @ts-expect-error the packages are typed: a guard cannot be made of nothing
createResourceGuard({})
