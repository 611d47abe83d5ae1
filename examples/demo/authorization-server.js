// @ts-check
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

/**
 * A real authorization server, oidc-provider, for clients that act for themselves (RFC 6749 §4.4). It issues access tokens, each
 * for the one resource that the client names (RFC 8707): JWTs (RFC 9068), signed with a key made just now, and for one client opaque ones.
 *
 * @param {{ issuer: string, port: number, resources: readonly string[], scopes: readonly string[] }} settings
 */
export async function startAuthorizationServer({ issuer, port, resources, scopes }) {
  const { Provider, errors } = await withoutDemoWarnings(() => import('oidc-provider'))
  const clients = {
    /** The client of the story. */
    printer: { id: 'photo-printer', secret: randomBytes(12).toString('hex'), tokenLifetime: 600 },
    /** A client like it, whose tokens are over in a moment. */
    kiosk: { id: 'photo-kiosk', secret: randomBytes(12).toString('hex'), tokenLifetime: 2 },
    /** A client like it, whose tokens are opaque. */
    scanner: { id: 'photo-scanner', secret: randomBytes(12).toString('hex'), tokenLifetime: 600 },
  }
  /** The APIs, when they ask about tokens (RFC 7662). */
  const api = { id: 'photos-api', secret: randomBytes(12).toString('hex') }

  const provider = await withoutDemoWarnings(() => new Provider(issuer, {
    jwks: { keys: [signingKey()] },
    scopes: [...scopes],
    clientAuthMethods: ['client_secret_basic'],
    clients: [...Object.values(clients), api].map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: id === api.id ? [] : ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      scope: scopes.join(' '),
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: (_context, asking) => asking.clientId === api.id },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context, resource, client) {
          if (!resources.includes(resource)) throw new errors.InvalidTarget('no such resource here')
          const info = { audience: resource, scope: scopes.join(' ') }
          if (client.clientId === clients.scanner.id) return { ...info, accessTokenFormat: 'opaque' }
          return { ...info, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
      },
    },
    ttl: {
      ClientCredentials: (_context, _token, { clientId }) =>
        Object.values(clients).find(({ id }) => id === clientId)?.tokenLifetime ?? 600,
    },
  }))
  provider.on('server_error', (_context, error) => console.error(error))

  return { clients, introspection: { clientId: api.id, clientSecret: api.secret }, server: createServer(provider.callback()).listen(port, '127.0.0.1') }
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' }
}

/**
 * oidc-provider warns at start-up of two things that are meant here: that it keeps its state in memory, and that Node 20
 * is older than it likes. Whatever else it has to say is printed.
 *
 * @template T
 * @param {() => T | Promise<T>} start
 */
async function withoutDemoWarnings(start) {
  const { warn } = console
  console.warn = (...args) => {
    if (!/in-memory adapter is used|Unsupported runtime/.test(String(args[0]))) warn(...args)
  }
  try {
    return await start()
  } finally {
    console.warn = warn
  }
}
