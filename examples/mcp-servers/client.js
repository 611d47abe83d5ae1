// @ts-check
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'

/**
 * The official client, for somebody with a browser: told nothing but the URL of the server, it registers itself and gets
 * tokens as it needs them. `browse` follows an authorization URL to the redirect that ends it.
 *
 * @param {string} url
 * @param {import('@modelcontextprotocol/client').VersionNegotiationMode} mode
 * @param {(url: URL) => Promise<URL>} browse
 */
export function createNotesClient(url, mode, browse) {
  const redirectUrl = 'http://127.0.0.1:1/callback'
  /** @type {{ client?: any, tokens?: any, discovery?: any, verifier?: string, callback?: URL }} */
  const kept = {}
  /** @type {string[]} */
  const asked = []
  /** @type {import('@modelcontextprotocol/client').OAuthClientProvider} */
  const authProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'notes client',
      redirect_uris: [redirectUrl],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      application_type: 'native',
    },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    saveDiscoveryState: (discovery) => void (kept.discovery = discovery),
    discoveryState: () => kept.discovery,
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier ?? '',
    redirectToAuthorization: async (authorizationUrl) => {
      asked.push(authorizationUrl.searchParams.get('scope') ?? '')
      kept.callback = await browse(authorizationUrl)
    },
  }

  /**
   * @template T
   * @param {(client: Client) => Promise<T>} use
   * @returns {Promise<T>}
   */
  async function withAuthorization(use) {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider })
    const client = new Client({ name: 'notes client', version: '1.0.0' }, { versionNegotiation: { mode } })
    try {
      await client.connect(transport)
      return await use(client)
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || !kept.callback) throw error
      await transport.finishAuth(kept.callback.searchParams)
    } finally {
      await client.close()
    }
    return withAuthorization(use)
  }

  return {
    /** The scopes that it has asked for, each time that it had to ask. */
    asked,
    call: (/** @type {string} */ name, /** @type {Record<string, unknown>} */ args = {}) => withAuthorization(async (client) => {
      const { content } = await client.callTool({ name, arguments: args })
      const [first] = /** @type {{ text: string }[]} */ (content)
      return first?.text
    }),
  }
}

/** Follows redirects with cookies, as a browser would, until they leave the authorization server. */
export async function browse(/** @type {URL} */ authorizationUrl) {
  /** @type {Map<string, string>} */
  const cookies = new Map()
  let url = authorizationUrl
  for (let hops = 0; hops < 10; hops++) {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } })
    await response.text()
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    url = new URL(response.headers.get('location') ?? '', url)
    if (url.origin !== authorizationUrl.origin) return url
  }
  throw new Error('too many redirects')
}
