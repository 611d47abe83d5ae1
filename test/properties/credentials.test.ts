import { createResourceGuard, fromNode } from '@resource-guard/core'
import { createTestIssuer } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCredentials } from '../../packages/core/src/request/credentials.js'
import { isProblem } from '../../packages/core/src/response/problem.js'
import { decodeJwt } from '../../packages/core/src/token/format.js'
import { patience, runs } from './runs.js'

/** `credentials = "Bearer" 1*SP b64token` (RFC 6750 §2.1), the scheme in any case (RFC 9110 §11.1). */
const grammar = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i
/** An auth-scheme that is not Bearer, and one token68 or nothing after it: credentials of a scheme that is not offered. */
const another = /^(?!bearer(?:$| ))[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: +[A-Za-z0-9\-._~+/]+=*)?$/i

const piece = fc.oneof(
  fc.constantFrom('Bearer', 'bearer', 'BEARER', 'Bearerx', 'Basic', 'DPoP', 'Digest', 'Bearer ', ' ', '  ', '\t', ',', ', ', '=', '"',
    '\\', ';', 'a="b"', 'a=b', '.', '..', 'abc', 'abc==', 'realm', '\0', '\r\n', '\u00a0', '\u00e9', '\u212a', '\u017f'),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.stringMatching(/^[A-Za-z0-9._~+/-]{0,8}={0,2}$/),
)
const field = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 3 }).map((pieces) => `Bearer ${pieces.join('')}`),
)

const mostCharacters = 256
const reasonFor = (value: string): string | { readonly token: string } => {
  const read = readCredentials({ method: 'GET', url: '/', headers: { get: () => value } }, mostCharacters)
  if (isProblem(read)) return read.reason
  const decoded = decodeJwt(read.token)
  return isProblem(decoded) && decoded.reason === 'credentials_malformed' ? decoded.reason : read
}

describe('whatever Authorization says', () => {
  it('it holds a token where, and only where, the grammar says so', () => {
    fc.assert(fc.property(field, (value) => {
      fc.pre(value.length <= mostCharacters)
      const expected = grammar.exec(value)?.[1]
      const read = reasonFor(value)
      if (expected === undefined) expect(['credentials_missing', 'credentials_malformed', 'credentials_repeated']).toContain(read)
      else expect(read).toEqual({ token: expected })
    }), runs(2500))
  }, patience)

  it('credentials of another scheme are none, and nothing under Bearer is', () => {
    fc.assert(fc.property(field, (value) => {
      fc.pre(value.length <= mostCharacters)
      if (another.test(value)) expect(reasonFor(value)).toBe('credentials_missing')
      if (/^bearer(?: |$)/i.test(value)) expect(reasonFor(value)).not.toBe('credentials_missing')
    }), runs(2500))
  }, patience)
})

describe('several Authorization lines', async () => {
  const issuer = await createTestIssuer()
  const guard = createResourceGuard({ resource: 'https://api.example.com', authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }] })
  const good = `Bearer ${await issuer.token({ exp: 4_000_000_000 })}`
  const name = fc.constantFrom('authorization', 'Authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn')
  const between = fc.array(fc.constantFrom(['host', 'x'], ['authorization2', good], ['x-authorization', good],
    ['proxy-authorization', good]), { maxLength: 3 })
  const line = fc.tuple(between, name, fc.oneof({ weight: 2, arbitrary: fc.constant(good) }, field))

  it('let nobody in, whatever one of them says', async () => {
    await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 4 }), between, async (lines, after) => {
      const rawHeaders = [...lines.flatMap(([before, header, value]) => [...before.flat(), header, value]), ...after.flat()]
      const outcome = await guard.handle(fromNode({ method: 'GET', rawHeaders }, '/'))
      expect(outcome.kind === 'reply' ? [400, 401] : [outcome.kind]).toContain(outcome.kind === 'reply' ? outcome.status : 200)
    }), runs(750))
  }, patience)

  it('one of them, under its own name, does', async () => {
    await fc.assert(fc.asyncProperty(between, name, between, async (before, header, after) => {
      const outcome = await guard.handle(fromNode({ method: 'GET', rawHeaders: [...before.flat(), header, good, ...after.flat()] }, '/'))
      expect(outcome.kind).toBe('granted')
    }), runs(50))
  }, patience)
})
