import { describe, expect, it, vi } from 'vitest'
import { configure } from '../src/configuration/configuration.js'
import type { ResourceGuardOptions, ResourceOptions } from '../src/options.js'
import { isProblem } from '../src/response/problem.js'
import { createTargets } from '../src/targets.js'
import type { KeySource } from '../src/token/keys.js'

const authorizationServers = ['https://login.example.com']
const keysOf = ({ issuer, jwksUri }: { issuer: string; jwksUri: string | undefined }) => ({ issuer, jwksUri }) as unknown as KeySource
const introspectorAt = () => {
  throw new Error('no issuer here is asked')
}
const targetsOf = (options: ResourceGuardOptions) => createTargets({
  policies: configure(options).policies, servesRootMetadata: false, sources: { keysOf, introspectorAt }, timeout: 0.05,
})
const template = (more: Partial<ResourceOptions> = {}) =>
  targetsOf({ resource: 'https://api.example.com/t/{tenant}/v1', authorizationServers, tenants: { tenant: ['acme', 'globex', 'ACME-2'] }, ...more })

async function locate(targets: ReturnType<typeof createTargets>, path: string): Promise<string> {
  const located = await targets.locate(path)
  return located === undefined ? 'outside' : isProblem(located) ? located.reason : located.resource
}

describe('a single resource without variables', () => {
  it.each(['/', '', '/photos', '//x', '/%2e%2e/', '*', '/a\\b'])('gets every request: %s', async (path) => {
    expect(await locate(targetsOf({ resource: 'https://api.example.com/photos', authorizationServers }), path)).toBe('https://api.example.com/photos')
  })
})

