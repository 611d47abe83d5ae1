import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { requireBearerAuth as requireBearerAuthV1 } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import type { AuthInfo as AuthInfoV1 } from '@modelcontextprotocol/sdk/server/auth/types.js'
import { requireBearerAuth as requireBearerAuthV2, type AuthInfo as AuthInfoV2 } from '@modelcontextprotocol/server'
import { createTestIssuer } from '@resource-guard/testing'
import type { AuthInfo, McpOptions } from '@resource-guard/mcp'
import { tokenVerifier as tokenVerifierV1 } from '@resource-guard/mcp/sdk-v1'
import { tokenVerifier as tokenVerifierV2 } from '@resource-guard/mcp/sdk-v2'
import express from 'express'
import { describe, expect, it } from 'vitest'

const resource = 'https://mcp.example.com/mcp'
const resourceMetadataUrl = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
let down = false
const issuer = await createTestIssuer({ audience: resource, respond: () => (down ? new Response('', { status: 500 }) : undefined) })
const options: McpOptions = { resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch, scopeImplies: { admin: ['notes:write'] } }

type Gate = (authorization: string) => Promise<{ status: number; challenge: string | null; auth?: AuthInfoV1 | AuthInfoV2 }>

const gates: Readonly<Record<string, (more?: Partial<McpOptions>) => Gate>> = {
  'SDK v1': (more = {}) => {
    const app = express()
    const verifier = tokenVerifierV1({ ...options, ...more } as McpOptions)
    app.use(requireBearerAuthV1({ verifier, requiredScopes: ['notes:write'], resourceMetadataUrl, expectedResource: new URL(resource) }))
    app.get('/mcp', (req, res) => void res.json(req.auth))
    return async (authorization) => {
      const server = createServer(app)
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, { headers: { authorization } })
      const auth = (await response.json()) as AuthInfoV1
      server.close().closeAllConnections()
      return { status: response.status, challenge: response.headers.get('www-authenticate'), ...(response.ok && { auth }) }
    }
  },
  'SDK v2': (more = {}) => {
    const gate = requireBearerAuthV2({ verifier: tokenVerifierV2({ ...options, ...more } as McpOptions), requiredScopes: ['notes:write'], resourceMetadataUrl, expectedResource: new URL(resource) })
    return async (authorization) => {
      const auth = await gate(new Request('http://host.internal/mcp', { headers: { authorization } }))
      return auth instanceof Response ? { status: auth.status, challenge: auth.headers.get('www-authenticate') } : { status: 200, challenge: null, auth }
    }
  },
}

describe.each(Object.entries(gates))("tokenVerifier behind requireBearerAuth of %s", (_name, gateOf) => {
  const bearer = async (claims = {}) => `Bearer ${await issuer.token({ scope: 'notes:write', ...claims })}`

  it('lets in a token for this server', async () => {
    const { status, auth } = await gateOf()(await bearer({ scope: 'admin' }))
    expect(status).toBe(200)
    expect(auth).toMatchObject({ token: '(withheld)', clientId: 'test-client', scopes: ['admin', 'notes:write'], resourceMetadataUrl, extra: { subject: 'alice', issuer: issuer.issuer } })
  })

  it('exposes the token if it is told to', async () => {
    const authorization = await bearer()
    expect((await gateOf({ exposeToken: true })(authorization)).auth?.token).toBe(authorization.slice('Bearer '.length))
  })

  it.each([[{ aud: 'https://other.example.com' }], [{ aud: `${resource}/` }], [{ exp: 1 }], [{ cnf: { jkt: 'x' } }], [{ iss: 'https://stranger.test' }]])('refuses %j with 401', async (claims) => {
    const { status, challenge } = await gateOf()(await bearer(claims))
    expect(status).toBe(401)
    expect(challenge).toContain('error="invalid_token", error_description="The access token is not valid for this resource."')
  })

  it.each(['Bearer a,b', 'Bearer \u00e9'])('refuses %j with 401', async (authorization) => {
    expect((await gateOf()(authorization)).status).toBe(401)
  })

  it('leaves scopes to the SDK', async () => expect((await gateOf()(await bearer({ scope: 'notes:read' }))).status).toBe(403))

  it('tells an issuer that is down from a bad token', async () => {
    down = true
    expect((await gateOf()(await bearer())).status).toBe(500)
    down = false
  })
})

describe.each([['SDK v1', tokenVerifierV1], ['SDK v2', tokenVerifierV2]])('tokenVerifier of %s', (_name, tokenVerifier) => {
  it('needs one resource: a token does not say where it was presented', () => {
    expect(() => tokenVerifier({ ...options, resource: 'https://mcp.example.com/{tenant}', tenants: { tenant: ['a'] } } as McpOptions)).toThrow('must be one')
    expect(() => tokenVerifier({ resources: [{ resource }], authorizationServers: [issuer.issuer] })).toThrow('must be one')
  })
  it('takes no scopes of tools, which it could not hold anybody to', () => {
    expect(() => tokenVerifier({ ...options, toolScopes: { write: ['notes:write'] } } as McpOptions)).toThrow(expect.objectContaining({ option: 'toolScopes' }))
  })
  it('looks at no Host and no Origin, which it is not shown', async () => {
    const verifier = tokenVerifier({ ...options, resource: 'http://localhost:3000/mcp', allowedHosts: ['localhost'] })
    await expect(verifier.verifyAccessToken(await issuer.token({ aud: 'http://localhost:3000/mcp' }))).resolves.toHaveProperty('clientId')
  })
})

it('AuthInfo is that of either SDK', () => {
  const check = (info: AuthInfo): [AuthInfoV1, AuthInfoV2] => [info, info]
  expect(check).toBeTypeOf('function')
})
