import { createTestIssuer, createTestKey, type TestIssuer } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'
import { createResourceGuard, type Reason, type ResourceGuard, type ResourceGuardOptions } from '../src/index.js'
import { answers } from '../src/response/answers.js'
import { problem } from '../src/response/problem.js'
import { refusal } from '../src/response/refusal.js'

// What the contract does not show over HTTP: which check it was that refused, what one resource knows of another, and options in combination.
const api = 'https://api.example.com'
const issuer = await createTestIssuer({ audience: api, algorithms: ['ES256', 'ES384', 'RS256'] })
const other = await createTestIssuer({ issuer: 'https://other.test', audience: api })

const inHand = ({ issuer: name, jwks }: TestIssuer, more: object = {}) => ({ issuer: name, jwks, ...more })

interface Guarded {
  readonly guard: ResourceGuard
  /** Why the token was refused, or where it was let in. */
  present(token: string | Promise<string>, url?: string, scopes?: readonly string[]): Promise<string>
}

function guarded(options: object): Guarded {
  let reason: Reason | undefined
  const guard = createResourceGuard({
    ...('resources' in options ? {} : { resource: api }),
    authorizationServers: [inHand(issuer)],
    onRefused: (found: { reason: Reason }) => {
      reason = found.reason
    },
    ...options,
  } as ResourceGuardOptions)
  return {
    guard,
    present: async (token, url = '/', scopes) => {
      const request = { method: 'GET', url, headers: new Headers({ authorization: `Bearer ${await token}` }) }
      const outcome = await guard.handle(request, scopes && { scopes })
      return outcome.kind === 'reply' ? (reason as Reason) : outcome.kind === 'open' ? 'open' : `granted at ${outcome.principal.resource}`
    },
  }
}

describe('names that mean something to JavaScript mean nothing here', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])('%s', async (name) => {
    const { present } = guarded({})
    expect(await present(issuer.token({ iss: name }))).toBe('issuer_untrusted')
    expect(await present(issuer.token({ aud: name }))).toBe('audience_mismatch')
    expect(await present(issuer.token({}, { header: { kid: name } }))).toBe('key_unknown')
    expect(await present(issuer.token({}, { header: { alg: name } }))).toBe('algorithm_not_allowed')
    expect(await present(issuer.token({}, { header: { typ: name } }))).toBe('type_mismatch')
    expect(await present(issuer.token({ scope: name }), '/', ['photos:read'])).toBe('scope_insufficient')
    const tenants = guarded({ resource: `${api}/{tenant}`, tenants: { tenant: ['acme'] } })
    expect(await tenants.present(issuer.token({ aud: `${api}/${name}` }), `/${name}`)).toBe('resource_unknown')
  })
})

describe('an issuer', () => {
  it('has its further audiences to itself', async () => {
    const { present } = guarded({ authorizationServers: [inHand(issuer, { alsoAccept: ['api://photos'] }), inHand(other)] })
    expect(await present(issuer.token({ aud: 'api://photos' }))).toBe(`granted at ${api}`)
    expect(await present(other.token({ aud: 'api://photos' }))).toBe('audience_mismatch')
    expect(await present(other.token())).toBe(`granted at ${api}`)
  })

  it('has its deviations to itself', async () => {
    const deviations = { typ: ['JWT'], omits: ['jti'], clientIdClaim: 'azp', algorithms: ['ES384'] }
    const { present } = guarded({ authorizationServers: [inHand(issuer, deviations), inHand(other)] })
    const deviating = [{ jti: undefined, azp: 'app' }, { header: { typ: 'JWT' } }] as const
    expect(await present(issuer.token(deviating[0], { ...deviating[1], alg: 'ES384' }))).toBe(`granted at ${api}`)
    expect(await present(issuer.token(deviating[0], { ...deviating[1], alg: 'ES256' }))).toBe('algorithm_not_allowed')
    expect(await present(other.token(...deviating))).toBe('type_mismatch')
    expect(await present(other.token(deviating[0]))).toBe('claim_missing')
  })

  it('is held to its own keys, whatever kid a token has', async () => {
    const { present } = guarded({ authorizationServers: [inHand(issuer), inHand(other)] })
    const [key] = other.keys
    expect(await present(other.token({ iss: issuer.issuer }))).toBe('key_unknown')
    expect(await present(issuer.token({}, { key: key as never, header: { kid: issuer.keys[0]?.kid } }))).toBe('signature_invalid')
    expect(await present(issuer.token({}, { key: key as never, header: { kid: undefined } }))).toBe('signature_invalid')
  })
})

