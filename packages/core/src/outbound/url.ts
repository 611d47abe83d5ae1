import { isSecure } from '../secure-url.js'

/** True for URLs that may be fetched at all: secure, and without a user name or password. */
export const isFetchable = (url: URL): boolean => url.username === '' && url.password === '' && isSecure(url)

/**
 * True for hosts that must not be reached because a document on the network says so: `localhost`, and literal addresses
 * that are not public (RFC 6890). Takes the `hostname` of a URL, where every spelling of an address has become one.
 * Other names are **not** resolved; keep a server's network from what it must not reach.
 */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return isPrivateIpv6(hostname)
  const ipv4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname)
  if (ipv4 !== null) return isPrivateIpv4(Number(ipv4[1]), Number(ipv4[2]))
  return /(?:^|\.)localhost\.?$/.test(hostname)
}

function isPrivateIpv4(a: number, b: number): boolean {
  return a === 0 || a === 10 || a === 127 || a >= 224
    || (a === 100 && b >= 64 && b <= 127)
    || (a === 169 && b === 254)
    || (a === 172 && b >= 16 && b <= 31)
    || (a === 192 && (b === 0 || b === 168))
    || (a === 198 && (b === 18 || b === 19))
}

/** All but global unicast (2000::/3), and of that the tunnels that carry an IPv4 address: 2001::/32 and 2002::/16. */
function isPrivateIpv6(hostname: string): boolean {
  const [first, second] = hostname.slice(1, -1).split(':', 2).map((group) => Number.parseInt(group || '0', 16)) as [number, number]
  return first < 0x2000 || first > 0x3fff || first === 0x2002 || (first === 0x2001 && second === 0)
}

/** A URL as it may stand in a log: without user name, password, query and fragment, at most 128 characters. */
export function forLog(url: URL): string {
  const text = `${url.protocol}//${url.host}${url.pathname}`
  return text.length > 128 ? `${text.slice(0, 127)}…` : text
}
