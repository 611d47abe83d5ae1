import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { requireScope, resourceGuard } from '@resource-guard/hono'
import { adapterContract, type AdapterUnderTest } from '@resource-guard/testing'
import { Hono, type Context } from 'hono'
import { describe, it } from 'vitest'
import { beside, listening } from './listening.js'

const answer = (route: string) => (c: Context) => c.json({ route, tenant: c.req.param('tenant'), principal: (c.get('principal') as unknown) ?? null })

const app: AdapterUnderTest = {
  listen: (options) => {
    const api = new Hono()
    api.use(async (c, next) => {
      if (c.req.header('x-beside')) for (const [name, value] of Object.entries(beside)) c.header(name, value)
      await next()
    })
    api.use(resourceGuard(options))
    for (const route of ['/', '/photos', '/admin/photos', '/public/photos', '/t/:tenant/photos']) api.get(route, answer(route))
    api.post('/photos', answer('/photos'))
    api.get('/photos/scoped', requireScope('photos:read', 'photos:write'), answer('/photos/scoped'))
    return listening(createServer(getRequestListener(api.fetch)))
  },
}

describe('Hono keeps the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(app))
})
