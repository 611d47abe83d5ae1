// Compiled, never run: what must compile, and what must not.
import Fastify from 'fastify'
import { createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/fastify'
import type { Principal, ResourceGuardOptions } from '@resource-guard/fastify'

declare const options: ResourceGuardOptions
const app = Fastify()

await app.register(resourceGuard, { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] })
await app.register(resourceGuard, options)
await app.register(resourceGuard, createResourceGuard(options))
await app.register(resourceMetadata, options)
await app.register(resourceGuard, { resources: [{ resource: 'https://api.example.com/a' }], authorizationServers: ['https://login.example.com'] })

app.get('/photos', { config: { scope: 'photos:read' } }, (request): Principal => principalOf(request))
app.get('/photos/all', { config: { scope: ['photos:read', 'photos:list'] } }, (request) => request.principal?.subject)
app.get('/health', { config: { public: true } }, () => 'ok')
app.get<{ Params: { id: string }; Reply: { 200: string } }>('/photos/:id', { preHandler: requireScope('photos:read') }, async (request, reply) => {
  const id: string = request.params.id
  await reply.code(200).send(`${id} ${principalOf(request).variables['tenant']}`)
})

const http2 = Fastify({ http2: true })
await http2.register(resourceGuard, options)
http2.get('/photos', { preHandler: [requireScope('photos:read')] }, (request) => principalOf(request).subject)

// @ts-expect-error on a public route there is nobody
app.get('/me', (request) => request.principal.subject)
// @ts-expect-error not a scope
app.get('/me', { config: { scope: 1 } }, () => 'ok')
// @ts-expect-error a yes or no
app.get('/me', { config: { public: 'yes' } }, () => 'ok')
// @ts-expect-error no scope
requireScope()
// @ts-expect-error a resource, and who issues tokens for it, must be said
await app.register(resourceGuard, { resource: 'https://api.example.com' })
// @ts-expect-error not one of the two
await app.register(resourceGuard, { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'], outside: 'allow' })
