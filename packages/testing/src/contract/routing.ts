import type { AppCase } from './app.js'
import { holds, open as openExpectation, type Expectation } from './expectation.js'
import { ADMIN, API, PUBLIC, tenant } from './setups.js'

/** Other ways to write what a router may read as the path of `segment`, behind a prefix and before /photos. */
const spellings = (before: string, segment: string, other: string): readonly string[] => {
  const capital = segment.toUpperCase()
  const encoded = `%${segment.charCodeAt(0).toString(16)}${segment.slice(1)}`
  const path = `${before}/${segment}/photos`
  const all = [
    `${before}/${capital}/photos`, `${before.toUpperCase()}/${segment}/PHOTOS`, `${before}/${encoded}/photos`, `${before}/${encoded.toUpperCase()}/photos`,
    `${before}/${[...segment].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')}/photos`,
    `/${path}`, `//${path}`, `${before}//${segment}/photos`, `${before}/${segment}//photos`, `/.${path}`, `${before}/./${segment}/photos`,
    `${before}/x/../${segment}/photos`,
    `${before}/${other}/../${segment}/photos`, `${before}/${other}/%2e%2e/${segment}/photos`, `${before}/${other}/%2E./${segment}/photos`,
    `${before}/${other}/.%2e/${segment}/photos`,
    `${before}/${other}%2f..%2f${segment}/photos`, `${before}/${other}/..%2f${segment}/photos`, `/.${before}%2f${segment}/photos`,
    `${before}/${segment}%2fphotos`,
    `${before}/${other}\\..\\${segment}/photos`, `${before}/${other}/..\\${segment}/photos`, `/x\\..${path}`,
    `/.${before}\\${segment}/photos`, `${before}/${other}%5c..%5c${segment}/photos`,
    `${before}/${segment};v=1/photos`, `${before}/${segment}/photos;v=1`, `${before}/${segment};/photos`,
    `${before}/${other};/../${segment}/photos`, `${before}/${segment}%3b/photos`,
    `${before}/${segment}%00/photos`, `${before}/${segment}/photos%00`, `${before}/${segment}%20/photos`, `${before}/${segment}./photos`,
    `${before}/${segment}%2e/photos`,
    `${before}/${segment}/photos/`, `${before}/${segment}/photos//`, `${before}/${segment}/photos/.`, `${before}/${segment}/photos/x/..`,
    `${before}/${segment}/photos%2f`,
    `${before}/${segment}/photos?`, `${before}/${segment}/photos?/${other}`, `${before}/${segment}/photos#/../${other}`,
    `${before}/%25${encoded.slice(1)}/photos`,
    `${before}/${segment}%c3%28/photos`, `${before}/${segment}%zz/photos`, `${before}/${segment}%/photos`,
    `${before}/${segment.replace(/./, '%ef%bd%81')}/photos`,
    `http://api.example.com${path}`, `https://api.example.com${path}`, `http://127.0.0.1${before}/${other}/..${path.slice(before.length)}`,
    `http:/${path}`, `//127.0.0.1${path}`, `//api.example.com${path}`,
  ]
  return [...new Set(all)].filter((spelling) => spelling !== path)
}

/** Not the handler of this route, and no failure of the server, whatever else becomes of the request. */
const notTheHandlerOf =
  (route: string): Expectation =>
  (answer, judged) => {
    holds('no failure of the server', answer.status < 500, answer.status)
    if (answer.status >= 300 || !judged.read) return
    holds(`the handler of ${route} does not run`, judged.read(answer).route !== route, judged.read(answer))
  }

/** If a tenant is served, it is the one that the token is for. */
const noTenantBut =
  (name: string): Expectation =>
  (answer, judged) => {
    holds('no failure of the server', answer.status < 500, answer.status)
    if (answer.status >= 300 || !judged.read) return
    const { tenant: given, principal } = judged.read(answer)
    holds(`no tenant but ${name} is served`, (given === name || given === undefined) && principal?.variables['tenant'] === name, judged.read(answer))
  }

/** A route that needs no token is open; anything else is not. */
const openOnlyOutside: Expectation = (answer, judged) => {
  notTheHandlerOf('/admin/photos')(answer, judged)
  if (answer.status === 200) openExpectation(answer, judged)
}

const shown = (target: string): string => JSON.stringify(target).slice(1, -1)

/**
 * A request that one router serves under another spelling is never judged as another resource or tenant than the one that is
 * served (RFC 8707 §3): routers fold case, decode, collapse slashes and resolve dot segments, each in its own way.
 */
export const routing: readonly AppCase[] = [
  ...spellings('/t', 'globex', 'acme').map((target) => ({
    name: `a token for one tenant never gets another served as ${shown(target)}`, ref: 'R8707-3-a', setup: 'template' as const, target,
    claims: { aud: tenant('acme') }, expect: noTenantBut('acme'),
  })),
  ...spellings('/t', 'globex', 'acme').map((target) => ({
    name: `a token for a tenant gets that tenant or nothing as ${shown(target)}`, ref: 'R8707-3-a', setup: 'template' as const, target,
    claims: { aud: tenant('globex') }, expect: noTenantBut('globex'),
  })),
  ...spellings('', 'admin', 'public').map((target) => ({
    name: `a token for one resource never gets another served as ${shown(target)}`, ref: 'R8707-3-a', setup: 'several' as const, target,
    claims: { aud: PUBLIC }, expect: notTheHandlerOf('/admin/photos'),
  })),
  ...spellings('', 'admin', 'public').map((target) => ({
    name: `a token for the root never gets a narrower resource served as ${shown(target)}`, ref: 'R8707-3-a', setup: 'several-with-root' as const, target,
    claims: { aud: API }, expect: notTheHandlerOf('/admin/photos'),
  })),
  ...spellings('', 'admin', 'public').map((target) => ({
    name: `no token gets no guarded handler served as ${shown(target)} where what is outside is open`, ref: 'R9700-2.3-a',
    setup: 'several-outside-pass' as const, target,
    authorization: [], expect: openOnlyOutside,
  })),
  ...spellings('', 'admin', 'public').map((target) => ({
    name: `a single resource guards ${shown(target)} like any other spelling`, ref: 'R9700-2.3-a', target, authorization: [],
    expect: ((answer) => holds('nothing is let in without a token', answer.status >= 400 && answer.status < 500, answer.status)) satisfies Expectation,
  })),
  {
    name: 'a path of another resource in a header changes nothing', ref: 'R9700-4.13-a', setup: 'several', target: '/admin/photos', claims: { aud: PUBLIC },
    headers: ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Path', 'X-Forwarded-Uri'].map((name) => [name, '/public/photos'] as const),
    resource: ADMIN, expect: notTheHandlerOf('/admin/photos'),
  },
  {
    name: 'another method in a header changes nothing', ref: 'R9700-4.13-a', method: 'POST', authorization: [],
    headers: [['X-HTTP-Method-Override', 'OPTIONS']],
    setup: 'preflight-pass', expect: notTheHandlerOf('/photos'),
  },
]
