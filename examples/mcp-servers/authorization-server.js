// @ts-check
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

/**
 * A real authorization server, oidc-provider, as MCP clients want one: they register themselves (RFC 7591) and get tokens by
 * code and PKCE, each for the one resource that they name (RFC 8707). Whoever comes is alice, and she agrees to everything.
 *
 * @param {{ port: number, scopes: readonly string[], isResource: (resource: string) => boolean }} settings
 */
export async function startAuthorizationServer({ port, scopes, isResource }) {
  const issuer = `http://127.0.0.1:${port}`
  const { warn } = console
  // It warns of Node 20 and of keeping its state in memory. Both are meant here.
  console.warn = () => {}
  const { Provider, errors } = await import('oidc-provider')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: [...scopes, 'offline_access'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    // The SDKs register for the scopes that they were challenged with first, and ask for more later.
    extraClientMetadata: { properties: ['any_scope'], validator: (_context, _key, _value, metadata) => void delete metadata['scope'] },
    features: {
      registration: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_context, resource) {
          if (!isResource(resource)) throw new errors.InvalidTarget('no such resource here')
          return { audience: resource, scope: scopes.join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }
        },
      },
    },
    ttl: { AccessToken: 600, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant({ oidc: { client, session, params } }) {
      const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' })
      grant.addOIDCScope(String(params?.['scope'] ?? ''))
      for (const resource of [params?.['resource']].flat()) grant.addResourceScope(String(resource), scopes.join(' '))
      await grant.save()
      return grant
    },
  })
  console.warn = warn
  const answer = provider.callback()
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
    provider.interactionFinished(request, response, { login: { accountId: 'alice' }, consent: {} }).catch((error) => response.writeHead(500).end(String(error)))
  }).listen(port, '127.0.0.1')
  return { issuer, server }
}
