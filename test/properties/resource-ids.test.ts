import { ConfigurationError, createResourceGuard, type Outcome, type ResourceGuardOptions } from '@resource-guard/core'
import { createTestIssuer, parseChallenges } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { metadataUrlByRfc9728, resourceId, resourceTemplate } from './resource-ids.js'
import { patience, runs } from './runs.js'

const issuer = await createTestIssuer()
const trusted: ResourceGuardOptions['authorizationServers'] & object = [{ issuer: issuer.issuer, jwks: issuer.jwks }]
const guardOf = (options: object) => createResourceGuard({ authorizationServers: trusted, ...options } as ResourceGuardOptions)
const ask = (guard: ReturnType<typeof guardOf>, url: string, token?: string) =>
  guard.handle({ method: 'GET', url, headers: new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` }) })

const pathIn = (url: string): string => url.replace(/^[a-z]+:\/\/[^/?]+/, '') || '/'
const reply = (outcome: Outcome) => {
  if (outcome.kind !== 'reply') throw new Error(`${outcome.kind}, not a reply`)
  return outcome
}
const metadataUrlIn = (outcome: Outcome): string | undefined => {
  const [challenge, ...more] = parseChallenges(new Map(reply(outcome).headers).get('www-authenticate') ?? '')
  expect(more).toEqual([])
  return new Map(challenge?.params).get('resource_metadata')
}

describe('from any resource identifier', () => {
  it('a challenge leads to a document that names the configured bytes', async () => {
    await fc.assert(fc.asyncProperty(resourceId, async (resource) => {
      const guard = guardOf({ resource })
      const refused = await ask(guard, pathIn(resource))
      expect(reply(refused).status).toBe(401)
      const url = metadataUrlIn(refused)
      expect(url).toBe(metadataUrlByRfc9728(resource))
      // As it stands on the wire, and as a client's own URL parser passes it on.
      for (const target of [pathIn(url as string), new Request(url as string).url]) {
        const document = reply(await ask(guard, target))
        expect(document.status).toBe(200)
        expect((JSON.parse(document.body) as { resource: unknown }).resource).toBe(resource)
      }
    }), runs(200))
  }, patience)

  it('and from any template, with any values', async () => {
    await fc.assert(fc.asyncProperty(resourceTemplate, async ({ template, values, filled }) => {
      const guard = guardOf({ resource: template, tenants: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]])) })
      const refused = await ask(guard, pathIn(filled))
      expect(reply(refused).status).toBe(401)
      expect(metadataUrlIn(refused)).toBe(metadataUrlByRfc9728(filled))
      const document = reply(await ask(guard, pathIn(metadataUrlByRfc9728(filled))))
      expect(document.status).toBe(200)
      expect((JSON.parse(document.body) as { resource: unknown }).resource).toBe(filled)
      const granted = await ask(guard, pathIn(filled), await issuer.token({ aud: filled }))
      expect(granted).toMatchObject({ kind: 'granted', principal: { resource: filled, variables: values } })
    }), runs(150))
  }, patience)
})

describe('any two resources of one guard', () => {
  it('take none of each other\'s tokens', async () => {
    const pair = fc.tuple(resourceId, resourceId).filter(([a, b]) => a !== b)
    await fc.assert(fc.asyncProperty(pair, async ([one, other]) => {
      const guard = both(one, other)
      fc.pre(guard !== undefined)
      const token = await issuer.token({ aud: one })
      expect(await ask(guard, pathIn(one), token)).toMatchObject({ kind: 'granted', principal: { resource: one } })
      expect(reply(await ask(guard, pathIn(other), token)).status).toBe(401)
    }), runs(100))
  }, patience)

  /** Undefined for two that one request could mean. */
  function both(one: string, other: string) {
    try {
      return guardOf({ resources: [{ resource: one }, { resource: other }] })
    } catch (error) {
      if (error instanceof ConfigurationError && /guarded twice|gets the same requests/.test(error.message)) return undefined
      throw error
    }
  }
})

describe('a token is for a resource', () => {
  let tokenFor: (aud: string) => Promise<string>
  beforeAll(() => {
    tokenFor = (aud) => issuer.token({ aud })
  })

  it('only where the audience has the very same characters', async () => {
    const edit = fc.tuple(resourceId, fc.nat(), fc.constantFrom('', '/', '?', '#', '.', '%2F', 'a', 'A', ':443', '@', '//', '/.',
      '\u0430'), fc.nat({ max: 1 }))
    await fc.assert(fc.asyncProperty(edit, async ([resource, at, inserted, removed]) => {
      const index = at % (resource.length + 1)
      const near = resource.slice(0, index) + inserted + resource.slice(index + removed)
      const rooted = (text: string): string => (/^[^/]+:\/\/[^/?]+\/$/.test(text) ? text.slice(0, -1) : text)
      fc.pre(rooted(near) !== rooted(resource) && near !== '')
      expect(reply(await ask(guardOf({ resource }), pathIn(resource), await tokenFor(near))).status).toBe(401)
    }), runs(150))
  }, patience)
})

describe('any text at all as the resource', () => {
  const almost = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ['http', 'https', 'HTTPS'] }),
    fc.tuple(resourceId, fc.nat(), fc.constantFrom('/', '//', '/../', '/./', '%2f', '%41', '%2e', '\\', ' ', '\t', '{', '}', '{a}',
      '~~a~~', 'A', '#', '?', '@', ':80', '\u00e9')).map(([id, at, extra]) => {
      const index = at % (id.length + 1)
      return id.slice(0, index) + extra + id.slice(index)
    }),
  )
  const refusalOf = (resource: string): ConfigurationError | undefined => {
    try {
      const names = [...new Set([...resource.matchAll(/\/\{([A-Za-z]\w*)\}(?=\/|\?|$)/g)].map(([, name]) => name as string))]
      guardOf({ resource, ...(names.length > 0 && { tenants: Object.fromEntries(names.map((name) => [name, ['x']])) }) })
      return undefined
    } catch (error) {
      if (error instanceof ConfigurationError) return error
      throw error
    }
  }

  it('is taken, or refused with a ConfigurationError whose advice, if it says what to write, can be written', () => {
    fc.assert(fc.property(almost, (resource) => {
      const advised = / write "(.*)"$/s.exec(refusalOf(resource)?.message ?? '')?.[1]
      if (advised === undefined) return
      expect(advised).not.toBe(resource)
      expect(refusalOf(advised)?.message ?? '').not.toContain('canonical form')
    }), runs(750))
  }, patience)

  it('is never taken in two spellings that URL parsers hold for one', () => {
    fc.assert(fc.property(almost, (resource) => {
      if (refusalOf(resource) !== undefined || /[{}]/.test(resource)) return
      const { href } = new URL(resource)
      // But for the slash after a host, which a client may leave out (RFC 3986 §6.2.3).
      expect([href, href.replace(/^([a-z]+:\/\/[^/]+)\/(?=\?|$)/, '$1')]).toContain(resource)
    }), runs(750))
  }, patience)
})
