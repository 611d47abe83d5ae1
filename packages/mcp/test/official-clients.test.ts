import { Client as ClientV2, ClientCredentialsProvider as RobotV2, StreamableHTTPClientTransport as TransportV2, UnauthorizedError as UnauthorizedV2 } from '@modelcontextprotocol/client'
import { ClientCredentialsProvider as RobotV1 } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { UnauthorizedError as UnauthorizedV1, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { McpOptions } from '@resource-guard/mcp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startAuthorizationServer, type AuthorizationServer } from './authorization-server.js'
import { toolScopes } from './notes-server.js'
import { servers, startServer, type RunningServer } from './servers.js'

// Nothing here knows what a challenge is: the official clients find their way from a URL alone, at a real authorization server.

interface Kind {
  /** A transport with its authorization, and a client of the protocol era that is meant. */
  readonly transport: (url: URL, authProvider: unknown) => TransportV1 | TransportV2
  readonly client: () => ClientV1 | ClientV2
  readonly robot: (credentials: { clientId: string; clientSecret: string; scope: string; expectedIssuer: string }) => unknown
  readonly unauthorized: new (...args: never[]) => Error
  /** The SDK of servers that this era exists on. */
  readonly needs?: 'v2'
}

const info = { name: 'test', version: '1' }
const kinds: Readonly<Record<string, Kind>> = {
  'client v1': {
    transport: (url, authProvider) => new TransportV1(url, { authProvider: authProvider as never }),
    client: () => new ClientV1(info), robot: (credentials) => new RobotV1(credentials), unauthorized: UnauthorizedV1,
  },
  'client v2, 2025 era': {
    transport: (url, authProvider) => new TransportV2(url, { authProvider: authProvider as never }),
    client: () => new ClientV2(info), robot: (credentials) => new RobotV2(credentials), unauthorized: UnauthorizedV2,
  },
  'client v2, negotiating': {
    transport: (url, authProvider) => new TransportV2(url, { authProvider: authProvider as never }),
    client: () => new ClientV2(info, { versionNegotiation: { mode: 'auto' } }), robot: (credentials) => new RobotV2(credentials), unauthorized: UnauthorizedV2,
  },
  'client v2, 2026-07-28': {
    transport: (url, authProvider) => new TransportV2(url, { authProvider: authProvider as never }), needs: 'v2',
    client: () => new ClientV2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } }), robot: (credentials) => new RobotV2(credentials), unauthorized: UnauthorizedV2,
  },
}

