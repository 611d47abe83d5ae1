import { ConfigurationError } from '../configuration-error.js'
import { isSecure, readUrl } from '../secure-url.js'

/** A resource identifier, or a template of them, in its parts. */
export interface ResourceIdentifier {
  /** As configured, byte for byte. */
  readonly text: string
  readonly origin: string
  /** As configured: empty, or `/a/{tenant}`. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
  /** The names of the template's variables, in order. None: a single resource. */
  readonly variables: readonly string[]
}

/**
 * Takes a resource identifier apart (RFC 8707 §2, RFC 9728 §1.2). Demands the canonical form, so that there is one way to
 * write it: from here on it is compared and emitted byte for byte. Throws a ConfigurationError that prints the form to paste.
 */
export function parseResource(option: string, text: unknown): ResourceIdentifier {
  if (typeof text !== 'string' || text === '') throw new ConfigurationError(option, 'must be the absolute URI of this API, like "https://api.example.com"')
  if (text.length > 2048) throw new ConfigurationError(option, 'must not be longer than 2048 characters')
  const url = parseUrl(option, text)
  if (url.hash !== '' || text.endsWith('#')) throw new ConfigurationError(option, `must not have a fragment (RFC 8707 §2): drop "${url.hash || '#'}"`)
  if (url.username !== '' || url.password !== '') throw new ConfigurationError(option, 'must not have a user name or password in it')
  if (!isSecure(url)) {
    throw new ConfigurationError(
      option,
      'must be https (http only on localhost, 127.0.0.1 or [::1]); an audience like "api://…" goes into alsoAccept of its issuer',
    )
  }
  if (/%(?![\da-f]{2})/i.test(text)) throw new ConfigurationError(option, 'must not have a "%" that encodes nothing: write "%25"')
  const canonical = canonicalForm(url, text)
  if (hideBraces(text) !== canonical) throw new ConfigurationError(option, `must be in canonical form: write "${showBraces(canonical)}"`)
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) throw new ConfigurationError(option, 'must be ASCII without space, " and \\: percent-encode them')
  if (/%(?:2f|5c|00)/i.test(text)) throw new ConfigurationError(option, 'must not have an encoded slash, backslash or NUL: routers disagree about them')
  return split(option, text, url.origin)
}

/** The names of the `{name}` segments of a path. Every brace must belong to one, and no name may come twice. */
export function variablesIn(option: string, path: string): readonly string[] {
  const names = path.split('/').filter((segment) => /[{}]/.test(segment)).map((segment) => {
    const name = /^\{([A-Za-z]\w*)\}$/.exec(segment)?.[1]
    if (name === undefined) throw new ConfigurationError(option, `"${segment}" is no variable: one is a whole path segment, like "{tenant}"`)
    return name
  })
  if (new Set(names).size < names.length) throw new ConfigurationError(option, 'must not use one variable twice')
  return names
}

/** The template with its variables filled in. Values are unreserved characters (RFC 3986 §2.3), so nothing needs escaping. */
export const fill = (template: string, variables: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (braces, name: string) => variables[name] ?? braces)

/** Whether two templates can become the same text. Values are runs of unreserved characters, and stand alone between others. */
export function mayEqual(a: string, b: string): boolean {
  const [left, right] = [partsOf(a), partsOf(b)]
  return left.length === right.length && left.every((part, index) => samePart(part, right[index] as string))
}

const partsOf = (text: string): readonly string[] => text.match(/\{\w+\}|[\w.~-]+|[^]/g) ?? []
const isVariable = (part: string): boolean => /^\{\w+\}$/.test(part)
const isValue = (part: string): boolean => isVariable(part) || /^[\w.~-]+$/.test(part)
const samePart = (a: string, b: string): boolean => a === b || (isVariable(a) && isValue(b)) || (isVariable(b) && isValue(a))

/** Braces are no URL characters: they are written as `~~name~~` while a URL parser looks at them. */
export const parseUrl = (option: string, text: string): URL => {
  const url = readUrl(hideBraces(text))
  if (url === undefined) throw new ConfigurationError(option, 'must be an absolute URI, like "https://api.example.com"')
  if (url.host.includes('~~')) throw new ConfigurationError(option, 'must not have a variable in its host: only whole path segments can be variables')
  return url
}

const hideBraces = (text: string): string => text.replace(/\{([^{}/]*)\}/g, '~~$1~~')
const showBraces = (text: string): string => text.replace(/~~([^/]*?)~~/g, '{$1}')

/** Case, default port, dot segments, percent-encoding (RFC 3986 §6.2.2, §6.2.3) and doubled slashes put right, braces hidden; an empty path stays empty. */
function canonicalForm(url: URL, text: string): string {
  const emptyPath = url.pathname === '/' && !/^[^:]+:\/\/[^/?#]*\//.test(text)
  const path = emptyPath ? '' : url.pathname.replace(/\/{2,}/g, '/')
  return url.origin + plainEncoding(path) + plainEncoding(url.search)
}

const plainEncoding = (text: string): string =>
  text.replace(/%[0-9a-f]{2}/gi, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : octet.toUpperCase()
  })

function split(option: string, text: string, origin: string): ResourceIdentifier {
  const rest = text.slice(origin.length)
  const question = rest.indexOf('?')
  const path = question === -1 ? rest : rest.slice(0, question)
  const query = question === -1 ? '' : rest.slice(question)
  const pattern = /\/(:\w+|\*+)(?=\/|$)/.exec(path)?.[1]
  if (pattern !== undefined) throw new ConfigurationError(option, `must be a URI, and "${pattern}" is a router's pattern: a variable is written "{tenant}"`)
  if (/[{}]/.test(query)) throw new ConfigurationError(option, 'must not have a variable in its query: only whole path segments can be variables')
  return { text, origin, path, query, variables: variablesIn(option, path) }
}
