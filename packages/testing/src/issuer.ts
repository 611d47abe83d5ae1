import type { Endpoint, Fault } from './fault.js'
import { createIssuedTokens, type TestClient } from './introspect.js'
import { createTestKey, type PublicJwk, type TestKey } from './key.js'
import { endpointOf, fetchFrom, listenOnLoopback, serveIssuer, type Respond } from './serve.js'
import { change, mint, type Changes, type MintOptions } from './token.js'

/** What a test issuer is made from. */
export interface TestIssuerOptions {
  /** Its issuer identifier. Default `https://issuer.test`, which nothing but `fetch` of the test issuer can reach. */
  readonly issuer?: string
  /** One key is made for each. Default `['ES256']`. RS/PS/ES 256-512, EdDSA, Ed25519. */
  readonly algorithms?: readonly string[]
  /** Keys to use instead of making new ones. */
  readonly keys?: readonly TestKey[]
  /** `aud` of a token that is not told another. Default `https://api.example.com`. */
  readonly audience?: string | readonly string[]
  /** The time in milliseconds since the epoch. Default `Date.now`. Give the guard the same. */
  readonly now?: () => number
  /** Answers requests instead of the issuer, so that a test can make it slow, wrong or unreachable. */
  readonly respond?: Respond
}

/** An authorization server for tests: it issues any access token asked for, and publishes its keys. */
export interface TestIssuer {
  /** The issuer identifier: what goes into `authorizationServers`. */
  readonly issuer: string
  /** Its keys, as they are now; the first signs unless `alg` or `key` says otherwise. */
  readonly keys: readonly TestKey[]
  /** The public keys, as they are published now. */
  readonly jwks: { readonly keys: readonly PublicJwk[] }
  /** The URLs that were asked for through `fetch` and over the port, oldest first. */
  readonly requests: readonly string[]
  /** The time by this issuer's clock, in milliseconds since the epoch. */
  readonly now: () => number
  /**
   * Issues an access token as RFC 9068 §2 has it, with your changes; a claim that is `undefined` is left out.
   * Without changes: `typ` `at+jwt`, `iss`, `sub` `alice`, `client_id` `test-client`, `aud`, `scope` `photos:read`,
   * `iat` now, `exp` in five minutes, and a `jti` of its own. Rejects with a TypeError if there is no key for `alg`.
   *
   * ```ts
   * await issuer.token({ aud: 'https://api.example.com', scope: 'photos:read' })
   * await issuer.token({ exp: 0 })                                                          // long expired
   * await issuer.token({}, { header: { typ: 'JWT' } })                                      // not an access token
   * await issuer.token({}, { key: await createTestKey('ES256', { kid: issuer.keys[0]!.kid }) })  // forged
   * await issuer.token({}, { edit: { payload: (json) => json.replace('{', '{"aud":"x",') } })    // two `aud`
   * ```
   */
  token(claims?: Changes, options?: MintOptions): Promise<string>
  /**
   * Issues an opaque access token. The introspection endpoint says of it what `token` would have written into a JWT, with your changes.
   *
   * ```ts
   * issuer.opaqueToken({ aud: 'https://api.example.com', exp: undefined })
   * ```
   */
  opaqueToken(claims?: Changes): string
  /** From now on the introspection endpoint calls this token, opaque or JWT, inactive. */
  revoke(token: string): void
  /**
   * What a resource server authenticates with at the introspection endpoint:
   * `authorizationServers: [{ issuer: issuer.issuer, introspection: issuer.introspection }]`.
   */
  readonly introspection: TestClient
  /**
   * Begins to sign with this key, or a new one for the algorithm of the first; those that there were stay published. Resolves with the key.
   * The issuer that listens has its keys in common with the one that it comes from.
   */
  rotate(key?: TestKey): Promise<TestKey>
  /** No longer publishes this key, nor signs with it unless told to. */
  withdraw(key: TestKey): void
  /** From now on this endpoint fails in this way, until it recovers. `faults` has the ways that there are. */
  fail(endpoint: Endpoint, fault: Fault): void
  /** This endpoint, or every one, works again. */
  recover(endpoint?: Endpoint): void
  /**
   * Serves RFC 8414 metadata, OpenID Connect metadata, the JWK Set and token introspection (RFC 7662), and 404 for everything else. Hand it to the guard
   * as its `fetch`: no test then needs a network. Rejects where `respond` throws.
   */
  readonly fetch: typeof fetch
  /**
   * Serves the same over a free port of 127.0.0.1. The issuer that listens has the same keys and clock and is called
   * `http://127.0.0.1:<port>`, with the path of this one. Close it when done.
   */
  listen(): Promise<ListeningIssuer>
}

