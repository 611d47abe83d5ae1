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

// As HTTP has it (RFC 9112 §3.2.2), in the one spelling that all routers take off; in front of nothing, or of a query, some look for the path in there.
const absoluteForm = /^https?:\/\/[\w.:[\]~-]*(?=\/)/

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
 * Every way in which some router reads a path, as it is written among them: decoded once or not, slashes collapsed or not, and what stands
 * behind the first semicolon cut off, before decoding or after it, or not. Each router mixes these in its own way, so that to look at the
 * strictest and at the most lenient one is not enough. Letter case is left to those who compare.
 *
 * `undefined` where no two routers agree: an encoded slash, backslash, dot or NUL, a raw backslash, dot segments, and
 * what does not decode or does not begin with one slash (URL parsers read `//a/b` as a host and `/b`).
 */
export function readingsOf(path: string): readonly string[] | undefined {
  if (ambiguous.test(path) || decode(path) === undefined) return undefined
  let readings = new Set([path])
  for (const lenient of spelling.test(path) ? [cut, decode, cut, collapse] : []) {
    readings = new Set([...readings].flatMap((reading) => [reading, lenient(reading) ?? reading]))
  }
  return [...readings].some((reading) => dotSegment.test(reading)) ? undefined : [...readings]
}

/** What some router takes for something else. */
const spelling = /[%;]|\/\//
const dotSegment = /\/\.\.?(?:\/|$)/

const cut = (path: string): string => path.split(';', 1)[0] as string
const collapse = (path: string): string => path.replace(/\/{2,}/g, '/')

/** Undefined where it does not decode. */
export function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
