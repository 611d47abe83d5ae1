import { createTestIssuer, type TestIssuer } from '../issuer.js'
import { createTestKey, createTestKeys, type PublicJwk, type TestKey } from '../key.js'
import { base64url } from '../token.js'

/** The moment at which the contract takes place, unless a row moves the clock: seconds since the epoch. */
export const START = Date.UTC(2030, 0, 1) / 1000

export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const

const now = (): number => START * 1000

/** The keys of the issuer whose key set is a mess. Each is published, and not each may be used. */
export interface OddKeys {
  readonly good: TestKey
  /** Published with `use: enc`. */
  readonly forEncryption: TestKey
  /** Published with `key_ops: ['encrypt']`. */
  readonly cannotVerify: TestKey
  /** 1024 bits. */
  readonly weak: TestKey
  /** Two keys of different types under one kid. */
  readonly twinEc: TestKey
  readonly twinRsa: TestKey
  /** An RSA key published for PS256 only. */
  readonly onlyPs256: TestKey
  /** Published without `alg` and `use`. */
  readonly bare: TestKey
  /** One RSA key that is published without `alg`, signing under two: the `kid` is that of the first. */
  readonly bareRs256: TestKey
  readonly bareAsPs256: TestKey
  /** Published as the symmetric key `secret`. */
  readonly secretKid: string
}

export const SECRET = 'a symmetric key has no business in a public key set'

async function createOddKeys(): Promise<OddKeys> {
  const [good, forEncryption, cannotVerify, weak, twinEc, twinRsa, onlyPs256, bare, [bareRs256, bareAsPs256]] = await Promise.all([
    createTestKey('ES256'), createTestKey('ES256'), createTestKey('ES256'), createTestKey('RS256', { modulusLength: 1024 }),
    createTestKey('ES256', { kid: 'twin' }), createTestKey('RS256', { kid: 'twin' }), createTestKey('RS256'), createTestKey('ES384'),
    createTestKeys(['RS256', 'PS256']) as Promise<[TestKey, TestKey]>,
  ])
  return { good, forEncryption, cannotVerify, weak, twinEc, twinRsa, onlyPs256, bare, bareRs256, bareAsPs256, secretKid: 'secret' }
}

function publish(odd: OddKeys): unknown {
  const bare = ({ publicJwk: { alg: _alg, use: _use, ...members } }: TestKey): object => members
  const broken = (changes: Partial<PublicJwk>): unknown => ({ ...odd.good.publicJwk, kid: 'broken', ...changes })
  return {
    keys: [
      null, 'junk', {}, [], { kty: 'FUTURE', kid: odd.good.kid }, { kty: 'EC', kid: odd.good.kid, crv: 'P-256' }, broken({ x: 'AAAA' }),
      broken({ crv: 'P-999' }),
      { kty: 'oct', kid: odd.secretKid, alg: 'HS256', k: base64url(SECRET) },
      { ...odd.forEncryption.publicJwk, use: 'enc' },
      { ...odd.cannotVerify.publicJwk, use: undefined, key_ops: ['encrypt'] },
      odd.weak.publicJwk, odd.twinEc.publicJwk, odd.twinRsa.publicJwk,
      { ...odd.onlyPs256.publicJwk, alg: 'PS256' },
      bare(odd.bare), bare(odd.bareRs256), odd.good.publicJwk,
    ],
    unknown: true,
  }
}

const metadataWith = (changes: object) => (request: Request): Response | undefined => {
  const { origin, pathname } = new URL(request.url)
  return pathname.startsWith('/.well-known/') ? Response.json({ issuer: origin, jwks_uri: `${origin}/jwks`, ...changes }) : undefined
}

