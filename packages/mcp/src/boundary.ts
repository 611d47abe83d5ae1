import { ConfigurationError, type AccessRequest } from '@resource-guard/core'

/** From where requests are taken at all, whoever sends them. */
export interface Boundary {
  /** Names with or without a port; `undefined`: any. */
  readonly hosts: ReadonlySet<string> | undefined
  readonly origins: '*' | { readonly listed: ReadonlySet<string>; readonly loopback: boolean }
}

const loopback = ['localhost', '127.0.0.1', '[::1]']
const hostPattern = /^(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/
const originPattern = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@A-Z]+$/

const isLoopback = (resource: URL): boolean => loopback.includes(resource.hostname)

/** Throws a ConfigurationError. */
export function checkHosts(option: string, hosts: unknown, resources: readonly URL[]): Boundary['hosts'] {
  if (hosts === undefined) return resources.length > 0 && resources.every(isLoopback) ? new Set(loopback) : undefined
  return new Set(checkEach(option, hosts, hostPattern, 'a host in lower case, with or without a port, like "mcp.example.com"'))
}

/** Throws a ConfigurationError. */
export function checkOrigins(option: string, origins: unknown, resources: readonly URL[]): Boundary['origins'] {
  if (origins === '*') return '*'
  if (origins === undefined) {
    // A page on loopback can be anybody's: beside a public resource it is not taken unless it is listed.
    const local = resources.length > 0 && resources.every(isLoopback)
    return { listed: new Set(resources.filter((resource) => local || !isLoopback(resource)).map(({ origin }) => origin)), loopback: local }
  }
  const listed = checkEach(option, origins, originPattern, 'an origin as browsers send it, like "https://app.example.com"')
  return { listed: new Set(listed), loopback: false }
}

function checkEach(option: string, values: unknown, pattern: RegExp, what: string): readonly string[] {
  if (!Array.isArray(values)) throw new ConfigurationError(option, `must be a list, each ${what}`)
  const index = values.findIndex((value) => typeof value !== 'string' || !pattern.test(value))
  if (index !== -1) throw new ConfigurationError(`${option}[${index}]`, `must be ${what}`)
  return values as readonly string[]
}

/** What is wrong about where a request comes from, if anything. */
export function checkBoundary({ hosts, origins }: Boundary, request: AccessRequest): 'host_not_allowed' | 'origin_not_allowed' | undefined {
  if (hosts !== undefined && !isHost(hosts, hostOf(request))) return 'host_not_allowed'
  const origin = request.headers.get('origin')
  if (origin === null || origins === '*' || origins.listed.has(origin)) return undefined
  const fromLoopback = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(origin)
  return origins.loopback && fromLoopback ? undefined : 'origin_not_allowed'
}

/** `Host`; in HTTP/2 there may be only `:authority`, which a Web Request has in its URL and Node among its headers. */
function hostOf({ url, headers }: AccessRequest): string {
  const host = headers.get('host')
  if (host !== null) return host.toLowerCase()
  return (/^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? headers.get(':authority') ?? '').toLowerCase()
}

const isHost = (hosts: ReadonlySet<string>, host: string): boolean => hosts.has(host) || hosts.has(host.replace(/:\d{1,5}$/, ''))
