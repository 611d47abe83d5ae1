import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { requireScope, resourceGuard, type Principal } from '@resource-guard/fetch'
import { adapterContract, type AdapterUnderTest } from '@resource-guard/testing'
import { describe, it } from 'vitest'
import { beside, listening } from './listening.js'

const scoped = requireScope(['photos:read', 'photos:write'], (_request, principal) => Response.json({ route: '/photos/scoped', principal }))

/** A router as one would write it by hand: the path is taken as the runtime has normalised it. */
function route(request: Request, principal: Principal | undefined): Response | Promise<Response> {
  const { pathname } = new URL(request.url)
  const tenant = /^\/t\/([^/]+)\/photos$/.exec(pathname)?.[1]
  const known = pathname === '/photos' || ['/', '/admin/photos', '/public/photos'].includes(pathname)
  if (request.method === 'POST' ? pathname !== '/photos' : !['GET', 'HEAD'].includes(request.method)) return new Response('not found', { status: 404 })
  if (pathname === '/photos/scoped') return scoped(request)
  if (tenant !== undefined) return Response.json({ route: '/t/:tenant/photos', tenant, principal: principal ?? null })
  return known ? Response.json({ route: pathname, principal: principal ?? null }) : new Response('not found', { status: 404 })
}

const app: AdapterUnderTest = {
  listen: (options) => {
    const guarded = resourceGuard(options)(route)
    const serve = async (request: Request): Promise<Response> => {
      const response = await guarded(request)
      if (!request.headers.has('x-beside')) return response
      const headers = new Headers(response.headers)
      for (const [name, value] of Object.entries(beside)) if (name !== 'Access-Control-Allow-Origin' || !headers.has(name)) headers.append(name, value)
      return new Response(response.body, { status: response.status, headers })
    }
    return listening(createServer(getRequestListener(serve)))
  },
}

describe('fetch handlers keep the contract', () => {
  for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(app))
})
