// Compiled against the installed packages, never run: every entry, and what it gives to a user's types.
import { createResourceGuard, type Outcome, type Principal, type ResourceGuard, type ResourceGuardOptions } from '@resource-guard/core'
import { principalOf as onExpress, requireScope, resourceGuard as expressGuard } from '@resource-guard/express'
import { principalOf as onFastify, resourceGuard as fastifyGuard } from '@resource-guard/fastify'
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
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

export const issuer: Promise<TestIssuer> = createTestIssuer()
export const rows: number = adapterContract.length
// @ts-expect-error the packages are typed: a guard cannot be made of nothing
createResourceGuard({})
