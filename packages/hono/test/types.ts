// Compiled, never run: what must compile, and what must not.
import { Hono } from 'hono'
import { createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/hono'
import type { Guarded, Principal, ResourceGuardOptions } from '@resource-guard/hono'

const options = { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }
declare const unseen: ResourceGuardOptions

// Where the guard is known to have run, there is somebody.
new Hono()
  .use(resourceGuard(options))
  .get('/me', (c) => {
    const principal: Principal = c.var.principal
    return c.json([principal.subject, c.get('principal').subject, principalOf(c).subject])
  })
  .post('/me', requireScope('photos:write'), (c) => c.json(c.var.principal.subject))

new Hono().use(resourceGuard({ ...options, outside: 'refuse', preflight: 'guard', metadata: 'elsewhere' })).get('/me', (c) => c.json(c.var.principal.subject))
new Hono<{ Bindings: { photos: string }; Variables: { colour: string } }>()
  .use(resourceMetadata(options), resourceGuard(options))
  .get('/me/:id', (c) => c.json([c.var.principal.subject, c.var.colour, c.env.photos, c.req.param('id')]))

// Where it is not, there may be nobody; behind requireScope there is somebody again.
for (const guard of [
  resourceGuard({ ...options, outside: 'pass' }),
  resourceGuard({ ...options, preflight: 'pass' }),
  resourceGuard({ resources: [options], outside: 'pass' }),
  resourceGuard(unseen),
  resourceGuard(createResourceGuard(options)),
]) {
  new Hono()
    .use(guard)
    .get('/photos', requireScope('photos:read'), (c) => c.json(c.var.principal.subject))
    .get('/me', (c) => c.json([c.var.principal?.subject, principalOf(c).subject]))
    // @ts-expect-error there may be nobody
    .get('/me', (c) => c.json(c.var.principal.subject))
}
// @ts-expect-error there may be nobody
new Hono().use(resourceGuard({ ...options, outside: 'pass' })).get('/me', (c) => c.json(c.var.principal.subject))
// @ts-expect-error there may be nobody
new Hono().use(resourceGuard({ ...options, preflight: 'pass' })).get('/me', (c) => c.json(c.var.principal.subject))
// @ts-expect-error there may be nobody
new Hono().use(resourceGuard(unseen)).get('/me', (c) => c.json(c.var.principal.subject))
// @ts-expect-error there may be nobody
new Hono().use(resourceGuard(createResourceGuard(options))).get('/me', (c) => c.json(c.var.principal.subject))

// Handlers that are not chained say it themselves.
const unchained = new Hono<{ Variables: Guarded }>()
unchained.use(resourceGuard(options))
unchained.get('/me', (c) => c.json([c.var.principal?.subject, principalOf(c).subject]))
unchained.get('/photos', requireScope('photos:read'), (c) => c.json(c.var.principal.subject))
// @ts-expect-error there may be nobody
unchained.get('/me', (c) => c.json(c.var.principal.subject))

// @ts-expect-error no guard
new Hono().get('/me', (c) => c.json(c.var.principal))
// @ts-expect-error no scope
requireScope()
// @ts-expect-error a resource, and who issues tokens for it, must be said
resourceGuard({ resource: 'https://api.example.com' })
// @ts-expect-error a misspelt option
resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'], outsde: 'pass' })
// @ts-expect-error not one of the two
resourceGuard({ ...options, outside: 'allow' })
