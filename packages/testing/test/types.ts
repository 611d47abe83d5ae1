// Compiled, never run: what must compile, and what must not.
import { createTestIssuer, createTestKey, createTestSecret, faults, type Fault, type TestIssuer } from '@resource-guard/testing'

const issuer: TestIssuer = await createTestIssuer({ algorithms: ['ES256'], now: () => 0, respond: ({ url }) => (url.endsWith('/jwks') ? new Response() : undefined) })
await issuer.token({ aud: ['a', 'b'], exp: undefined }, { header: { typ: 'JWT' }, key: createTestSecret('secret'), edit: { payload: (json) => new TextEncoder().encode(json) } })

// An endpoint fails as somebody else has written it, or as a test does.
issuer.fail('keys', faults.status(503))
issuer.fail('metadata', faults.edited((document) => ({ ...document, issuer: 'https://other.test' })))
issuer.fail('introspection', async (request, usual) => (request.method === 'POST' ? usual() : new Response(null, { status: 405 })))
const slow: Fault = faults.delay(100)
issuer.fail('keys', slow)
issuer.recover('keys')
issuer.recover()
issuer.withdraw(await issuer.rotate())
await issuer.rotate(await createTestKey('RS256'))

// @ts-expect-error no such endpoint
issuer.fail('jwks', slow)
// @ts-expect-error a way to fail, not its maker
issuer.fail('keys', faults.wrongIssuer)
// @ts-expect-error whose metadata?
faults.wrongIssuer()
// @ts-expect-error keys change by rotating
issuer.keys.push(await createTestKey())
// @ts-expect-error a shared secret is none of an issuer's keys
await issuer.rotate(createTestSecret('secret'))
// @ts-expect-error a private key stays where it is
void issuer.jwks.keys[0]?.d
