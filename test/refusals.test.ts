import { readFileSync } from 'node:fs'
import { createResourceGuard, type AuthorizationServer } from '@resource-guard/core'
import { createTestIssuer } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const page = read('docs/refusals.md')

it('the page has every reason there is', () => {
  const type = /export type Reason =\n((?: +\| '\w+'\n)+)/.exec(read('packages/core/src/response/problem.ts'))?.[1] ?? ''
  const reasons = [...type.matchAll(/'(\w+)'/g)].map(([, reason]) => reason)
  expect(reasons.length).toBeGreaterThan(20)
  const explained = [...page.matchAll(/^\| (`[^|]+`) \| \d{3} \|/gm)].flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  expect(explained.toSorted()).toEqual(reasons.toSorted())
})

describe('an issuer that is different', () => {
  const resource = 'https://api.example.com'
  const application = 'x'
  /** What each leaves out of a token by RFC 9068, and has in its place. */
  const tokens: Record<string, { readonly typ: string | undefined; readonly claims: Readonly<Record<string, unknown>>; readonly scopes?: readonly string[] }> = {
    Keycloak: { typ: 'JWT', claims: { client_id: undefined, azp: 'app', typ: 'Bearer' } },
    Auth0: { typ: 'JWT', claims: { client_id: undefined, azp: 'app', jti: undefined, aud: [resource, 'https://x.eu.auth0.com/userinfo'] } },
    Okta: { typ: undefined, claims: { client_id: undefined, cid: 'app', scope: undefined, scp: ['photos:read'], ver: 1 } },
    'Entra ID': { typ: 'JWT', claims: { aud: application, client_id: undefined, azp: 'app', scope: undefined, scp: 'photos:read', jti: undefined, uti: 'x', ver: '2.0' } },
    'Amazon Cognito': { typ: undefined, claims: { token_use: 'access', username: 'alice' } },
  }
  const descriptions = page.split(/^(?=\*\*)/m).slice(1).map((section) => {
    const [, name = '', text = ''] = /^\*\*(.+?)\*\*.*?```ts\n(.*?)```/s.exec(section) ?? []
    return { name, description: new Function(`return ${text.replace(/<\w+>/g, application)}`)() as AuthorizationServer }
  })

  it('is described for each of them', () => expect(descriptions.map(({ name }) => name)).toEqual(Object.keys(tokens)))

  it.each(descriptions)('$name: its tokens are let in as the page describes it, and not without', async ({ name, description }) => {
    const { typ, claims } = tokens[name] as (typeof tokens)[string]
    const issuer = await createTestIssuer({ issuer: description.issuer, audience: resource })
    const token = await issuer.token({ client_id: 'app', scope: 'photos:read', ...claims }, { header: { typ } })
    const visit = (server: AuthorizationServer) =>
      createResourceGuard({ resource, authorizationServers: [server], fetch: issuer.fetch }).handle(
        new Request(resource, { headers: { authorization: `Bearer ${token}` } }), { scopes: ['photos:read'] },
      )
    expect(await visit(description)).toMatchObject({ kind: 'granted', principal: { clientId: 'app', scopes: ['photos:read'] } })
    for (const member of Object.keys(description).filter((one) => one !== 'issuer')) {
      const { [member as 'typ']: _, ...rest } = description
      expect(await visit(rest)).toMatchObject({ kind: 'reply' })
    }
  })
})