describe('a token that is remembered', () => {
  it('is remembered with its signature', async () => {
    const { present } = guarded({})
    const token = await issuer.token()
    expect(await present(token)).toBe(`granted at ${api}`)
    const [header, claims, signature = ''] = token.split('.')
    const forged = [header, claims, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.')
    for (let time = 0; time < 2; time += 1) expect(await present(forged)).toBe('signature_invalid')
    expect(await present(token)).toBe(`granted at ${api}`)
  })

  it('is judged by its length like any other', async () => {
    const { present } = guarded({ limits: { tokenLength: 600 } })
    expect(await present(issuer.token())).toBe(`granted at ${api}`)
    const long = await issuer.token({ padding: 'x'.repeat(400) })
    for (let time = 0; time < 2; time += 1) expect(await present(long)).toBe('token_malformed')
    expect(await guarded({}).present(long)).toBe(`granted at ${api}`)
  })
})

describe('a path below a resource', () => {
  const { present } = guarded({ resource: `${api}/t/{tenant}`, tenants: { tenant: ['acme'] } })
  it.each(['%2f', '%2F', '%5c', '%2e', '%2E', 'a%2eb', '%00', '\\', '..', '.', '%', '%ff', '#'])('that has %s in it is none', async (odd) => {
    expect(await present('x', `/t/acme/photos/${odd}/x`)).toBe('resource_unknown')
    expect(await present('x', '/t/acme/photos/x')).toBe('token_malformed')
  })
})

describe('a type', () => {
  it.each([
    ['at+jwt', 'granted at https://api.example.com'], ['application/at+jwt', 'granted at https://api.example.com'],
    ['text/at+jwt', 'type_mismatch'], ['x/application/at+jwt', 'type_mismatch'], ['application/x/at+jwt', 'type_mismatch'],
    ['at+jwt;x', 'type_mismatch'], ['at+jwt\u0000', 'type_mismatch'], ['\u212at+jwt', 'type_mismatch'], [7, 'token_malformed'],
    [null, 'token_malformed'],
  ])('%j: %s', async (typ, verdict) => expect(await guarded({}).present(issuer.token({}, { header: { typ } }))).toBe(verdict))
})

describe('an extension of the header', () => {
  it.each([{ b64: false }, { b64: true }, { b64: false, crit: ['b64'] }, { crit: ['exp'] }, { crit: [] }, { crit: null },
    { crit: {} }])('%j', async (header) => {
    expect(await guarded({}).present(issuer.token({}, { header }))).toBe('token_malformed')
  })
})

describe('a resource', () => {
  it('with a path is not the same with a slash, the root is', async () => {
    const { present } = guarded({ resource: `${api}/v1` })
    expect(await present(issuer.token({ aud: `${api}/v1/` }))).toBe('audience_mismatch')
    expect(await guarded({}).present(issuer.token({ aud: `${api}/` }))).toBe(`granted at ${api}`)
  })

  it('trusts its own keys for an issuer, not those that another resource trusts', async () => {
    const rogue = await createTestIssuer({ issuer: issuer.issuer, keys: [await createTestKey('ES256', { kid: issuer.keys[0]?.kid as string })] })
    const { present } = guarded({
      resources: [{ resource: `${api}/a`, authorizationServers: [inHand(issuer)] }, { resource: `${api}/b`, authorizationServers: [inHand(rogue)] }],
    })
    const aud = [`${api}/a`, `${api}/b`]
    const [mine, theirs] = [await issuer.token({ aud }), await rogue.token({ aud })]
    for (let time = 0; time < 3; time += 1) {
      expect(await present(mine, '/a')).toBe(`granted at ${api}/a`)
      expect(await present(mine, '/b')).toBe('signature_invalid')
      expect(await present(theirs, '/b')).toBe(`granted at ${api}/b`)
      expect(await present(theirs, '/a')).toBe('signature_invalid')
    }
  })

  it('makes principals of its own, also for one remembered token', async () => {
    const { present } = guarded({ resources: [{ resource: `${api}/a` }, { resource: `${api}/b` },
      { resource: `${api}/t/{tenant}`, tenants: { tenant: ['acme', 'globex'] } }] })
    const token = await issuer.token({ aud: ['/a', '/b', '/t/acme', '/t/globex'].map((path) => api + path) })
    for (const path of ['/a', '/b', '/a', '/t/acme', '/t/globex', '/b', '/t/acme']) {
      expect(await present(token, path)).toBe(`granted at ${api}${path}`)
    }
  })
})

describe('a tenant', () => {
  it.each(['a@b', 'a:b', 'a!', 'a(b)', "a'b", 'a,b', 'a$', 'a+b', 'a=b', '{tenant}', '*', 'a'.repeat(129), '.', '..', 'a%20b',
    'é'])('is not %s, also where every value is one', async (value) => {
    const { present } = guarded({ resource: `${api}/t/{tenant}`, tenants: { tenant: () => true } })
    expect(await present(issuer.token({ aud: `${api}/t/${value}` }), `/t/${value}`)).toBe('resource_unknown')
  })
})

describe('a preflight that is let through', () => {
  const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }
  const { guard } = guarded({ preflight: 'pass' })
  const kindOf = async (more: object, method = 'OPTIONS', route = {}) =>
    (await guard.handle({ method, url: '/', headers: new Headers({ ...headers, ...more }) }, route)).kind
  it('is one without credentials, and nothing else', async () => {
    expect(await kindOf({})).toBe('open')
    for (const authorization of ['Bearer x', 'Basic x', '']) expect(await kindOf({ authorization })).toBe('reply')
    for (const method of ['GET', 'POST', 'options', 'OPTIONS ']) expect(await kindOf({}, method)).toBe('reply')
    expect(await kindOf({}, 'OPTIONS', { scopes: ['a'] })).toBe('reply')
  })
})

