import { Buffer } from 'node:buffer'
import type { SigningKey } from './key.js'

/** Claims or header members to replace; one that is `undefined` is left out. */
export type Changes = Readonly<Record<string, unknown>>

/** How a token differs from what the issuer would normally sign. */
export interface MintOptions {
  /** Header members that replace or join `alg`, `typ` and `kid`; `undefined` drops one. The signature is still made with `key`. */
  readonly header?: Changes
  /** The algorithm: the issuer's key for it signs. Default: the issuer's first. */
  readonly alg?: string
  /** What signs. Default: the issuer's own key. */
  readonly key?: SigningKey
  /** Changes to the serialised parts: what no JSON object can say (duplicate members, a byte order mark, a cut signature). */
  readonly edit?: {
    /** The header's JSON text, before it is encoded and signed. */
    readonly header?: (json: string) => string | Uint8Array
    /** The claims' JSON text, before it is encoded and signed. */
    readonly payload?: (json: string) => string | Uint8Array
    /** The signature's bytes, after signing. */
    readonly signature?: (signature: Uint8Array) => Uint8Array
  }
}

/** base64url without padding (RFC 7515 §2); strings as UTF-8. */
export const base64url = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64url')

/** The object with `changes` made to it: those that are `undefined` are left out. */
export function change(object: Changes, changes: Changes): Changes {
  return Object.fromEntries(Object.entries({ ...object, ...changes }).filter(([, value]) => value !== undefined))
}

/** A JWS in compact serialisation (RFC 7515 §3.1), exactly as told: nothing is checked. */
export async function mint(claims: Changes, key: SigningKey, { header = {}, edit = {} }: MintOptions = {}): Promise<string> {
  const headerJson = JSON.stringify(change({ alg: key.alg, typ: 'at+jwt', kid: key.kid }, header))
  const payloadJson = JSON.stringify(claims)
  const input = `${base64url(edit.header?.(headerJson) ?? headerJson)}.${base64url(edit.payload?.(payloadJson) ?? payloadJson)}`
  const signature = await key.sign(Buffer.from(input))
  return `${input}.${base64url(edit.signature?.(signature) ?? signature)}`
}
