/**
 * The path of a request target, without the query: of `/a?b`, `https://host/a?b`, `*`. What is in front of the path (the
 * host, which the client chooses) is dropped unread.
 */
export function pathOf(url: string): string {
  const end = endOfPath(url)
  return url.slice(startOfPath(url), end)
}

/** The query, with its `?`, or the empty string. */
export function queryOf(url: string): string {
  const start = url.indexOf('?')
  if (start === -1) return ''
  const fragment = url.indexOf('#', start)
  return fragment === -1 ? url.slice(start) : url.slice(start, fragment)
}

const absoluteForm = /^[a-z][a-z\d+.-]*:\/\/[\w.:[\]~-]*(?=[/?]|$)/i

/** What is neither `/path` nor an absolute URL counts as path from its first character on, and so begins with no slash. */
function startOfPath(url: string): number {
  return url.charCodeAt(0) === 0x2f ? 0 : (absoluteForm.exec(url)?.[0].length ?? 0)
}

function endOfPath(url: string): number {
  const query = url.indexOf('?')
  return query === -1 ? url.length : query
}

/** The segments of a path. Of `/a/b` and `/a/b/`: `['a', 'b']`; of `/`: none. Inner empty segments are kept. */
export function segmentsOf(path: string): readonly string[] {
  const start = path.charCodeAt(0) === 0x2f ? 1 : 0
  const end = path.length > start && path.endsWith('/') ? path.length - 1 : path.length
  return start >= end ? [] : path.slice(start, end).split('/')
}

const ambiguous = /^[^/]|^\/\/|[\\#]|%(?:2f|5c|2e|00)/i

/**
 * The path as the most lenient router would read it: decoded once, case folded, slashes collapsed, path parameters cut off.
 * `undefined` where no two routers agree: an encoded slash, backslash, dot or NUL, a raw backslash, dot segments, and
 * what does not decode or does not begin with one slash (URL parsers read `//a/b` as a host and `/b`).
 */
export function foldedSegments(path: string): readonly string[] | undefined {
  if (ambiguous.test(path)) return undefined
  const decoded = decode(path)
  if (decoded === undefined) return undefined
  const semicolon = decoded.indexOf(';')
  const segments = (semicolon === -1 ? decoded : decoded.slice(0, semicolon)).toLowerCase().split('/').filter(Boolean)
  return segments.some((segment) => segment === '.' || segment === '..') ? undefined : segments
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
