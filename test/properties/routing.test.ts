import { Buffer } from 'node:buffer'
import type { ResourceGuardOptions } from '@resource-guard/core'
import { createTestIssuer } from '@resource-guard/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { open } from '../../packages/testing/src/contract/wire.js'
import { routers, withApps, type Seen } from './apps.js'
import { patience, runs } from './runs.js'

// Routers fold case, decode, collapse slashes, cut parameters off and resolve dot segments, each in its own way. However a path
// is spelt: the handler that runs is one of the resource, and of the tenant, that the guard has judged.
const api = 'https://api.example.com'
const tenants = ['acme', 'globex', 'a.b', 'admin', 'Initech']
const issuer = await createTestIssuer({ audience: [api, `${api}/admin`, `${api}/public`, ...tenants.map((name) => `${api}/t/${name}`)] })
const trusting = { authorizationServers: [{ issuer: issuer.issuer, jwks: issuer.jwks }] }
const template = { resource: `${api}/t/{tenant}`, tenants: { tenant: tenants } }
const apart = { ...trusting, resources: [{ resource: `${api}/admin` }, { resource: `${api}/public` }, template] }
const settings: Readonly<Record<string, ResourceGuardOptions>> = {
  'several resources': apart,
  'several resources, the rest open': { ...apart, outside: 'pass' },
  'a root with narrower ones in it': { ...trusting, resources: [{ resource: api }, { resource: `${api}/admin` }, template] },
  'a template alone, the rest open': { ...trusting, ...template, outside: 'pass' },
  'a tenant asked for': { ...trusting, ...template, tenants: { tenant: (value) => tenants.includes(value) } },
}
// Good at every resource, so that nothing but the choice of one is judged here.
const token = await issuer.token({ exp: 4_000_000_000 })

/** One character in another spelling, or more than one. */
const respelt = (character: string): fc.Arbitrary<string> => {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
  return fc.oneof({ weight: 20, arbitrary: fc.constant(character) }, fc.constantFrom(character.toUpperCase(), `%${hex}`,
    `%${hex.toUpperCase()}`, `%25${hex}`, `%u00${hex}`, `${character}%00`, `${character}\u00ad`))
}
const spelt = (text: string): fc.Arbitrary<string> => fc.tuple(...[...text].map(respelt)).map((characters) => characters.join(''))
const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('t', 'admin', 'public', 'photos', ...tenants).chain(spelt) },
  { weight: 2, arbitrary: fc.constantFrom('.', '..', '%2e', '%2E%2e', '.%2e', '..;', '', ';', 'x', '%', '%zz', '%c0%af', '%ff',
    '%e2%80%ae', '{tenant}', ':tenant', '*', 'acme;v=1', ';admin', 'acme%3bx', 'acme%2fphotos', 'acme%5c..%5cglobex', 'photos?',
    'photos#', 'ac\\me', 'adm%C4%B1n', 'adm\u0130n', '%EF%BD%81cme', 'acme%20', 'acme.', '__proto__', 'constructor') },
)
const slash = fc.oneof({ weight: 16, arbitrary: fc.constant('/') }, fc.constantFrom('//', '/./', '%2f', '%2F', '\\', '%5c', '/;/', '/../',
  ';/', '?/', '#/'))
const front = fc.oneof({ weight: 14, arbitrary: fc.constant('') }, fc.constantFrom('http://api.example.com', 'https://x',
  'http://127.0.0.1:1', '//x', '/x/..', 'http:', 'http://', 'HTTP://a', 'http://a@b', 'http://[::1]', 'ftp://x'))
const wild = fc.tuple(front, fc.array(fc.tuple(slash, segment), { minLength: 1, maxLength: 7 }),
  fc.constantFrom('', '', '', '/', '?x=/t/globex/photos', '#x', ';x')).map(([start, parts, end]) => start + parts.flat().join('') + end)
