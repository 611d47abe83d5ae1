// @ts-check
import { serve } from '@hono/node-server'
import { resourceGuard } from '@resource-guard/fetch'
import { addPhoto, photosOf } from '../photos.js'

/** @param {import('./settings.js').Settings} settings */
export function photosOnFetch({ origin, issuer, introspection, port, ...demo }) {
  // The line. A handler that it wraps is only reached with a token for exactly this resource and this tenant.
  const guarded = resourceGuard({
    resource: `${origin}/{tenant}/photos`,
    tenants: { tenant: ['acme', 'globex'] },
    authorizationServers: [{ issuer, introspection }],
    scopesSupported: ['photos:read', 'photos:write'],
    challengeScopes: ['photos:read'],
    ...demo,
  })

  const list = guarded((_request, { variables, clientId }) =>
    Response.json({ tenant: variables.tenant, client: clientId, photos: photosOf(variables.tenant) }),
  { scope: 'photos:read' })

  const add = guarded((_request, { variables, clientId }) =>
    Response.json({ tenant: variables.tenant, client: clientId, added: addPhoto(variables.tenant) }, { status: 201 }),
  { scope: 'photos:write' })

  return serve({ fetch: (request) => (request.method === 'POST' ? add(request) : list(request)), port, hostname: '127.0.0.1' })
}
