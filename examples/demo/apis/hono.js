// @ts-check
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { requireScope, resourceGuard } from '@resource-guard/hono'
import { addPhoto, photosOf } from '../photos.js'

/** @param {import('./settings.js').Settings} settings */
export function photosOnHono({ origin, issuer, introspection, port, ...demo }) {
  // The line. What comes after it is only reached with a token for exactly this resource and this tenant.
  const app = new Hono().use(resourceGuard({
    resource: `${origin}/{tenant}/photos`,
    tenants: { tenant: ['acme', 'globex'] },
    authorizationServers: [{ issuer, introspection }],
    scopesSupported: ['photos:read', 'photos:write'],
    challengeScopes: ['photos:read'],
    ...demo,
  }))

  app.get('/:tenant/photos', requireScope('photos:read'), (c) => {
    const { variables, clientId } = c.var.principal
    return c.json({ tenant: variables.tenant, client: clientId, photos: photosOf(variables.tenant) })
  })

  app.post('/:tenant/photos', requireScope('photos:write'), (c) => {
    const { variables, clientId } = c.var.principal
    return c.json({ tenant: variables.tenant, client: clientId, added: addPhoto(variables.tenant) }, 201)
  })

  return serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
}