/** A client with a user, who agrees: registers itself, and remembers what it is given. */
function person(authorizationServer: AuthorizationServer) {
  const kept: { client?: unknown; tokens?: { scope?: string }; verifier?: string; callback?: URL; requested: string[]; registrations: number } = { requested: [], registrations: 0 }
  const redirectUrl = 'http://127.0.0.1:1/callback'
  const provider = {
    redirectUrl,
    clientMetadata: { client_name: 'test', redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none', grant_types: ['authorization_code'], response_types: ['code'], application_type: 'native' },
    clientInformation: () => kept.client,
    saveClientInformation: (client: unknown) => {
      kept.client = client
      kept.registrations++
    },
    tokens: () => kept.tokens,
    saveTokens: (tokens: { scope?: string }) => void (kept.tokens = tokens),
    redirectToAuthorization: async (url: URL) => {
      kept.requested.push(url.searchParams.get('scope') ?? '')
      expect([url.searchParams.get('code_challenge_method'), url.searchParams.get('resource')]).toEqual(['S256', expect.stringMatching(/\/mcp$/)])
      kept.callback = await authorizationServer.visit(url)
    },
    saveCodeVerifier: (verifier: string) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier as string,
  } as unknown as OAuthClientProvider
  return { kept, provider }
}

type Connected = Pick<ClientV1, 'callTool' | 'listTools' | 'close'>
const connect = async (client: ClientV1 | ClientV2, transport: unknown): Promise<Connected> => {
  await client.connect(transport as never)
  return client as unknown as Connected
}
const said = async (client: Connected, name: string) => ((await client.callTool({ name })) as { content: { text: string }[] }).content[0]?.text

let authorizationServer: AuthorizationServer
beforeAll(async () => {
  authorizationServer = await startAuthorizationServer(['notes:read', 'notes:write'])
})
afterAll(() => authorizationServer.close())

describe.each(Object.entries(servers))('%s', (_name, make) => {
  const { sdk, create } = make()
  let server: RunningServer
  let url: URL
  const refused: string[] = []
  beforeAll(async () => {
    server = await startServer(create, (origin): McpOptions => ({
      resource: `${origin}/mcp`, authorizationServers: [authorizationServer.issuer], challengeScopes: ['notes:read'], scopesSupported: ['notes:read', 'notes:write'], toolScopes,
      onRefused: ({ reason }) => void refused.push(reason),
    }))
    url = new URL(`${server.origin}/mcp`)
    authorizationServer.resources.add(url.href)
  })
  afterAll(() => server.close())

  const suitable = Object.entries(kinds).filter(([, kind]) => kind.needs === undefined || kind.needs === sdk)
  describe.each(suitable)('%s', (_kind, { transport, client, robot, unauthorized }) => {
    it('gets in with client credentials, and is told who it is', async () => {
      const credentials = { ...authorizationServer.robot, scope: 'notes:read', expectedIssuer: authorizationServer.issuer }
      const connected = await connect(client(), transport(url, robot(credentials)))
      expect((await connected.listTools()).tools.map(({ name }) => name)).toContain('whoami')
      const seen = JSON.parse((await said(connected, 'whoami')) ?? '') as { authInfo: unknown; authorization: unknown }
      expect(seen).toMatchObject({ authInfo: { clientId: 'robot', scopes: ['notes:read'], resource: url.href, extra: { issuer: authorizationServer.issuer } }, authorization: null })
      await connected.close()
    })

    if (sdk === 'v1') {
      it('hears what the server announces by its event stream', async () => {
        const credentials = { ...authorizationServer.robot, scope: 'notes:read', expectedIssuer: authorizationServer.issuer }
        const heard: string[] = []
        const listening = client()
        listening.fallbackNotificationHandler = async ({ method }: { method: string }) => void heard.push(method)
        const connected = await connect(listening, transport(url, robot(credentials)))
        // The stream is opened after the session, and what is announced before that is lost.
        await vi.waitFor(async () => {
          await said(connected, 'announce')
          expect(heard).toContain('notifications/tools/list_changed')
        }, { timeout: 5000, interval: 20 })
        await connected.close()
      })
    }

    it('registers, gets a code with PKCE, redeems it, and steps up when a tool needs more', async () => {
      const { kept, provider } = person(authorizationServer)
      const first = transport(url, provider)
      await expect(connect(client(), first)).rejects.toBeInstanceOf(unauthorized)
      await first.finishAuth(kept.callback?.searchParams.get('code') as string, kept.callback?.searchParams.get('iss') as string)
      expect(kept.tokens?.scope).toBe('notes:read')

      const second = transport(url, provider)
      const connected = await connect(client(), second)
      expect(JSON.parse((await said(connected, 'whoami')) ?? '')).toMatchObject({ authInfo: { scopes: ['notes:read'], extra: { subject: 'alice' } } })

      refused.length = 0
      await expect(said(connected, 'write_by_table')).rejects.toBeInstanceOf(unauthorized)
      expect(refused).toEqual(['scope_insufficient'])
      await second.finishAuth(kept.callback?.searchParams.get('code') as string, kept.callback?.searchParams.get('iss') as string)
      expect(kept.tokens?.scope?.split(' ')).toContain('notes:write')
      expect(await said(connected, 'write_by_table')).toBe('"written"')
      expect(kept.requested[0]).toBe('notes:read')
      expect(kept.requested[1]?.split(' ')).toContain('notes:write')
      expect(kept.registrations).toBe(1)
      await connected.close()
    })
  })
})