describe('a scope', () => {
  it.each([
    ['photos:read', ['photos:read'], 'granted at https://api.example.com'], ['photos:readonly', ['photos:read'], 'scope_insufficient'],
    ['photos', ['photos:read'], 'scope_insufficient'], ['PHOTOS:READ', ['photos:read'], 'scope_insufficient'],
    ['a b', ['a', 'b'], 'granted at https://api.example.com'], ['a', ['a', 'b'], 'scope_insufficient'],
    ['a,b', ['a', 'b'], 'scope_insufficient'], ['*', ['a'], 'scope_insufficient'],
  ])('%s for %j: %s', async (scope, needed, verdict) => expect(await guarded({}).present(issuer.token({ scope }), '/', needed)).toBe(verdict))
})

describe('what a client hears', () => {
  const challenger = { metadataUrl: `${api}/.well-known/oauth-protected-resource`, challengeScopes: [] }
  const reasons = Object.keys(answers) as Reason[]
  const replyTo = (reason: Reason) => refusal(problem(reason), challenger)

  it.each(reasons)('%s: is not stored, and can be read by a browser', (reason) => {
    const headers = new Map(replyTo(reason).headers)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-expose-headers')).toBe('WWW-Authenticate')
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('is the same for whatever is wrong with a token', () => {
    const invalid = reasons.filter((reason) => answers[reason].error === 'invalid_token')
    expect(invalid.length).toBeGreaterThan(10)
    expect(new Set(invalid.map((reason) => JSON.stringify(replyTo(reason)))).size).toBe(1)
  })

  it('names no error where nothing was sent', () => {
    expect(new Map(replyTo('credentials_missing').headers).get('www-authenticate')).toBe(`Bearer resource_metadata="${challenger.metadataUrl}"`)
  })

  it.each(reasons.filter((reason) => answers[reason].status >= 404))('%s: is no challenge',
    (reason) => expect(new Map(replyTo(reason).headers).has('www-authenticate')).toBe(false))
})
