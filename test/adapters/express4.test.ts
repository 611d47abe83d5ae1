import { createServer } from 'node:http'
import { requireScope, resourceGuard } from '@resource-guard/express'
import { adapterContract, type AdapterUnderTest } from '@resource-guard/testing'
import express, { type Request, type Response } from 'express4'
import { describe, it } from 'vitest'
import { beside, listening } from './listening.js'

const answer = (route: string) => (req: Request, res: Response) =>
  void res.json({ route, tenant: req.params['tenant'], principal: req.principal ?? null })

const app: AdapterUnderTest = {
  listen: (options) => {
    const api = express()
    api.use((req, res, next) => {
      if (req.headers['x-beside']) res.set(beside)
      next()
    })
    api.use(resourceGuard(options))
    for (const route of ['/', '/photos', '/admin/photos', '/public/photos', '/t/:tenant/photos']) api.get(route, answer(route))
    api.post('/photos', answer('/photos'))
    api.get('/photos/scoped', requireScope('photos:read', 'photos:write'), answer('/photos/scoped'))
    return listening(createServer(api))
  },
}

describe('Express 4 keeps the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(app))
})
