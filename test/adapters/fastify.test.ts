import { resourceGuard } from '@resource-guard/fastify'
import { adapterContract, type AdapterUnderTest } from '@resource-guard/testing'
import fastify, { type FastifyRequest } from 'fastify'
import { describe, it } from 'vitest'
import { beside } from './listening.js'

const answer = (route: string) => (request: FastifyRequest) => {
  const { tenant } = request.params as { tenant?: string }
  return { route, tenant, principal: request.principal ?? null }
}

const app: AdapterUnderTest = {
  listen: async (options) => {
    const api = fastify({ forceCloseConnections: true })
    api.addHook('onRequest', async (request, reply) => {
      if (request.headers['x-beside']) reply.headers(beside)
    })
    await api.register(resourceGuard, options)
    for (const route of ['/', '/photos', '/admin/photos', '/public/photos', '/t/:tenant/photos']) api.get(route, answer(route))
    api.post('/photos', answer('/photos'))
    api.get('/photos/scoped', { config: { scope: ['photos:read', 'photos:write'] } }, answer('/photos/scoped'))
    const address = await api.listen({ host: '127.0.0.1', port: 0 })
    return { port: Number(new URL(address).port), close: () => api.close() }
  },
}

describe('Fastify keeps the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(app))
})
