import { decodeBase64url, encodeBase64url } from './base64url.js'

/** Writes what only holders of the secret can read, and read only under the name that it was written under. */
export interface Sealer {
  seal(name: string, text: string): Promise<string>
  /** The text; undefined for anything that was not sealed with this secret, under this name. Never rejects. */
  open(name: string, sealed: unknown): Promise<string | undefined>
}

const ivLength = 12

/**
 * AES-256-GCM with a key for each name (HKDF-SHA-256, RFC 5869): what was moved to another name does not open there, and a
 * random nonce is never near the number of messages that one key may see.
 */
export function createSealer(secret: string): Sealer {
  let master: CryptoKey | undefined

  async function keyOf(name: string): Promise<CryptoKey> {
    const encoder = new TextEncoder()
    master ??= await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveKey'])
    const info = encoder.encode(`resource-guard introspection 1 ${name}`)
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    return crypto.subtle.deriveKey(derivation, master, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  }

  return {
    async seal(name, text) {
      const iv = crypto.getRandomValues(new Uint8Array(ivLength))
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(name), new TextEncoder().encode(text))
      return encodeBase64url(new Uint8Array([...iv, ...new Uint8Array(sealed)]))
    },
    async open(name, sealed) {
      try {
        const bytes = typeof sealed === 'string' ? decodeBase64url(sealed) : undefined
        if (bytes === undefined || bytes.length <= ivLength) return undefined
        const iv = new Uint8Array(bytes.subarray(0, ivLength))
        const text = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, await keyOf(name), new Uint8Array(bytes.subarray(ivLength)))
        return new TextDecoder('utf-8', { fatal: true }).decode(text)
      } catch {
        return undefined
      }
    },
  }
}
