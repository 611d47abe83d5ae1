import type { Reply } from './reply.js'
import type { ResourceIdentifier } from '../request/resource.js'

/** RFC 9728 §3. */
export const wellKnown = '/.well-known/oauth-protected-resource'

/** Whether a path is under the well-known one, whatever resource it may mean. */
export const isMetadataPath = (path: string): boolean =>
  path.startsWith(wellKnown) && (path.length === wellKnown.length || path.charCodeAt(wellKnown.length) === 0x2f)

/**
 * Where the metadata of a resource is: the well-known path goes between host and path, without the slash after the host, and
 * the query stays (RFC 9728 §3.1). Of a template: a template.
 */
export const metadataUrl = ({ origin, path, query }: ResourceIdentifier): string => `${origin}${wellKnown}${metadataSuffix(path)}${query}`

/** What follows the well-known path in the path of a resource's metadata. */
export const metadataSuffix = (path: string): string => (path === '/' ? '' : path)

/** What a metadata document says beside the facts that it shares with the checks. */
export interface Description {
  readonly scopesSupported: readonly string[]
  /** Ready-made members: names, links, extensions. */
  readonly members: Readonly<Record<string, unknown>>
}

/** The document (RFC 9728 §2). `bearer_methods_supported` is what the guard really reads: the header only. */
export const metadataDocument = (resource: string, issuers: readonly string[], description: Description): string =>
  JSON.stringify({
    resource,
    authorization_servers: issuers,
    ...(description.scopesSupported.length > 0 && { scopes_supported: description.scopesSupported }),
    bearer_methods_supported: ['header'],
    ...description.members,
  })

/** Seconds for which clients may keep the document. */
const maxAge = 300

const cors: Reply['headers'] = [
  ['access-control-allow-origin', '*'],
  ['access-control-allow-methods', 'GET, HEAD'],
  ['access-control-allow-headers', '*'],
  ['access-control-max-age', '86400'],
]

/** Answers one request for a document: public, for any origin, cacheable, read-only. */
export async function answerMetadata(method: string, ifNoneMatch: string | null, document: string): Promise<Reply> {
  if (method === 'OPTIONS') return { status: 204, headers: [['allow', 'GET, HEAD, OPTIONS'], ...cors], body: '' }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: [['allow', 'GET, HEAD, OPTIONS'], ['access-control-allow-origin', '*'], ['cache-control', 'no-store']], body: '' }
  }
  const etag = await entityTag(document)
  const headers: Reply['headers'] = [
    ['access-control-allow-origin', '*'],
    ['cache-control', `public, max-age=${maxAge}`],
    ['etag', etag],
  ]
  if (matches(ifNoneMatch, etag)) return { status: 304, headers, body: '' }
  return { status: 200, headers: [['content-type', 'application/json'], ...headers], body: method === 'HEAD' ? '' : document }
}

async function entityTag(document: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(document))
  return `"${btoa(String.fromCharCode(...new Uint8Array(digest, 0, 12)))}"`
}

/** Weak comparison (RFC 9110 §13.1.2). */
const matches = (ifNoneMatch: string | null, etag: string): boolean =>
  ifNoneMatch !== null && ifNoneMatch.split(',').some((candidate) => ['*', etag, `W/${etag}`].includes(candidate.trim()))
