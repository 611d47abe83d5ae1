import { createServer } from 'node:http'
import { requireScope, resourceGuard } from '@resource-guard/express'
import type { AdapterUnderTest } from '@resource-guard/testing'
import type express from 'express'
import { beside, listening } from './listening.js'

const answer = (route: string): express.RequestHandler => (req, res) => void res.json({ route, tenant: req.params['tenant'], principal: req.principal ?? null })

/** The application of the contract, on Express 5 or 4. */
export const expressApp = (create: typeof express): AdapterUnderTest => ({
  listen: (options) => {
    const app = create()
    app.use((req, res, next) => {
      if (req.headers['x-beside']) res.set(beside)
      next()
    })
    app.use(resourceGuard(options))
    for (const route of ['/', '/photos', '/admin/photos', '/public/photos', '/t/:tenant/photos']) app.get(route, answer(route))
    app.post('/photos', answer('/photos'))
    app.get('/photos/scoped', requireScope('photos:read', 'photos:write'), answer('/photos/scoped'))
    return listening(createServer(app))
  },
})
