import { describe, expect, it } from 'vitest'
import { createTestIssuer } from '../src/index.js'

const ask = async (issuer: { issuer: string; fetch: typeof fetch; introspection: { clientId: string; clientSecret: string } }, token: string, as = issuer.introspection) => {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)
  const response = await issuer.fetch(`${issuer.issuer}/introspect`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${encode(as.clientId)}:${encode(as.clientSecret)}`)}` }, body: new URLSearchParams({ token }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the introspection endpoint of a test issuer', () => {
  it('says of a token what is in it, or would be', async () => {
    const issuer = await createTestIssuer({ now: () => 1_700_000_000_000 })
    const opaque = issuer.opaqueToken({ aud: 'https://api.example.com/v1', sub: undefined })
    expect(await ask(issuer, opaque)).toMatchObject({ status: 200, body: { active: true, iss: issuer.issuer, aud: 'https://api.example.com/v1', exp: 1_700_000_300, token_type: 'Bearer' } })
    expect((await ask(issuer, opaque)).body).not.toHaveProperty('sub')
    expect(await ask(issuer, await issuer.token({ sub: 'bob' }))).toMatchObject({ body: { active: true, sub: 'bob' } })
  })
  it('says of one that is over, revoked or not its own that it is inactive, and no more', async () => {
    let now = 1_700_000_000_000
    const issuer = await createTestIssuer({ now: () => now })
    const [revoked, over] = [issuer.opaqueToken(), issuer.opaqueToken({ exp: 1_700_000_010 })]
    issuer.revoke(revoked)
    expect(await ask(issuer, over)).toMatchObject({ body: { active: true } })
    now += 11_000
    for (const token of [revoked, over, 'nobody-issued-this', '']) expect(await ask(issuer, token)).toEqual({ status: 200, body: { active: false } })
  })
  it('answers nobody but its client', async () => {
    const issuer = await createTestIssuer()
    const token = issuer.opaqueToken()
    expect(await ask(issuer, token, { ...issuer.introspection, clientSecret: 'wrong' })).toEqual({ status: 401, body: { error: 'invalid_client' } })
    expect((await issuer.fetch(`${issuer.issuer}/introspect`, { method: 'POST', body: new URLSearchParams({ token }) })).status).toBe(401)
    expect((await issuer.fetch(`${issuer.issuer}/introspect?token=${token}`)).status).toBe(405)
  })
  it('is in the metadata, and over a port too', async () => {
    const issuer = await (await createTestIssuer({ issuer: 'https://issuer.test/realm' })).listen()
    try {
      const metadata = (await (await fetch(`${new URL(issuer.issuer).origin}/.well-known/oauth-authorization-server/realm`)).json()) as Record<string, string>
      expect(metadata['introspection_endpoint']).toBe(`${issuer.issuer}/introspect`)
      expect(await ask({ ...issuer, fetch }, issuer.opaqueToken())).toMatchObject({ status: 200, body: { active: true } })
    } finally {
      await issuer.close()
    }
  })
})
