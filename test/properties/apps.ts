import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createResourceGuard, type Principal, type ResourceGuard, type ResourceGuardOptions } from '@resource-guard/core'
import { resourceGuard as expressGuard } from '@resource-guard/express'
import { resourceGuard as fastifyGuard } from '@resource-guard/fastify'
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
import express from 'express'
import fastify, { type FastifyServerOptions } from 'fastify'
import { Hono } from 'hono'
import { listening } from '../adapters/listening.js'

/** What a handler of these applications answers: the route as the router saw it, and who the guard says is calling. */
export interface Seen {
  readonly route: string
  readonly tenant?: string
  readonly principal: { readonly resource: string; readonly variables: Readonly<Record<string, string>> } | null
}

export interface App {
  readonly name: string
  readonly port: number
  /** How many requests have reached a handler. */
  readonly served: () => number
  close(): Promise<void>
}

export type Start = (from: ResourceGuardOptions | ResourceGuard) => Promise<App>

/** Behind each of them stands a handler, and one for everything below it. */
const routes = ['/photos', '/admin/photos', '/public/photos', '/t/:tenant', '/t/:tenant/photos'] as const
const below = ['/admin', '/public', '/t/:tenant'] as const

function counter() {
  let count = 0
  return {
    served: () => count,
    see: (route: string, tenant: string | undefined, principal: Principal | undefined): object => {
      count += 1
      return { route, tenant, principal: principal === undefined ? null : { resource: principal.resource, variables: principal.variables } }
    },
  }
}

async function started(name: string, server: Server, served: () => number): Promise<App> {
  // A client that has sent everything may half-close, and still be answered.
  Object.assign(server, { httpAllowHalfOpen: true })
  return { name, served, ...(await listening(server)) }
}

const onExpress: Start = async (from) => {
  const { see, served } = counter()
  const app = express().disable('x-powered-by').disable('etag')
  app.use(expressGuard(from))
  const answer = (route: string): express.RequestHandler => (req, res) =>
    void res.json(see(route, req.params['tenant'] as string | undefined, req.principal))
  for (const route of routes) app.all(route, answer(route))
  for (const route of below) app.all(`${route}/*rest`, answer(route))
  return started('Express', createServer(app), served)
}

const onFastify = (name: string, routerOptions: FastifyServerOptions['routerOptions'] = {}): Start => async (from) => {
  const { see, served } = counter()
  const app = fastify({ forceCloseConnections: true, routerOptions })
  await app.register(fastifyGuard, from)
  for (const route of [...routes, ...below.map((prefix) => `${prefix}/*`)]) {
    app.all(route, (request, reply) => {
      const { tenant } = request.params as { tenant?: string }
      void reply.send(see(route.replace(/\/\*$/, ''), tenant, request.principal))
    })
  }
  await app.ready()
  Object.assign(app.server, { httpAllowHalfOpen: true })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return { name, served, port: Number(new URL(address).port), close: () => app.close() }
}

const onHono: Start = async (from) => {
  const { see, served } = counter()
  const app = new Hono()
  app.use(honoGuard(from as ResourceGuardOptions))
  for (const route of [...routes, ...below.map((prefix) => `${prefix}/*`)] as string[]) {
    app.all(route, (c) => c.json(see(route.replace(/\/\*$/, ''), c.req.param('tenant'), c.get('principal' as never) as Principal | undefined)))
  }
  return started('Hono', createServer(getRequestListener(app.fetch)), served)
}

/** A router as one would write it by hand. */
const onFetch: Start = async (from) => {
  const { see, served } = counter()
  const guarded = fetchGuard(from as ResourceGuardOptions)((request, principal) => {
    const { pathname } = new URL(request.url)
    const tenant = /^\/t\/([^/]+)\/./.exec(pathname)?.[1]
    const route = routes.find((known) => known === pathname) ?? below.find((prefix) => pathname.startsWith(`${prefix}/`)) ?? (tenant && '/t/:tenant')
    return route ? Response.json(see(route, tenant, principal)) : new Response('not found', { status: 404 })
  })
  return started('fetch', createServer(getRequestListener(guarded)), served)
}

/** Each adapter on its framework as it comes. */
export const adapters: readonly Start[] = [onExpress, onFastify('Fastify'), onHono, onFetch]

/** Its types do not know the last one; its router does. */
const lenient = { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, useSemicolonDelimiter: true }

/** The same, and one that has been told to be lenient. */
export const routers: readonly Start[] = [
  ...adapters,
  onFastify('Fastify, lenient', lenient),
]

/** Starts them all over guards of these options, and runs what is to be done with them. */
export async function withApps<T>(starts: readonly Start[], options: ResourceGuardOptions, work: (apps: readonly App[]) => Promise<T>): Promise<T> {
  const apps = await Promise.all(starts.map((start) => start(createResourceGuard(options))))
  try {
    return await work(apps)
  } finally {
    await Promise.all(apps.map((app) => app.close()))
  }
}
