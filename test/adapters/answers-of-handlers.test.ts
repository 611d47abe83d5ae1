import { createServer } from 'node:http'
import { resourceGuard as expressGuard } from '@resource-guard/express'
import { resourceGuard as fastifyGuard } from '@resource-guard/fastify'
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
import { createTestIssuer } from '@resource-guard/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { listening } from './listening.js'

// RFC 9111 §3.5: what answers a request with a token is not for shared caches, unless the application says so. The guard says nothing about it.
const issuer = await createTestIssuer()
const options = { resource: 'https://api.example.com', authorizationServers: [issuer.issuer], fetch: issuer.fetch } as const
const headers = { authorization: `Bearer ${await issuer.token()}` }

/** The answers of an application, with the guard and without, to a request with a good token. */
const adapters: Readonly<Record<string, (guarded: boolean, control: string | undefined) => Promise<Response>>> = {
  Express: async (guarded, control) => {
    const app = express()
    if (guarded) app.use(expressGuard(options))
    app.get('/photos', (_req, res) => void (control ? res.set('cache-control', control) : res).send('photos'))
    const server = await listening(createServer(app))
    return fetch(`http://127.0.0.1:${server.port}/photos`, { headers }).finally(() => server.close())
  },
  Fastify: async (guarded, control) => {
    const app = fastify()
    if (guarded) await app.register(fastifyGuard, options)
    app.get('/photos', (_request, reply) => void (control ? reply.header('cache-control', control) : reply).send('photos'))
    const { body, statusCode, headers: answered } = await app.inject({ url: '/photos', headers })
    return new Response(body, { status: statusCode, headers: Object.entries(answered).map(([name, value]): [string, string] => [name, String(value)]) })
  },
  Hono: async (guarded, control) => {
    const app = new Hono()
    if (guarded) app.use(honoGuard(options))
    return app.get('/photos', (c) => c.text('photos', 200, control ? { 'cache-control': control } : {})).request('/photos', { headers })
  },
  fetch: async (guarded, control) => {
    const handler = (): Response => new Response('photos', { headers: control ? { 'cache-control': control } : {} })
    const request = new Request('https://api.example.com/photos', { headers })
    return guarded ? fetchGuard(options)(handler)(request) : handler()
  },
}

const told = async (response: Response) => ({
  status: response.status, body: await response.text(), headers: [...response.headers].filter(([name]) => name !== 'date'),
})

describe.each(Object.keys(adapters))('the answer of a handler on %s', (name) => {
  it.each([undefined, 'private, max-age=60', 'public, max-age=60'])('with Cache-Control %s is what it is without the guard', async (control) => {
    const answer = await told(await adapters[name]!(true, control))
    expect(answer).toMatchObject({ status: 200, body: 'photos' })
    expect(answer).toEqual(await told(await adapters[name]!(false, control)))
    expect(answer.headers.find(([header]) => header === 'cache-control')?.[1]).toBe(control)
  })
})
