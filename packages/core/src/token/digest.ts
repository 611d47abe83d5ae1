import { encodeBase64url } from './base64url.js'
import { nodeBuiltin } from './node-builtin.js'

/** SHA-256 of a whole token, as 32 characters of one byte each: the shortest form there is, to compare and to look up by. Not to be shown. */
export type Digest = (token: string) => string | Promise<string>

/** The part of `node:crypto` that is used. `hash` is there since Node 20.12, and takes about half the time of `createHash`. */
export interface NodeHash {
  hash?(algorithm: string, data: string, encoding: 'binary'): string
  createHash?(algorithm: string): { update(data: string): { digest(encoding: 'binary'): string } }
}

export const digestOnWeb: Digest = async (token) => {
  const octets = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return String.fromCharCode(...new Uint8Array(octets))
}

/** The fastest of what there is and works. Some runtimes have the module with functions that only throw. */
export function chooseDigest({ hash, createHash }: NodeHash = {}): Digest {
  if (hash && works((token) => hash('sha256', token, 'binary'))) return (token) => hash('sha256', token, 'binary')
  if (createHash && works((token) => createHash('sha256').update(token).digest('binary'))) {
    return (token) => createHash('sha256').update(token).digest('binary')
  }
  return digestOnWeb
}

/** The empty string's digest begins with these bytes. */
function works(digest: (token: string) => string): boolean {
  try {
    return digest('').length === 32 && digest('').startsWith('\xe3\xb0\xc4\x42\x98\xfc\x1c\x14')
  } catch {
    return false
  }
}

/** Digests a token; synchronously where `node:crypto` is, so that the way of a known token has no promise in it. */
export const digestToken: Digest = chooseDigest(nodeBuiltin('node:crypto'))

/** A name for what a store keeps, from which nothing can be read: SHA-256, in base64url. */
export async function nameOf(text: string): Promise<string> {
  const digest = await digestToken(text)
  return encodeBase64url(Uint8Array.from(digest, (octet) => octet.charCodeAt(0)))
}