async function create() {
  const odd = await createOddKeys()
  const issuers = {
    main: await createTestIssuer({ now }),
    second: await createTestIssuer({ issuer: 'https://second.test', now }),
    acme: await createTestIssuer({ issuer: 'https://tenants.test/acme', now }),
    globex: await createTestIssuer({ issuer: 'https://tenants.test/globex', now }),
    algorithms: await createTestIssuer({ issuer: 'https://algorithms.test', keys: await createTestKeys(ALGORITHMS), now }),
    oddKeys: await createTestIssuer({
      issuer: 'https://odd.test', keys: [odd.good], now,
      respond: ({ url }) => (url.endsWith('/jwks') ? Response.json(publish(odd)) : undefined),
    }),
    openidOnly: await createTestIssuer({
      issuer: 'https://openid.test/realm', now,
      respond: ({ url }) => (url.includes('oauth-authorization-server') ? new Response('', { status: 404 }) : undefined),
    }),
    down: await createTestIssuer({
      issuer: 'https://down.test', now,
      respond: () => {
        throw new TypeError('connection refused')
      },
    }),
    failing: await createTestIssuer({ issuer: 'https://failing.test', now, respond: () => new Response('out of order', { status: 500 }) }),
    keysDown: await createTestIssuer({
      issuer: 'https://keys-down.test', now,
      respond: ({ url }) => (url.endsWith('/jwks') ? new Response('', { status: 502 }) : undefined),
    }),
    html: await createTestIssuer({
      issuer: 'https://html.test', now,
      respond: () => new Response('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } }),
    }),
    /** All of it works but the introspection endpoint. */
    introspectionDown: await createTestIssuer({
      issuer: 'https://introspection-down.test', now,
      respond: ({ method }) => (method === 'POST' ? new Response('out of order', { status: 503 }) : undefined),
    }),
    /** Its metadata say that it is somebody else. */
    misnamed: await createTestIssuer({ issuer: 'https://misnamed.test', now, respond: metadataWith({ issuer: 'https://misnamed.test/' }) }),
    /** Its metadata send for the keys in the clear. */
    insecure: await createTestIssuer({ issuer: 'https://insecure.test', now, respond: metadataWith({ jwks_uri: 'http://insecure.test/jwks' }) }),
    /** Its key set has no key in it. */
    keyless: await createTestIssuer({
      issuer: 'https://keyless.test', now,
      respond: ({ url }) => (url.endsWith('/jwks') ? Response.json({ keys: [] }) : undefined),
    }),
    /** A stranger: no guard trusts it, and it has an identifier that comes near. */
    stranger: await createTestIssuer({ issuer: 'https://stranger.test', now }),
  } satisfies Record<string, TestIssuer>
  return { ...issuers, odd }
}

/** The issuers of the contract, by what is odd about them, and the odd keys. */
export type Issuers = Awaited<ReturnType<typeof create>>
export type IssuerName = Exclude<keyof Issuers, 'odd'>

let created: Promise<Issuers> | undefined

/** Made once, when the first row asks: keys are slow to make and the rows do not change them. */
export const theIssuers = (): Promise<Issuers> => (created ??= create())

let strangers: Promise<readonly TestKey[]> | undefined

/** A stranger's key for an algorithm, made once. */
export async function strangersKey(alg: string): Promise<TestKey> {
  const keys = await (strangers ??= createTestKeys(ALGORITHMS))
  return keys.find((key) => key.alg === alg) as TestKey
}

/** One `fetch` that reaches them all, and nothing else; it tells `asked` each URL. */
export function fetchFromAll({ odd: _odd, ...issuers }: Issuers, asked: (url: string) => void): typeof fetch {
  return async (input, init) => {
    const { url } = new Request(input, init)
    asked(url)
    const { origin } = new URL(url)
    const at = Object.values(issuers).filter(({ issuer }) => new URL(issuer).origin === origin)
    for (const issuer of at) {
      const response = await issuer.fetch(input, init)
      if (response.status !== 404 || issuer === at.at(-1)) return response
    }
    throw new TypeError(`nobody answers at ${url}`)
  }
}
