import { algorithms } from './algorithms.js'
import { runOn, type AdapterUnderTest, type AppCase, type AppStory } from './app.js'
import { audience } from './audience.js'
import { availability } from './availability.js'
import { runCase, type Guarded, type ResourceCase } from './case.js'
import { challenge } from './challenge.js'
import { claims } from './claims.js'
import { cors } from './cors.js'
import { credentials } from './credentials.js'
import { headers } from './header.js'
import { http } from './http.js'
import { introspection } from './introspection.js'
import { issuerTrust } from './issuer-trust.js'
import { metadata } from './metadata.js'
import { resourceNames } from './resource-names.js'
import { routing } from './routing.js'
import { scope } from './scope.js'
import { several } from './several.js'
import { signature } from './signature.js'
import { tenants } from './tenant.js'
import { time } from './time.js'
import { send } from './wire.js'
import type { TestIssuer } from '../issuer.js'

/** What every row says of itself. */
interface Row {
  /** What it is about: `credentials`, `audience`, ... */
  readonly theme: string
  /** A sentence that a specification could contain. Unique. */
  readonly name: string
  /** An RFC section, or the id of a requirement. */
  readonly ref: string
}

/** One requirement on an adapter, as a test. */
export interface ContractRow extends Row {
  /** Starts the application, sends what the row is about over a real socket, and rejects with an Error that tells the whole exchange if the answer is wrong. */
  run(app: AdapterUnderTest): Promise<void>
}

/** One requirement on a guarded URL, as a test. */
export interface ResourceRow extends Row {
  /** Sends one request; rejects with an Error that tells the whole exchange if the answer is wrong. */
  run(): Promise<void>
}

/** Themes that need nothing but one guarded URL. */
const ofAnyResource: Readonly<Record<string, readonly ResourceCase[]>> = { credentials, signature, header: headers, claims, audience, challenge }

const ofTheApplication: Readonly<Record<string, readonly (AppCase | AppStory)[]>> = {
  ...ofAnyResource, algorithms, time, issuers: issuerTrust, availability, introspection, scope, metadata, names: resourceNames,
  tenant: tenants, routing, several, cors, http,
}

/**
 * What every adapter must do, row by row: requests over real sockets to a small fixed application (see AdapterUnderTest), and what the answer must be.
 * The issuers are in process and the clock stands still, so that no row waits or needs a network. Works in any test runner:
 *
 * ```ts
 * for (const row of adapterContract) it(`${row.theme}: ${row.name} (${row.ref})`, () => row.run(app))
 * ```
 */
export const adapterContract: readonly ContractRow[] = Object.entries(ofTheApplication).flatMap(([theme, rows]) =>
  rows.map((row) => ({ theme, name: row.name, ref: row.ref, run: (app: AdapterUnderTest) => runOn(app, row) })),
)

/** The API to be tested. */
export interface ResourceUnderTest {
  /**
   * A URL of it that needs no scope: it answers GET with 2xx to any good token. On this machine, over http:
   * `http://127.0.0.1:3000/photos`. POST is sent to it too, without credentials.
   */
  readonly url: string
  /** The resource identifier that it is guarded as. */
  readonly resource: string
  /** The one issuer that it trusts, as RFC 9068 has them: without deviations described. Its clock is the guard's. */
  readonly issuer: TestIssuer
  /** What its 401 asks for: the guard's option of that name. Default none. */
  readonly challengeScopes?: readonly string[]
}

/**
 * The rows of the contract that hold for any API: credentials, signature, header, claims, audience and challenge. Give a URL
 * that needs no scope, of your own API as it runs on this machine:
 *
 * ```ts
 * for (const row of resourceContract({ url, resource: 'https://api.example.com', issuer })) it(row.name, () => row.run())
 * ```
 *
 * Throws a TypeError if `url` is not an http URL. What is not checked: scopes of routes, tenants, the metadata document.
 */
export function resourceContract({ url, resource, issuer, challengeScopes = [] }: ResourceUnderTest): readonly ResourceRow[] {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  if (protocol !== 'http:') throw new TypeError(`url must be one of this machine, like http://127.0.0.1:3000/photos, not "${url}"`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const on: Guarded = { resource, issuer, challengeScopes, target: `${pathname}${search}`, send: (request) => send(Number(port || 80), request, host) }
  return Object.entries(ofAnyResource).flatMap(([theme, rows]) => rows.map((row) => ({ theme, name: row.name, ref: row.ref, run: () => runCase(row, on) })))
}
