import type { Claims } from './claims/rule.js'
import { withDeadline } from './outbound/deadline.js'
import type { Principal } from './principal.js'
import type { AccessRequest } from './request/access-request.js'
import { problem, type Problem } from './response/problem.js'
import type { Store } from './store/store.js'
import { encodeBase64url } from './token/base64url.js'
import { digestToken } from './token/digest.js'

/**
 * Access tokens that are not to be accepted any more, before they expire: one by its `jti`, or those of a subject or of a session
 * (`sid`) that were issued before a moment. `issuer` is that of the tokens, exactly: others are not affected.
 */
export type Revocation = {
  readonly issuer: string
  /** For how many seconds this has to be known: at least as long as such tokens live. Default 2592000, which is 30 days. */
  readonly keepFor?: number
} & (
  | { readonly jti: string; readonly sub?: never; readonly sid?: never; readonly issuedBefore?: never }
  | ({
      /**
       * In seconds since the epoch, which may be a fraction. Tokens with an earlier `iat`, and those without one, are refused. An `iat`
       * is a whole number: of the second in which this falls every token is. Default: now.
       */
      readonly issuedBefore?: number
      readonly jti?: never
    } & ({ readonly sub: string; readonly sid?: never } | { readonly sid: string; readonly sub?: never }))
)

/** Asked about every principal before it is let in. Only `false` lets it in: anything else than true or false, throwing, and no answer in time are 503. */
export type IsRevoked = (principal: Principal, request: AccessRequest) => boolean | Promise<boolean>

/** What was revoked, as the store knows it. */
export interface Revocations {
  /** `token_inactive` for a revoked token, `store_unavailable` where it cannot be told. Never rejects. */
  check(issuer: string, claims: Claims): Promise<Problem | undefined>
  /** Rejects with a TypeError for what is no Revocation, and with the store's error where it was not kept. */
  revoke(revocation: Revocation): Promise<void>
}

const kinds = ['jti', 'sub', 'sid'] as const
const thirtyDays = 2_592_000
/** Later than every `iat`. */
const always = 1e15

/** `now` in milliseconds. The store's operations have deadlines of their own. */
export function createRevocations(store: Store, now: () => number): Revocations {
  return {
    async check(issuer, claims) {
      const named = kinds.filter((kind) => typeof claims[kind] === 'string')
      try {
        const found = await Promise.all(named.map(async (kind) => store.get(await keyOf(issuer, kind, claims[kind] as string))))
        const iat = typeof claims['iat'] === 'number' ? claims['iat'] : -Infinity
        const kind = named.find((_, index) => found[index] !== undefined && !(iat >= read(found[index]).issuedBefore))
        return kind && problem('token_inactive', { claim: kind, detail: 'revoked', verified: true })
      } catch {
        return problem('store_unavailable', { detail: 'whether the token is revoked cannot be told' })
      }
    },
    async revoke(revocation) {
      const { kind, value, issuedBefore, keepFor } = checked(revocation, now() / 1000)
      const key = await keyOf(revocation.issuer, kind, value)
      // An earlier revocation is never weakened by a later one that says less.
      const known = read(await store.get(key))
      const until = Math.max(known.until, now() / 1000 + keepFor)
      await store.set(key, `${Math.max(known.issuedBefore, issuedBefore)} ${until}`, until - now() / 1000)
    },
  }
}

/** Asks the application, within `seconds`. Never rejects. */
export async function askIsRevoked(isRevoked: IsRevoked, seconds: number, principal: Principal, request: AccessRequest): Promise<Problem | undefined> {
  try {
    const verdict: unknown = await withDeadline(seconds, async () => isRevoked(principal, request))
    if (verdict === false) return undefined
    if (verdict === true) return problem('token_inactive', { detail: 'revoked, says isRevoked', verified: true })
    return problem('store_unavailable', { detail: 'isRevoked gave neither true nor false' })
  } catch {
    return problem('store_unavailable', { detail: 'isRevoked threw, rejected or gave no answer in time' })
  }
}

/** A digest: the store does not learn who it is about. */
async function keyOf(issuer: string, kind: string, value: string): Promise<string> {
  const digest = await digestToken(JSON.stringify([issuer, kind, value]))
  return `revoked:${encodeBase64url(Uint8Array.from(digest, (octet) => octet.charCodeAt(0)))}`
}

/** What a store holds. An entry that cannot be read revokes everything it is about. */
function read(entry: string | undefined): { readonly issuedBefore: number; readonly until: number } {
  if (entry === undefined) return { issuedBefore: -Infinity, until: -Infinity }
  const [, issuedBefore, until] = /^(\d+(?:\.\d+)?) (\d+(?:\.\d+)?)$/.exec(entry) ?? []
  return issuedBefore === undefined ? { issuedBefore: always, until: -Infinity } : { issuedBefore: Number(issuedBefore), until: Number(until) }
}

function checked(revocation: Revocation, now: number) {
  if (typeof revocation !== 'object' || revocation === null) throw new TypeError('revoke: give { issuer, jti }, { issuer, sub } or { issuer, sid }')
  const { issuer, keepFor = thirtyDays, issuedBefore = now } = revocation
  const [kind, ...more] = kinds.filter((name) => revocation[name] !== undefined)
  if (kind === undefined || more.length > 0) throw new TypeError('revoke: give exactly one of jti, sub and sid')
  const value: unknown = revocation[kind]
  if (typeof issuer !== 'string' || issuer === '' || typeof value !== 'string' || value === '') throw new TypeError(`revoke: issuer and ${kind} must be strings that are not empty`)
  if (typeof keepFor !== 'number' || !(keepFor > 0 && keepFor <= 10 * 365 * 86_400)) throw new TypeError('revoke: keepFor must be a number of seconds, more than 0 and at most ten years')
  if (typeof issuedBefore !== 'number' || !(issuedBefore >= 0 && issuedBefore < 253_402_300_800)) throw new TypeError('revoke: issuedBefore must be in seconds since the epoch')
  if (kind === 'jti' && revocation.issuedBefore !== undefined) throw new TypeError('revoke: issuedBefore goes with sub or sid')
  return { kind, value, keepFor, issuedBefore: kind === 'jti' ? always : issuedBefore }
}