describe('a template', () => {
  it.each([
    ['/t/acme/v1', 'https://api.example.com/t/acme/v1'],
    ['/t/acme/v1/', 'https://api.example.com/t/acme/v1'],
    ['/t/acme/v1/photos/1', 'https://api.example.com/t/acme/v1'],
    ['/t/acme/v1/items;v=1', 'https://api.example.com/t/acme/v1'],
    ['/t/acme/v1//x', 'https://api.example.com/t/acme/v1'],
    ['/t/acme/v1/%C3%A9', 'https://api.example.com/t/acme/v1'],
    ['/t/globex/v1', 'https://api.example.com/t/globex/v1'],
    ['/t/ACME-2/v1', 'https://api.example.com/t/ACME-2/v1'],
    ['/', 'outside'],
    ['/t', 'outside'],
    ['/t/acme', 'outside'],
    ['/x/acme/v1', 'outside'],
    ['/t/acme/v10', 'outside'],
    ['/t/nobody/v1', 'resource_unknown'],
    ['/t/ACME/v1', 'resource_unknown'],
    ['/t/acme-2/v1', 'resource_unknown'],
    ['/t/%61cme/v1', 'resource_unknown'],
    ['/T/acme/v1', 'resource_unknown'],
    ['/t/acme/V1', 'resource_unknown'],
    ['//t/acme/v1', 'resource_unknown'],
    ['/t//acme/v1', 'resource_unknown'],
    ['/t/acme//v1', 'resource_unknown'],
    ['/t//v1', 'resource_unknown'],
    ['/%74/acme/v1', 'resource_unknown'],
    ['/t/acme;x/v1', 'resource_unknown'],
    // Each of these is outside as it is written and outside by the most lenient reading; a router that does one of the two has it inside.
    ...['/T/acme;/v1', '/t/acme;/V1', '/T/;acme/v1', '/%74/acme;/v1', '/%74/acme%3b/v1', '/%74/acme%3B/v1', '/t/acme;/v%31', '/%74//v1', '/t//acme%3b/v1',
      'http://h?/t/acme/v1'].map((path): [string, string] => [path, 'resource_unknown']),
    ['/t;x/acme/v1', 'outside'],
    ['/t/acme/v1/../../globex/v1', 'resource_unknown'],
    ['/t/acme/v1/%2e%2e/x', 'resource_unknown'],
    ['/t/acme%2fv1/v1', 'resource_unknown'],
    ['/t/acme/v1\\x', 'resource_unknown'],
    ['/t/%20/v1', 'resource_unknown'],
    ['/t/../v1', 'resource_unknown'],
    ['/t/a%00/v1', 'resource_unknown'],
    ['/t/acme/v1/%zz', 'resource_unknown'],
    [`/t/${'a'.repeat(129)}/v1`, 'resource_unknown'],
    ['http:/t/acme/v1', 'resource_unknown'],
    ['/t/__proto__/v1', 'resource_unknown'],
  ])('%s selects %s', async (path, selected) => expect(await locate(template(), path)).toBe(selected))

  it('is refused where a shorter resource is literal in the place of its variable: routers that are trees would serve that one', async () => {
    const targets = targetsOf({ authorizationServers, resources: [
      { resource: 'https://api.example.com/t/admin' }, { resource: 'https://api.example.com/t/{tenant}/v1', tenants: { tenant: () => true } },
      { resource: 'https://api.example.com/t/admin/v2' }, { resource: 'https://api.example.com' },
    ] })
    expect(await Promise.all(['/t/admin/v1/x', '/t/admin/x', '/t/acme/v1/x', '/t/admin/v2/x', '/t/acme/x', '/t/ADMIN/v1/x'].map((path) => locate(targets, path)))).toEqual([
      'resource_unknown', 'https://api.example.com/t/admin', 'https://api.example.com/t/acme/v1', 'https://api.example.com/t/admin/v2', 'https://api.example.com',
      'resource_unknown',
    ])
  })

  it('asks a function on every request', async () => {
    const tenant = vi.fn<(value: string) => boolean>((value) => value === 'acme')
    const targets = template({ tenants: { tenant } })
    expect(await locate(targets, '/t/acme/v1')).toBe('https://api.example.com/t/acme/v1')
    expect(await locate(targets, '/t/acme/v1')).toBe('https://api.example.com/t/acme/v1')
    expect(await locate(targets, '/t/other/v1')).toBe('resource_unknown')
    expect(tenant.mock.calls.map(([value]) => value)).toEqual(['acme', 'acme', 'other'])
  })

  it.each([
    ['throws', () => { throw new Error('database down') }],
    ['rejects', () => Promise.reject(new Error('database down'))],
  ])('is unavailable, not unknown, where the function %s', async (_, tenant) => {
    expect(await template({ tenants: { tenant } }).locate('/t/acme/v1')).toMatchObject({ reason: 'tenants_unavailable', detail: 'database down' })
  })

  it.each(['yes', 1, {}, null, undefined])('is unavailable, not unknown, where the function gives %j', async (verdict) => {
    const detail = 'tenants.tenant gave neither true nor false'
    expect(await template({ tenants: { tenant: async () => verdict as never } }).locate('/t/acme/v1')).toMatchObject({ reason: 'tenants_unavailable', detail })
  })

  it('fails closed where two issuers are one for a tenant', async () => {
    const issuers = ['https://login.example.com/{tenant}', { issuer: 'https://login.example.com/acme', typ: ['JWT'] }]
    expect(await locate(template({ authorizationServers: issuers }), '/t/acme/v1')).toBe('tenants_unavailable')
  })

  it('keeps the 1000 tenants that were asked for last', async () => {
    const targets = template({ tenants: { tenant: () => true } })
    const at = (name: string) => targets.locate(`/t/${name}/v1`)
    const [first, second] = [await at('first'), await at('second')]
    for (let i = 0; i < 998; i += 1) await at(`t${i}`)
    expect(await at('first')).toBe(first)
    await at('another')
    expect(await at('first')).toBe(first)
    expect(await at('second')).not.toBe(second)
  })

  it('is unavailable where a function does not answer in time', async () => {
    const never = () => new Promise<never>(() => {})
    const late = (name: string) => ({ reason: 'tenants_unavailable', detail: `${name} gave no answer within 0.05 s (storeTimeout)` })
    expect(await template({ tenants: { tenant: never } }).locate('/t/acme/v1')).toMatchObject(late('tenants.tenant'))
    expect(await template({ authorizationServers: never }).locate('/t/acme/v1')).toMatchObject(late('authorizationServers'))
  })

  it('fills the variables into issuers, keys and audiences', async () => {
    const targets = template({
      authorizationServers: [{ issuer: 'https://login.example.com/{tenant}', jwksUri: 'https://login.example.com/{tenant}/keys', alsoAccept: ['api://{tenant}'] }],
    })
    const target = await targets.locate('/t/acme/v1')
    if (target === undefined || isProblem(target)) throw new Error('no target')
    const issuer = target.issuers.get('https://login.example.com/acme')
    expect([...target.issuers.keys()]).toEqual(['https://login.example.com/acme'])
    expect([...(issuer?.audiences ?? [])]).toEqual(['https://api.example.com/t/acme/v1', 'api://acme'])
    expect(issuer?.keys).toEqual({ issuer: 'https://login.example.com/acme', jwksUri: 'https://login.example.com/acme/keys' })
    expect(JSON.parse(target.document)).toMatchObject({ resource: 'https://api.example.com/t/acme/v1', authorization_servers: ['https://login.example.com/acme'] })
    expect(target.metadataUrl).toBe('https://api.example.com/.well-known/oauth-protected-resource/t/acme/v1')
    expect(target.variables).toEqual({ tenant: 'acme' })
  })

  it('keeps a target while its issuers stay the same, and makes a new one when they change', async () => {
    let issuers = ['https://a.example.com']
    const targets = template({ authorizationServers: async () => issuers })
    const first = await targets.locate('/t/acme/v1')
    expect(await targets.locate('/t/acme/v1')).toBe(first)
    issuers = ['https://b.example.com']
    const second = await targets.locate('/t/acme/v1')
    expect(second).not.toBe(first)
    expect(second).toMatchObject({ resource: 'https://api.example.com/t/acme/v1' })
  })

  it.each([
    ['an empty list', () => []],
    ['http', () => ['http://login.example.com']],
    ['nothing', () => undefined as unknown as []],
    ['what throws', () => { throw new Error('down') }],
    ['one issuer twice', () => ['https://login.example.com', 'https://login.example.com']],
  ])('fails closed where its function gives %s', async (_, issuers) => {
    expect(await locate(template({ authorizationServers: issuers }), '/t/acme/v1')).toBe('tenants_unavailable')
  })
})

