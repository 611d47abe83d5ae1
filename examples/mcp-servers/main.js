// @ts-check
// `node examples/mcp-servers/main.js`: the same MCP server behind the guard, on five platforms and two SDKs, an authorization server,
// and the official client, which is told nothing but a URL. Exits 0 only if everything went as told.
// `node examples/mcp-servers/main.js --serve` keeps one server and the authorization server running, for a client of your own.
import { playNotes, servers, startNotes, startNotesIssuer } from './story.js'

const serving = process.argv.includes('--serve')
const { issuer, server: authorizationServer } = await startNotesIssuer()

for (const [index, [name, start]] of Object.entries(servers).entries()) {
  const { url, server } = await startNotes(start, issuer, 4411 + index, serving ? {
    onRefused: (problem, { request, status }) => console.log(request?.method, request?.url, status, problem.reason),
  } : {})
  if (serving) {
    console.log(`MCP server ${url}, authorization server ${issuer}; Ctrl-C ends them`)
    break
  }
  for (const era of /** @type {const} */ (['legacy', 'auto'])) {
    await playNotes(url, era, (line) => index === 0 && era === 'auto' && console.log(`  ${line}`))
  }
  console.log(`${name}: as told`)
  server.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
}
if (!serving) authorizationServer.close().closeAllConnections()
