/** Turns text into bytes; `undefined` for text that no encoder writes. */
export type Decode = (text: string) => Uint8Array | undefined

/** The part of Node's Buffer that is used; Bun, Deno and Workers have it too. */
interface NodeBuffer {
  from(text: string, encoding: 'base64url'): Uint8Array & { toString(encoding: 'base64url'): string }
}

// The length, the character set and the unused bits of the last character, which must be zero (RFC 4648 §3.5), in one pattern.
const canonical = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/** Buffer skips what it cannot read, so the bytes are encoded again: only the one canonical text comes back as it was. */
export const decodeWithBuffer = (buffer: NodeBuffer): Decode => (text) => {
  const bytes = buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** The same on the Web's own means. */
export const decodeWithAtob: Decode = (text) => {
  if (!canonical.test(text)) return undefined
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (octet) => octet.charCodeAt(0))
}

const nodeBuffer = (globalThis as { Buffer?: NodeBuffer }).Buffer

/**
 * Decodes base64url without padding (RFC 7515 §2). Strict: every sequence of bytes has exactly one text that is accepted,
 * so that two different tokens are never the same one. `undefined` for `=`, `+`, `/`, white space or anything else
 * outside the alphabet, for an impossible length, and for non-zero unused bits. The bytes are to be read only.
 */
export const decodeBase64url: Decode = nodeBuffer ? decodeWithBuffer(nodeBuffer) : decodeWithAtob

/** Encodes base64url without padding (RFC 7515 §2). */
export function encodeBase64url(bytes: Uint8Array): string {
  let octets = ''
  for (const byte of bytes) octets += String.fromCharCode(byte)
  return btoa(octets).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes UTF-8. `undefined` for anything that is not UTF-8. A byte order mark is kept, not dropped: JSON.parse then fails on
 * it, as RFC 8259 §8.1 allows.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