/** A test issuer that can be reached over HTTP. */
export interface ListeningIssuer extends TestIssuer {
  /** Stops listening and drops open connections. */
  close(): Promise<void>
}

/**
 * Makes an authorization server for tests.
 *
 * ```ts
 * const issuer = await createTestIssuer()
 * app.use(resourceGuard({ resource: 'https://api.example.com', authorizationServers: [issuer.issuer], fetch: issuer.fetch }))
 * ```
 *
 * It has no authorization endpoint: tokens come from `token`. Rejects with a TypeError for an algorithm it does not know.
 */
export async function createTestIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const keys = options.keys ?? (await Promise.all((options.algorithms ?? ['ES256']).map((alg) => createTestKey(alg))))
  return issuerWith(options.issuer ?? 'https://issuer.test', [...keys], options)
}

function issuerWith(issuer: string, keys: TestKey[], options: TestIssuerOptions): TestIssuer {
  const { audience = 'https://api.example.com', now = () => Date.now(), respond } = options
  const requests: string[] = []
  const failing = new Map<Endpoint, Fault>()
  const jwks = {
    get keys() {
      return keys.map((key) => key.publicJwk)
    },
  }
  const introspection = { clientId: 'test-resource-server', clientSecret: 'a secret, for tests: 100% +' }
  const issued = createIssuedTokens(introspection, now)
  const serve = serveIssuer(issuer, () => jwks.keys, issued.answer)

  async function token(claims: Changes = {}, minting: MintOptions = {}): Promise<string> {
    const key = minting.key ?? keys.find((candidate) => candidate.alg === (minting.alg ?? candidate.alg))
    if (!key) throw new TypeError(`the test issuer has no key for "${minting.alg}": name it in \`algorithms\``)
    const complete = claimsOf(claims)
    const minted = await mint(complete, key, minting)
    issued.issue(minted, complete)
    return minted
  }

  function claimsOf(changes: Changes): Changes {
    const iat = Math.floor(now() / 1000)
    const usual = {
      iss: issuer, sub: 'alice', client_id: 'test-client', aud: audience, scope: 'photos:read', iat, exp: iat + 300, jti: crypto.randomUUID(),
    }
    return change(usual, changes)
  }

  function opaqueToken(claims: Changes = {}): string {
    const token = `opaque-${crypto.randomUUID()}`
    issued.issue(token, { token_type: 'Bearer', ...claimsOf(claims) })
    return token
  }

  const fetch = fetchFrom(async (request) => {
    requests.push(request.url)
    const responded = await respond?.(request)
    if (responded !== undefined) return responded
    const fault = failing.get(endpointOf(request.url))
    return fault === undefined ? serve(request) : fault(request, async () => serve(request))
  })

  async function rotate(key?: TestKey): Promise<TestKey> {
    const next = key ?? (await createTestKey(keys[0]?.alg))
    keys.unshift(next)
    return next
  }

  function withdraw(key: TestKey): void {
    const index = keys.indexOf(key)
    if (index !== -1) keys.splice(index, 1)
  }

  function recover(endpoint?: Endpoint): void {
    if (endpoint === undefined) failing.clear()
    else failing.delete(endpoint)
  }

  async function listen(): Promise<ListeningIssuer> {
    const port = await listenOnLoopback((request) => listening.fetch(request))
    const { pathname } = new URL(issuer)
    const listening = issuerWith(`${port.origin}${pathname === '/' ? '' : pathname}`, keys, options)
    return { ...listening, close: port.close }
  }

  return {
    issuer, keys, jwks, requests, now, token, opaqueToken, revoke: issued.revoke, introspection,
    rotate, withdraw, fail: (endpoint, fault) => void failing.set(endpoint, fault), recover, fetch, listen,
  }
}
