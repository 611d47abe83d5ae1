import { createTestIssuer } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'
import { createResourceGuard } from '../../src/index.js'

// RFC 8693 §4.1, §4.4: who acts for a subject is told beside the claims, and adds nothing to them.
const resource = 'https://api.example.com'
const issuer = await createTestIssuer()
const guard = createResourceGuard({ resource, authorizationServers: [issuer.issuer], fetch: issuer.fetch })

async function visit(claims: object, ...scopes: string[]) {
  const token = await issuer.token({ aud: resource, sub: 'alice', client_id: 'app', scope: 'photos:read', ...claims })
  const outcome = await guard.handle(new Request(`${resource}/photos`, { headers: { authorization: `Bearer ${token}` } }), scopes.length > 0 ? { scopes } : {})
  if (outcome.kind !== 'granted') return outcome.kind === 'reply' ? outcome.status : outcome.kind
  const { subject, clientId, issuer: iss, scopes: granted } = outcome.principal
  return { subject, clientId, issuer: iss, scopes: granted }
}

const alice = { subject: 'alice', clientId: 'app', issuer: 'https://issuer.test', scopes: ['photos:read'] }
const admin = { sub: 'admin', client_id: 'console', iss: 'https://other.test', scope: 'photos:read photos:write', aud: resource, exp: 9_999_999_999 }
const nested = (depth: number): object => (depth === 0 ? admin : { ...admin, act: nested(depth - 1) })

describe('an actor', () => {
  it.each([
    ['with rights of its own', admin],
    ['behind another', { sub: 'service', act: admin }],
    ['twenty deep', nested(20)],
    ['that has expired and is for somebody else', { ...admin, exp: 1, nbf: 9_999_999_999, aud: 'https://other.example.com' }],
    ['that is no object', 'admin'],
  ])('%s changes nothing of who is calling', async (_, act) => expect(await visit({ act })).toEqual(alice))

  it.each([['with scopes', admin], ['behind another', { sub: 'service', act: admin }]])('%s grants none', async (_, act) => {
    expect(await visit({ act }, 'photos:write')).toBe(403)
  })

  it.each([
    ['audience', { aud: 'https://other.example.com' }], ['expiry', { exp: 1 }], ['subject', { sub: undefined }], ['issuer', { iss: 'https://other.test' }],
  ])('does not make up for the %s of the token', async (_, claims) => expect(await visit({ ...claims, act: { ...admin, iss: issuer.issuer } })).toBe(401))

  it('nested without end is refused', async () => expect(await visit({ act: nested(200) })).toBe(401))
})

describe('who may act', () => {
  it('for the subject is not the subject', async () => expect(await visit({ may_act: admin })).toEqual(alice))
  it('has no scopes from it', async () => expect(await visit({ may_act: admin }, 'photos:write')).toBe(403))
})