/** One that reaches a handler, with a flaw or two in it. */
const flawed = fc.tuple(fc.constantFrom('/admin/photos', '/public/photos', '/t/', ...tenants.map((name) => `/t/${name}/photos`)).chain(spelt),
  fc.array(fc.tuple(fc.nat(), fc.oneof(slash, segment)), { maxLength: 2 }))
  .map(([path, edits]) => edits.reduce((text, [at, inserted]) => text.slice(0,
    at % (text.length + 1)) + inserted + text.slice(at % (text.length + 1)), path))
/** One that reaches a handler, changed in two to four of the ways in which routers are lenient: each router has some of them and not others. */
const ways: readonly ((character: string) => string)[] = [
  (character) => character.toUpperCase(), (character) => (character === '/' ? '//' : `%${character.charCodeAt(0).toString(16)}`),
  (character) => `${character};`, (character) => `${character}%3b`,
]
const mixed = fc.tuple(fc.constantFrom('/admin/photos', '/public/photos', '/t/', ...tenants.map((name) => `/t/${name}/photos`)),
  fc.array(fc.tuple(fc.nat(), fc.constantFrom(...ways)), { minLength: 2, maxLength: 4 }))
  .map(([path, changes]) => {
    const characters = [...path]
    for (const [at, way] of changes) characters[at % path.length] = way(path[at % path.length] as string)
    return characters.join('')
  })
const target = fc.oneof(wild, flawed, { weight: 3, arbitrary: mixed }).map((text) => Buffer.from(text.replace(/\s/g, '%20')).toString('latin1'))

/** The resource that a route is in, by the routes of these applications and the resources of these settings. */
function resourceOf({ route, tenant }: Seen, guarded: ReadonlySet<string>): string | undefined {
  const own = route.startsWith('/t/') ? `${api}/t/${tenant}` : `${api}/${route.split('/')[1]}`
  // All that is below /t is of some tenant, also where there is none of that name.
  if (route.startsWith('/t/')) return own
  return guarded.has(own) ? own : guarded.has(api) ? api : undefined
}

describe.each(Object.entries(settings))('with %s', (_, options) => {
  const resources = 'resources' in options ? options.resources.map(({ resource }) => resource) : [options.resource]
  const guarded = new Set(resources.flatMap((resource) => (resource.includes('{') ? tenants.map((name) => resource.replace('{tenant}',
    name)) : [resource])))

  it.each([
    ['a good token', [['Authorization', `Bearer ${token}`]] as const],
    ['no token', [] as const],
  ])('and %s, no path makes a handler run for another resource or tenant than the one that was judged', async (_name, headers) => {
    await withApps(routers, options, async (apps) => {
      const connections = apps.map(({ port }) => open(port))
      const ran = new Map<string, number>()
      try {
        await fc.assert(fc.asyncProperty(target, async (path) => {
          for (const [index, app] of apps.entries()) {
            const answer = await connections[index]?.send({ target: path, headers }).catch((error: Error) => error)
            if (answer === undefined || answer instanceof Error || answer.status === 400) {
              // What is no HTTP closes the connection.
              connections[index]?.close()
              connections[index] = open(app.port)
            }
            if (answer === undefined || answer instanceof Error) {
              expect(String(answer)).toMatch(/without an answer|ECONNRESET/)
              continue
            }
            expect(answer.status, `${app.name}: ${answer.body}`).toBeLessThan(500)
            if (!answer.body.startsWith('{"route"')) continue
            ran.set(app.name, (ran.get(app.name) ?? 0) + 1)
            const seen = JSON.parse(answer.body) as Seen
            expect(seen.principal?.resource, `${app.name} ran ${answer.body}`).toBe(resourceOf(seen, guarded))
            if (seen.principal?.variables['tenant'] !== undefined) expect(seen.tenant, app.name).toBe(seen.principal.variables['tenant'])
          }
        }), runs(250))
      } finally {
        for (const connection of connections) connection.close()
      }
      if (headers.length > 0) for (const { name } of apps) expect(ran.get(name), name).toBeGreaterThan(5)
    })
  }, patience)
})
