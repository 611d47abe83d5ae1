import { createTestIssuer, createTestKey, faults, type Endpoint, type Fault } from '@resource-guard/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createResourceGuard, type Reason, type ResourceGuard } from '../src/index.js'

// Every way in which an issuer fails, at both endpoints that keys come from. No failure is a reason to refuse a good token for good
// (401), and none is one to let anything in.
const resource = 'https://api.example.com'
const elsewhere = 'https://elsewhere.test'

interface Row {
  readonly what: string
  readonly endpoint: Endpoint
  readonly fault: Fault
}
const at = (endpoint: Endpoint, rows: Readonly<Record<string, Fault>>): readonly Row[] => Object.entries(rows).map(([what, fault]) => ({ what, endpoint, fault }))

const anywhere: Readonly<Record<string, Fault>> = {
  '500': faults.status(500), '502': faults.status(502), '503': faults.status(503), '404': faults.status(404), '401': faults.status(401),
  '204': faults.status(204), '429': faults.status(429),
  'refused': faults.refused(), 'hangs': faults.hang(), 'stalls': faults.stall(), 'slower than the deadline': faults.delay(400),
  'HTML with 200': faults.html(), 'malformed JSON': faults.malformed(), 'an empty body': faults.empty(), 'huge': faults.huge(),
  'a list': faults.edited(() => []), 'null': faults.edited(() => null), 'a string': faults.edited(() => 'x'),
  'redirects to another origin': faults.redirect(`${elsewhere}/jwks`),
  'redirects to plain http': faults.redirect('http://issuer.test/jwks?x'),
  'redirects to a private address': faults.redirect('https://169.254.169.254/jwks'),
  'redirects in a loop': faults.loop(),
}

const fatal: readonly Row[] = [
  ...at('keys', {
    ...anywhere, 'no keys': faults.noKeys(), 'keys that are no list': faults.edited(({ keys }) => ({ keys: { ...keys } })),
    'more keys than any issuer has': faults.edited(({ keys }) => ({ keys: Array.from({ length: 65 }, () => keys[0]) })),
    'private keys': faults.edited(({ keys }) => ({ keys: keys.map((key: object) => ({ ...key, d: 'AAAA' })) })),
    'keys for encryption': faults.edited(({ keys }) => ({ keys: keys.map((key: object) => ({ ...key, use: 'enc' })) })),
  }),
  ...at('metadata', {
    ...anywhere, 'of another issuer': faults.wrongIssuer(elsewhere), 'of the issuer with a slash': faults.wrongIssuer('https://issuer.test/'), 'of no issuer': faults.edited((document) => ({ ...document, issuer: undefined })),
    'no jwks_uri': faults.edited((document) => ({ ...document, jwks_uri: undefined })),
    'a jwks_uri in plain http': faults.edited((document) => ({ ...document, jwks_uri: 'http://issuer.test/jwks' })),
    'a jwks_uri at a private address': faults.edited((document) => ({ ...document, jwks_uri: 'https://10.0.0.1/jwks' })),
    'a jwks_uri that is no URL': faults.edited((document) => ({ ...document, jwks_uri: '/jwks' })),
  }),
]

const harmless: readonly Row[] = [
  ...at('keys', { 'a little slow': faults.delay(50), 'redirects within its origin': faults.redirect('?moved'),
    'strangers under the same kid': faults.duplicateKids(), 'white space': faults.huge(100_000),
    'junk beside the keys': faults.edited(({ keys }) => ({ keys: [null, 'x', {}, ...keys] })) }),
  ...at('metadata', { 'a little slow': faults.delay(50), 'redirects within its origin': faults.redirect('?moved'),
    'members that nobody knows': faults.edited((document) => ({ ...document, x: [{}] })) }),
]

let guard: ResourceGuard | undefined
afterEach(() => guard?.close())

async function setUp() {
  let now = 1_900_000_000_000
  const issuer = await createTestIssuer({ now: () => now })
  const key = await createTestKey('ES256', { kid: issuer.keys[0]?.kid as string })
  const stranger = await createTestIssuer({ issuer: elsewhere, keys: [key], now: () => now })
  let reason: Reason | undefined
  const asked: string[] = []
  guard = createResourceGuard({
    resource, authorizationServers: [issuer.issuer], now: () => now, keys: { deadline: 0.2 },
    onRefused: (problem) => {
      reason = problem.reason
    },
    fetch: (input, init) => {
      const { origin } = new URL(String(input))
      asked.push(origin)
      return origin === elsewhere ? stranger.fetch(input, init) : issuer.fetch(input, init)
    },
  })
  const present = async (token: string | Promise<string>): Promise<number | Reason | undefined> => {
    const outcome = await guard?.handle({ method: 'GET', url: '/', headers: new Headers({ authorization: `Bearer ${await token}` }) })
    const challenged = outcome?.kind === 'reply' && outcome.headers.some(([name]) => name === 'www-authenticate')
    if (outcome?.kind === 'reply' && outcome.status === 503) expect(challenged).toBe(false)
    return outcome?.kind === 'reply' ? reason : 200
  }
  return {
    issuer, stranger, asked, present,
    pass: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

describe.each(fatal)('the $endpoint of an issuer: $what', ({ endpoint, fault }) => {
  it('cost a cold guard 503, whatever is signed by whom, until they are mended', async () => {
    const { issuer, stranger, asked, present, pass } = await setUp()
    issuer.fail(endpoint, fault)
    const begun = performance.now()
    expect(await present(issuer.token())).toBe('keys_unavailable')
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(await present(stranger.token({ iss: issuer.issuer }))).toBe('keys_unavailable')
    // What can be refused without keys still is.
    expect(await present(issuer.token({ aud: elsewhere }))).toBe('audience_mismatch')
    expect(asked.filter((origin) => origin !== issuer.issuer)).toEqual([])
    issuer.recover()
    pass(10)
    expect(await present(issuer.token())).toBe(200)
  })

  it('cost a warm guard nothing, until what it has is too old', async () => {
    const { issuer, stranger, present, pass } = await setUp()
    await guard?.ready()
    issuer.fail(endpoint, fault)
    pass(700)
    expect(await present(issuer.token())).toBe(200)
    expect(await present(stranger.token({ iss: issuer.issuer }))).toBe('signature_invalid')
    // Nothing was asked for during an hour: what is held is too old. Where the keys are is known for longer, and they can still be had.
    pass(3600)
    expect(await present(issuer.token())).toBe(endpoint === 'keys' ? 'keys_unavailable' : 200)
    issuer.recover()
    pass(10)
    expect(await present(issuer.token())).toBe(200)
  })
})

it.each(harmless)('the $endpoint of an issuer: $what: do no harm', async ({ endpoint, fault }) => {
  const { issuer, stranger, present } = await setUp()
  issuer.fail(endpoint, fault)
  expect(await present(issuer.token())).toBe(200)
  expect(await present(stranger.token({ iss: issuer.issuer }))).toBe('signature_invalid')
})

describe('an issuer that rotates', () => {
  it('has its new key taken at once, and the old one until it is withdrawn', async () => {
    const { issuer, present, pass } = await setUp()
    const old = await issuer.token({ exp: 4_000_000_000 })
    expect(await present(old)).toBe(200)
    const [first] = issuer.keys
    await issuer.rotate()
    expect(await present(issuer.token())).toBe(200)
    expect(await present(old)).toBe(200)
    issuer.withdraw(first as never)
    pass(700)
    await guard?.ready()
    expect(await present(old)).toBe('key_unknown')
    expect(await present(issuer.token())).toBe(200)
  })
})
