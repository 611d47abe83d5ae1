import { parseChallenges, type Challenge } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answers } from '../../packages/core/src/response/answers.js'
import { challenge } from '../../packages/core/src/response/challenge.js'
import { problem, type Reason } from '../../packages/core/src/response/problem.js'
import { refusal } from '../../packages/core/src/response/refusal.js'
import { metadataUrlByRfc9728, resourceId } from './resource-ids.js'
import { patience, runs } from './runs.js'

const reason = fc.constantFrom(...(Object.keys(answers) as Reason[]))
const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,12}$/)
const scopes = fc.array(scope, { maxLength: 4 })
/** RFC 6750 §3: the characters of error and error_description, which are those of scope and a space. */
const rfc6750 = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

const only = (field: string): Challenge => {
  const challenges = parseChallenges(field)
  expect(challenges).toHaveLength(1)
  return challenges[0] as Challenge
}

describe('every refusal', () => {
  it('has a challenge that the grammar of RFC 9110 derives, with the configured facts and nothing else', () => {
    fc.assert(fc.property(reason, resourceId, scopes, scopes, fc.string({ unit: 'binary' }), (why, resource, challengeScopes, needed, evidence) => {
      const found = problem(why, { claim: evidence, actual: evidence, expected: [evidence], detail: evidence })
      const reply = refusal(found, { metadataUrl: metadataUrlByRfc9728(resource), challengeScopes }, needed)
      const fields = reply.headers.filter(([name]) => name === 'www-authenticate')
      expect(fields).toHaveLength([400, 401, 403].includes(reply.status) ? 1 : 0)
      if (fields.length === 0) return
      const { scheme, params } = only(fields[0]?.[1] ?? '')
      expect(scheme).toBe('Bearer')
      const given = new Map(params)
      expect(params.every(([, value]) => rfc6750.test(value))).toBe(true)
      expect(given.get('resource_metadata')).toBe(metadataUrlByRfc9728(resource))
      const asked = reply.status === 403 ? needed : reply.status === 401 ? challengeScopes : []
      expect(given.get('scope')).toBe(asked.length === 0 ? undefined : asked.join(' '))
      const { error, description } = answers[why]
      expect(params.map(([name]) => name)).toEqual(['resource_metadata', ...(error ? ['error', 'error_description'] : []),
        ...(asked.length > 0 ? ['scope'] : [])])
      expect([given.get('error'), given.get('error_description')]).toEqual(error ? [error, description] : [undefined, undefined])
    }), runs(750))
  }, patience)

  it('is the same whatever the evidence is', () => {
    fc.assert(fc.property(reason, fc.string({ unit: 'binary' }), fc.anything(), (why, text, anything) => {
      const challenger = { metadataUrl: 'https://api.example.com/.well-known/oauth-protected-resource', challengeScopes: [] }
      expect(refusal(problem(why, { claim: text, actual: anything, detail: text }), challenger)).toEqual(refusal(problem(why), challenger))
    }), runs(250))
  }, patience)
})

describe('whatever a challenge is written from', () => {
  it('it is one challenge, and no value ends its quotes', () => {
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\\"', '", x="', '\r\nX: y', '\0', '\u2028',
      '", Basic realm="x'))
    fc.assert(fc.property(hostile, hostile, fc.array(hostile, { minLength: 1 }), (url, description, list) => {
      const { params } = only(challenge({ status: 401, error: 'invalid_token', description }, url, list))
      expect(params.map(([name]) => name)).toEqual(['resource_metadata', 'error', 'error_description', 'scope'])
      expect(params.every(([, value]) => rfc6750.test(value))).toBe(true)
    }), runs(750))
  }, patience)

  it('values within the grammar come out as they went in', () => {
    const fine = fc.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]{0,20}$/)
    fc.assert(fc.property(fine, fine, (url, description) => {
      const { params } = only(challenge({ status: 401, error: 'invalid_token', description }, url, []))
      expect(params).toEqual([['resource_metadata', url], ['error', 'invalid_token'], ['error_description', description]])
    }), runs(250))
  }, patience)
})

