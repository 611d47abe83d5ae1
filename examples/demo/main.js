// @ts-check
// `npm run demo`: one authorization server, the same small API guarded on four frameworks, and a client that tries them.
// `npm run demo -- --serve` keeps it all running. Exits 0 only if every step went as told.
import { once } from 'node:events'
import { photosOnExpress } from './apis/express.js'
import { photosOnFastify } from './apis/fastify.js'
import { photosOnFetch } from './apis/fetch.js'
import { photosOnHono } from './apis/hono.js'
import { startAuthorizationServer } from './authorization-server.js'
import { bad, good, heading, line, logLine, printStep, printTable } from './print.js'
import { curlLines } from './serve.js'
import { play } from './story.js'
import { freePort } from '../free-port.js'

const frameworks = [
  { name: 'Express', port: 4401, start: photosOnExpress },
  { name: 'Fastify', port: 4402, start: photosOnFastify },
  { name: 'Hono', port: 4403, start: photosOnHono },
  { name: 'fetch', port: 4404, start: photosOnFetch },
]
const serving = process.argv.includes('--serve')

const authorizationPort = await freePort(4400)
const issuer = `http://127.0.0.1:${authorizationPort}`
const otherApi = 'https://prints.example.com'
const unknownApi = 'https://unheard-of.example.com'
const apis = await Promise.all(frameworks.map(async ({ name, port: preferred, start }) => {
  const port = await freePort(preferred)
  /** @type {import('@resource-guard/core').Problem[]} */
  const refusals = []
  return { name, port, start, origin: `http://127.0.0.1:${port}`, refusals }
}))

const { server: authorizationServer, clients, introspection } = await startAuthorizationServer({
  issuer,
  port: authorizationPort,
  resources: [...apis.flatMap(({ origin }) => [`${origin}/acme/photos`, `${origin}/globex/photos`]), otherApi],
  scopes: ['photos:read', 'photos:write'],
})
let storyOver = false
const servers = [authorizationServer, ...await Promise.all(apis.map(({ name, origin, port, refusals, start }) => start({
  origin,
  issuer,
  introspection,
  port,
  clockTolerance: 0,
  onRefused(problem, { request, status }) {
    if (storyOver) line(`${name} ${request?.method} ${request?.url} ${status} ${logLine(problem)}`)
    else refusals.push(problem)
  },
})))]
await Promise.all(servers.map((server) => server.listening || once(server, 'listening')))

line(heading('The same photos API on four frameworks, and an authorization server'))
line(`    oidc-provider  ${issuer}`)
for (const { name, origin } of apis) line(`    ${name.padEnd(13)}  ${origin}/{tenant}/photos`)
line()
line(heading(`The story on ${apis[0]?.name}`))

const stories = await Promise.all(apis.map(async (api, index) => {
  /** @type {import('./told.js').Told[]} */
  const story = []
  const ended = await play(api, { issuer, clients, otherApi, unknownApi }, (told) => {
    story.push(told)
    if (index === 0) printStep(story.length, told)
  }).then(() => undefined, (/** @type {unknown} */ error) => error)
  return { api, story, ended }
}))

line()
line(heading('The same story on all four'))
printTable(apis.map(({ name }) => name), stories.map(({ story }) => story))
line()

line(heading('An MCP server behind the same guard, and the official MCP client'))
const mcp = await playMcp().then(() => [], (/** @type {unknown} */ error) => [`MCP: the story could not go on: ${error}`])
line()

const failures = stories.flatMap(({ api, story, ended }) => [
  ...story.flatMap(({ step, differences }) => differences.map((difference) => `${api.name}, ${step.title}: ${difference}`)),
  ...(ended ? [`${api.name}: the story could not go on: ${ended}`] : []),
]).concat(mcp)
for (const failure of failures) line(bad(`! ${failure}`))
line(failures.length === 0 ? good('Every step went as told.') : bad('Not every step went as told.'))
process.exitCode = failures.length === 0 ? 0 : 1
storyOver = true

if (serving) {
  for (const text of curlLines({ apis, issuer, client: clients.printer, otherApi, unknownApi })) line(text)
} else {
  for (const server of servers) {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  }
}

/** Tells the story of examples/mcp-servers, whose types are checked there. */
async function playMcp() {
  const { playNotes, servers: starts, startNotes, startNotesIssuer } = await import(new URL('../mcp-servers/story.js', import.meta.url).href)
  const { issuer: notesIssuer, server: issuing } = await startNotesIssuer()
  const { url, server: serverOfNotes } = await startNotes(starts['Express, SDK v2'], notesIssuer)
  try {
    await playNotes(url, 'auto', (/** @type {string} */ told) => line(`    ${told}`))
  } finally {
    for (const server of [issuing, serverOfNotes]) server.close().closeAllConnections()
  }
}
