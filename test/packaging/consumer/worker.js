// @ts-check
// Runs on workerd without nodejs_compat, so without node:crypto, Buffer and process: what verifies here is jose.
import { resourceGuard as fetchGuard } from '@resource-guard/fetch'
import { resourceGuard as honoGuard } from '@resource-guard/hono'
import { protectMcp } from '@resource-guard/mcp'
import { Hono } from 'hono'
import { resource } from './checks.js'

let webCryptoChecks = 0
const verify = crypto.subtle.verify.bind(crypto.subtle)
crypto.subtle.verify = (...given) => {
  webCryptoChecks += 1
  return verify(...given)
}

/** @type {Record<string, (options: { resource: string, authorizationServers: string[] }) => (request: Request) => Response | Promise<Response>>} */
const adapters = {
  fetch: (options) => fetchGuard(options)((_request, principal) => new Response(principal.subject)),
  hono: (options) => new Hono().use(honoGuard(options)).get('/photos', (c) => c.text(c.var.principal.subject ?? '')).fetch,
  mcp: (options) => protectMcp((_request, { principal }) => new Response(principal?.subject), options),
}
/** As an application does it: made while the Worker starts, when its clock says 0 and much is not allowed. */
const started = Object.values(adapters).map((guard) => guard({ resource, authorizationServers: ['https://login.example.com'] }))
/** @type {((request: Request) => Response | Promise<Response>) | undefined} */
let guarded

export default {
  /** @param {Request} request @param {{ ADAPTER: string, ISSUER: string }} env */
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/engine') return Response.json({ webCryptoChecks, process: typeof globalThis.process, started: started.length, buffer: typeof globalThis.Buffer })
    guarded ??= adapters[env.ADAPTER]?.({ resource, authorizationServers: [env.ISSUER] })
    return guarded?.(request) ?? new Response(`no adapter ${env.ADAPTER}`, { status: 500 })
  },
}