describe('evidence', () => {
  it('is one short line of printable text, whatever it is made of', () => {
    const part = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 600 }), fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }))
    fc.assert(fc.property(part, part, fc.string({ unit: 'binary', maxLength: 600 }), (expected, actual, detail) => {
      const found = problem('claim_invalid', { claim: detail, expected, actual, detail })
      for (const value of [found.claim, found.detail, found.expected, found.actual].flat()) {
        if (value === undefined || typeof value === 'number') continue
        expect(value.length).toBeLessThanOrEqual(257)
        // No controls, no line ends, no bidirectional overrides, no lone surrogates.
        expect(value).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\u202a-\u202e\u2066-\u2069]/u)
      }
      for (const list of [found.expected, found.actual]) if (Array.isArray(list)) expect(list.length).toBeLessThanOrEqual(9)
    }), runs(750))
  }, patience)
})

describe('the strict parser, which judges all of these', () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/)
  const value = fc.stringMatching(/^[\t\x20-\x7e]{0,10}$/)
  const params = fc.uniqueArray(fc.tuple(token, value), { minLength: 1, maxLength: 4, selector: ([name]) => name.toLowerCase() })
  const one = fc.oneof(
    params.map((list): Challenge & { text?: string } => ({ scheme: '', params: list })),
    fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,8}={0,2}$/).map((token68): Challenge => ({ scheme: '', token68, params: [] })),
    fc.constant<Challenge>({ scheme: '', params: [] }),
  )
  const written = ({ scheme, token68, params: list }: Challenge, space: string): string =>
    [scheme, token68 ?? list.map(([name, text]) => `${name}=${/^[\w-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`}`).join(`${space},${space}`)].filter(Boolean).join(' ')

  it('reads what was written', () => {
    fc.assert(fc.property(fc.array(fc.tuple(token, one), { minLength: 1, maxLength: 3 }), fc.constantFrom('', ' ', '\t '), (list, space) => {
      const challenges = list.map(([scheme, challenge]): Challenge => ({ ...challenge, scheme }))
      expect(parseChallenges(challenges.map((challenge) => written(challenge, space)).join(`${space},${space}`))).toEqual(challenges)
    }), runs(500))
  }, patience)

  // The same grammar as one regular expression.
  const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
  const PARAM = `${TOKEN}=(?:${TOKEN}|"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t \\x21-\\x7e])*")`
  const COMMA = '[ \\t]*,[ \\t]*'
  const CHALLENGE = `${TOKEN}(?: +(?:${PARAM}(?:${COMMA}${PARAM})*|[A-Za-z0-9\\-._~+/]+=*))?`
  const grammar = new RegExp(`^${CHALLENGE}(?:${COMMA}${CHALLENGE})*$`)

  it('takes nothing that the grammar does not derive, and everything else but a parameter twice', () => {
    const piece = fc.constantFrom('Bearer', 'a', 'b', 'c', '=', '"', '"x"', 'a=b', 'b="c"', 'c="d, e"', ' ', '  ', ',', ', ', '\t', '\\',
      '\\"', '==', '/', '\u00e9', '\n')
    // Mostly good ones: what is derived must be read too.
    const part = fc.constantFrom('A', 'B', 'A ', 'B  ', 'a=b', 'b="c"', 'c="d, \\"e"', 'dG9rZW4=', ' , ', ',', '\t,', ', ')
    fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 10 }), fc.array(part, { maxLength: 8 })).map((pieces) => pieces.join('')), (text) => {
      let error: string | undefined
      try {
        parseChallenges(text)
      } catch (thrown) {
        error = (thrown as SyntaxError).message
      }
      if (error === undefined) expect(text).toMatch(grammar)
      else if (grammar.test(text)) expect(error).toMatch(/no second/)
    }), runs(2000))
  }, patience)
})
