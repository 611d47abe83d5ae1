// @ts-check
import Fastify from 'fastify'
import { principalOf, resourceGuard } from '@resource-guard/fastify'
import { addPhoto, photosOf } from '../photos.js'

/** @param {import('./settings.js').Settings} settings */
export async function photosOnFastify({ origin, issuer, introspection, port, ...demo }) {
  const app = Fastify()

  // The line. What comes after it is only reached with a token for exactly this resource and this tenant.
  await app.register(resourceGuard, {
    resource: `${origin}/{tenant}/photos`,
    tenants: { tenant: ['acme', 'globex'] },
    authorizationServers: [{ issuer, introspection }],
    scopesSupported: ['photos:read', 'photos:write'],
    challengeScopes: ['photos:read'],
    ...demo,
  })

  app.get('/:tenant/photos', { config: { scope: 'photos:read' } }, (request) => {
    const { variables, clientId } = principalOf(request)
    return { tenant: variables.tenant, client: clientId, photos: photosOf(variables.tenant) }
  })

  app.post('/:tenant/photos', { config: { scope: 'photos:write' } }, (request, reply) => {
    const { variables, clientId } = principalOf(request)
    reply.code(201)
    return { tenant: variables.tenant, client: clientId, added: addPhoto(variables.tenant) }
  })

  await app.listen({ port, host: '127.0.0.1' })
  return app.server
}
