// @ts-check
import express from 'express'
import { principalOf, requireScope, resourceGuard } from '@resource-guard/express'
import { addPhoto, photosOf } from '../photos.js'

/** @param {import('./settings.js').Settings} settings */
export function photosOnExpress({ origin, issuer, introspection, port, ...demo }) {
  const app = express()

  // The line. What comes after it is only reached with a token for exactly this resource and this tenant.
  app.use(resourceGuard({
    resource: `${origin}/{tenant}/photos`,
    tenants: { tenant: ['acme', 'globex'] },
    authorizationServers: [{ issuer, introspection }],
    scopesSupported: ['photos:read', 'photos:write'],
    challengeScopes: ['photos:read'],
    ...demo,
  }))

  app.get('/:tenant/photos', requireScope('photos:read'), (req, res) => {
    const { variables, clientId } = principalOf(req)
    res.json({ tenant: variables.tenant, client: clientId, photos: photosOf(variables.tenant) })
  })

  app.post('/:tenant/photos', requireScope('photos:write'), (req, res) => {
    const { variables, clientId } = principalOf(req)
    res.status(201).json({ tenant: variables.tenant, client: clientId, added: addPhoto(variables.tenant) })
  })

  return app.listen(port, '127.0.0.1')
}