describe('several resources', () => {
  const several = targetsOf({
    authorizationServers,
    resources: [
      { resource: 'https://api.example.com' },
      { resource: 'https://api.example.com/admin' },
      { resource: 'https://api.example.com/t/{tenant}', tenants: { tenant: ['acme'] } },
      { resource: 'https://api.example.com/t/admin' },
      { resource: 'https://other.example.com/deep/path/', mountPath: '/deep' },
    ],
  })

  it.each([
    ['/', 'https://api.example.com'],
    ['/photos', 'https://api.example.com'],
    ['/administration', 'https://api.example.com'],
    ['/admin', 'https://api.example.com/admin'],
    ['/admin/x', 'https://api.example.com/admin'],
    ['/admin/;x', 'https://api.example.com/admin'],
    ['/ADMIN/x', 'resource_unknown'],
    ['/%61dmin/x', 'resource_unknown'],
    ['//admin/x', 'resource_unknown'],
    ['/admin;x/y', 'resource_unknown'],
    ['/t/acme', 'https://api.example.com/t/acme'],
    ['/t/admin', 'https://api.example.com/t/admin'],
    ['/t/ADMIN', 'resource_unknown'],
    ['/t/other', 'resource_unknown'],
    ['/deep/x', 'https://other.example.com/deep/path/'],
  ])('%s selects %s', async (path, selected) => expect(await locate(several, path)).toBe(selected))
})

describe('metadata', () => {
  const targets = targetsOf({
    authorizationServers,
    resources: [
      { resource: 'https://api.example.com/' },
      { resource: 'https://api.example.com/a/' },
      { resource: 'https://api.example.com/q?x=1' },
      { resource: 'https://api.example.com/t/{tenant}', tenants: { tenant: ['acme'] } },
    ],
  })
  const at = async (path: string, query = ''): Promise<string> => {
    const located = await targets.locateMetadata(`/.well-known/oauth-protected-resource${path}`, query)
    return located === undefined ? 'outside' : isProblem(located) ? located.reason : located.resource
  }

  it.each([
    ['', '', 'https://api.example.com/'],
    ['', '?cache=1', 'https://api.example.com/'],
    ['/a/', '', 'https://api.example.com/a/'],
    ['/q', '?x=1', 'https://api.example.com/q?x=1'],
    ['/t/acme', '', 'https://api.example.com/t/acme'],
    ['/', '', 'outside'],
    ['/a', '', 'outside'],
    ['/A/', '', 'outside'],
    ['/%61/', '', 'outside'],
    ['/q', '', 'outside'],
    ['/q', '?x=2', 'outside'],
    ['/t/acme/', '', 'outside'],
    ['/t/acme/x', '', 'outside'],
    ['/t/nobody', '', 'resource_unknown'],
    ['/t/%61cme', '', 'resource_unknown'],
    ['/x', '', 'outside'],
  ])('%s%s is that of %s', async (path, query, resource) => expect(await at(path, query)).toBe(resource))
})
