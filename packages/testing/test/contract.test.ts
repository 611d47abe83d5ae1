import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createResourceGuard, fromNode } from '@resource-guard/core'
import { afterAll, describe, expect, it } from 'vitest'
import { adapterContract, createTestIssuer, resourceContract, type AdapterUnderTest, type Listening } from '../src/index.js'

async function listening(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listening> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

const respond = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** Lets everybody in, by a router that makes a route of anything that looks like one. */
const open: AdapterUnderTest = {
  listen: () =>
    listening((request, response) => {
      const target = decodeURI((request.url ?? '').replace(/%(?![0-7][\da-f])/gi, '').replaceAll('%00', '')).replace(/%2f|%5c/gi, '/').toLowerCase()
      const route = /dmin/.test(target) ? '/admin/photos' : /lobex|acme/.test(target) ? '/t/:tenant/photos' : '/photos'
      respond(response, 200, { route, tenant: 'globex', principal: null })
    }),
}

/** Lets nobody in. */
const closed: AdapterUnderTest = {
  listen: () =>
    listening((_request, response) =>
      respond(response, 401, { error_description: 'no' }, {
        'www-authenticate': 'Bearer resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/v1"',
        'cache-control': 'no-store', 'access-control-expose-headers': 'WWW-Authenticate',
      }),
    ),
}

const passing = async (app: AdapterUnderTest): Promise<readonly string[]> => {
  const passed: string[] = []
  for (const row of adapterContract) {
    await row.run(app).then(() => passed.push(`${row.theme}: ${row.name}`), () => {})
  }
  return passed
}

describe('the contract', () => {
  it('has rows that are told apart by their names, each with its source', () => {
    expect(adapterContract.length).toBeGreaterThan(120)
    const names = adapterContract.map(({ theme, name }) => `${theme}: ${name}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(adapterContract.filter(({ ref }) => !/^(?:RFC \d+ §|R\d+[-.]|R\d+\/R\d+-|bis-|FAPI-|MCP-|OA21-)/.test(ref)).map(({ ref }) => ref)).toEqual([])
  })

  it('has no row that both an open and a closed door would keep, but where the HTTP server answers before either', async () => {
    const closedKeeps = new Set(await passing(closed))
    const both = (await passing(open)).filter((name) => closedKeeps.has(name))
    expect(both).toEqual([
      'credentials: a NUL in the field never reaches a handler',
      'credentials: a folded field line makes no credentials of two lines',
      'http: a method in lower case is another method, and guarded',
      'http: an Authorization of 64 KB reaches no handler',
    ])
  }, 60_000)

  it('tells the whole exchange where an answer is wrong', async () => {
    const row = adapterContract.find(({ name }) => name === 'a request without credentials is told only where to look')
    await expect(row?.run(open)).rejects.toThrow(
      /^a request without credentials is told only where to look \(R6750-3\.1-d\)\n {2}status\n {4}expected 401\n {4}received 200\n\n {2}sent\n {4}GET \/photos\n {2}received\n {4}200\n {4}content-type: application\/json\n/,
    )
  })
})

describe.each([[[]], [['photos:read', 'photos:list']]])("the contract of any resource, on somebody's own API, with challengeScopes %j", async (challengeScopes) => {
  const issuer = await (await createTestIssuer({ algorithms: ['RS256'] })).listen()
  const resource = 'https://photos.example.org/api'
  const guard = createResourceGuard({ resource, authorizationServers: [issuer.issuer], ...(challengeScopes.length > 0 && { challengeScopes }) })
  const api = await listening(async (request, response) => {
    const outcome = await guard.handle(fromNode(request, request.url ?? '/'))
    if (outcome.kind !== 'reply') return respond(response, 200, { photos: [] })
    for (const [name, value] of outcome.headers) response.setHeader(name, value)
    response.statusCode = outcome.status
    response.end(outcome.body)
  })
  afterAll(() => Promise.all([issuer.close(), api.close()]))

  const url = `http://127.0.0.1:${api.port}/photos?page=1`
  for (const row of resourceContract({ url, resource, issuer, challengeScopes })) it(`${row.theme}: ${row.name}`, () => row.run())

  it('is not kept for another resource', async () => {
    const rows = resourceContract({ url: `http://127.0.0.1:${api.port}/`, resource: 'https://photos.example.org', issuer })
    const results = await Promise.allSettled(rows.slice(0, 5).map((row) => row.run()))
    expect(results.map(({ status }) => status)).not.toContain('fulfilled')
  })

  it('does not go to other machines over TLS', () => {
    expect(() => resourceContract({ url: 'https://photos.example.org/', resource, issuer })).toThrow(TypeError)
  })
})
