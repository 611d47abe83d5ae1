import { anyOf, waitAtMost } from '../outbound/deadline.js'
import { fetchJson } from '../outbound/fetch-json.js'
import { OutboundError, OutboundFault, describeFailure } from '../outbound/outbound-error.js'
import { forLog, isFetchable, isPrivateHost } from '../outbound/url.js'
import { readUrl } from '../secure-url.js'

export interface DiscoveryRequest {
  readonly fetch: typeof fetch
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** After how many milliseconds without an answer the next place is tried as well. */
  readonly headStart: number
  /** Hosts of the configuration, `host` or `host:port`: only these may be private addresses (beside the issuer's own). */
  readonly allowedHosts: ReadonlySet<string>
}

/**
 * Where an issuer's metadata may be: RFC 8414 §3.1 first, then OpenID Connect as RFC 8414 §5 and Discovery §4 have it. The
 * last is for servers that are mounted at a path and append where RFC 8414 inserts.
 */
export function metadataLocations(issuer: URL): readonly URL[] {
  const path = issuer.pathname.replace(/\/$/, '')
  const paths = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
    `${path}/.well-known/oauth-authorization-server`,
  ]
  return [...new Set(paths)].map((location) => new URL(issuer.origin + location))
}

/** What is looked for: the value of a member of the metadata, or of a member inside one (`mtls_endpoint_aliases`). */
export type Wanted = 'jwks_uri' | 'introspection_endpoint' | 'mtls_introspection_endpoint'

function read(metadata: Readonly<Record<string, unknown>>, wanted: Wanted): unknown {
  if (wanted !== 'mtls_introspection_endpoint') return metadata[wanted]
  // RFC 8705 §5: what is not in the aliases is at its usual place.
  const aliases = metadata['mtls_endpoint_aliases'] as { readonly introspection_endpoint?: unknown } | null | undefined
  return aliases?.introspection_endpoint ?? metadata['introspection_endpoint']
}

/**
 * Finds one URL in the issuer's metadata. The places are tried in order, a slow one beside the next; the first document that
 * names exactly this issuer (RFC 8414 §3.3) and such a URL that may be fetched is the one. Rejects with an OutboundError, which
 * is an OutboundFault where one of the places was unwell.
 */
export async function discoverUrl(issuer: string, wanted: Wanted, request: DiscoveryRequest): Promise<URL> {
  const base = readUrl(issuer)
  if (base === undefined || !isFetchable(base)) throw new OutboundError('the issuer is not an https URL, so it has no metadata')
  const over = new AbortController()
  const signal = anyOf(request.signal, over.signal)
  const attempts: Promise<URL>[] = []
  try {
    for (const location of metadataLocations(base)) {
      attempts.push(readEndpoint(location, issuer, wanted, base, { ...request, signal }))
      const found = Promise.any(attempts).then(() => true, () => false)
      if (await waitAtMost(request.headStart, found)) break
      request.signal.throwIfAborted()
    }
    return await Promise.any(attempts)
  } catch (error) {
    throw mostTelling(error)
  } finally {
    over.abort()
  }
}

async function readEndpoint(location: URL, issuer: string, wanted: Wanted, base: URL, request: DiscoveryRequest): Promise<URL> {
  const answer = await fetchJson(location, { ...request, accept: 'application/json' })
  const metadata = answer.status === 200 ? answer.value : undefined
  if (typeof metadata !== 'object' || metadata === null) throw new OutboundError(`${forLog(location)} is not metadata`)
  const { issuer: named } = metadata as { issuer?: unknown }
  if (named !== issuer) {
    const other = typeof named === 'string' ? JSON.stringify(named.slice(0, 64)) : 'none'
    throw new OutboundError(`${forLog(location)} is metadata of another issuer (RFC 8414 §3.3): ${other}`)
  }
  const text = read(metadata as Record<string, unknown>, wanted)
  const url = typeof text === 'string' ? readUrl(text) : undefined
  if (url === undefined) throw new OutboundError(`${forLog(location)} has no ${wanted}`)
  if (!isFetchable(url)) throw new OutboundError(`${forLog(location)} has a ${wanted} that is not https`)
  const configured = url.host === base.host || request.allowedHosts.has(url.host) || request.allowedHosts.has(url.hostname)
  if (isPrivateHost(url.hostname) && !configured) {
    throw new OutboundError(`${forLog(location)} has a ${wanted} at a private address that is not in the configuration: ${forLog(url)}`)
  }
  return url
}

/** Of several failures, one that says more than that there was nothing at that place. */
function mostTelling(error: unknown): OutboundError {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
  const all = errors.map(describeFailure)
  const isFault = errors.some((one) => one instanceof OutboundFault)
  const telling = all.find((text) => !/ answered 40[0-9]$/.test(text))
  return new (isFault ? OutboundFault : OutboundError)(telling ?? `no metadata at any of ${all.length} places, the last ${all.at(-1)}: is the issuer right?`)
}
