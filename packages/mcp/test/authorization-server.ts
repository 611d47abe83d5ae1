import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

/** oidc-provider: client credentials, dynamic registration, code with PKCE. Whoever comes is alice, and she agrees to everything. */
export interface AuthorizationServer {
  readonly issuer: string
  /** Resources that tokens are issued for. */
  readonly resources: Set<string>
  /** A client that acts for itself. */
  readonly robot: { readonly clientId: string; readonly clientSecret: string }
  /** Follows an authorization URL as a browser would, to the redirect that ends it: its URL, which nothing listens at. */
  visit(authorizationUrl: URL): Promise<URL>
  close(): void
}

export async function startAuthorizationServer(scopes: readonly string[]): Promise<AuthorizationServer> {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { Provider, errors } = await import('oidc-provider')
  const server = createServer()
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const resources = new Set<string>()
  const robot = { clientId: 'robot', clientSecret: 'a secret of the robot' }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid: 'key', alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['a key of the cookies'] },
    scopes: [...scopes],
    clients: [{
      client_id: robot.clientId, client_secret: robot.clientSecret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
      id_token_signed_response_alg: 'ES256',
    }],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    // The SDKs register for the scopes that they were challenged with. This one lets clients ask for others later.
    extraClientMetadata: { properties: ['any_scope'], validator: (_context, _key, _value, metadata) => void delete metadata['scope'] },
    features: {
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context, resource) {
          if (!resources.has(resource)) throw new errors.InvalidTarget()
          return { audience: resource, scope: scopes.join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
      },
    },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(context) {
      const { client, session, params } = context.oidc
      const grant = new provider.Grant({ clientId: client?.clientId as string, accountId: session?.accountId as string })
      grant.addOIDCScope(String(params?.['scope'] ?? ''))
      for (const resource of [params?.['resource']].flat()) grant.addResourceScope(String(resource), scopes.join(' '))
      await grant.save()
      return grant
    },
    ttl: { ClientCredentials: 60, AccessToken: 60, Grant: 60, Interaction: 60, Session: 60, IdToken: 60 },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    provider.interactionFinished(request, response, { login: { accountId: 'alice' }, consent: {} }).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })

  async function visit(authorizationUrl: URL): Promise<URL> {
    const cookies = new Map<string, string>()
    let url = authorizationUrl
    for (let hops = 0; hops < 10; hops++) {
      const response = await fetch(url, { redirect: 'manual', headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } })
      const [body, location] = [await response.text(), response.headers.get('location')]
      for (const cookie of response.headers.getSetCookie()) cookies.set(...(cookie.split(';')[0]?.split(/=(.*)/s).slice(0, 2) as [string, string]))
      if (location === null) throw new Error(`${response.status} at ${url.pathname}: ${body.replace(/<[^>]*>|\s+/g, ' ').slice(0, 300)}`)
      url = new URL(location, url)
      if (url.searchParams.has('error')) throw new Error(`${url.searchParams.get('error')}: ${url.searchParams.get('error_description')}`)
      if (url.origin !== issuer) return url
    }
    throw new Error('too many redirects')
  }

  return {
    issuer, resources, robot, visit,
    close: () => void server.close().closeAllConnections(),
  }
}
