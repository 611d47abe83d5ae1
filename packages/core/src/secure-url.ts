const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * https, or http where the host is literally a loopback name (docs/decisions/014). Names are not resolved: `localhost` is
 * taken at its word, and any other name may still lead anywhere.
 */
export const isSecure = (url: URL): boolean => url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname))

/**
 * The URL that `text` is, resolved against `base`; undefined where it is none. Not by `URL.canParse`, which on Node 20 says no
 * to good non-ASCII text once it is hot.
 */
export function readUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

/** Scheme and host in lower case (RFC 3986 §6.2.2.1): of ASCII alone, or a Kelvin sign would be a k. */
export const foldHost = (text: string): string =>
  text.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, (prefix) => prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
