import type { Claims } from './claims/rule.js'
import { waitAtMost, withDeadline } from './outbound/deadline.js'
import { describeFailure } from './outbound/outbound-error.js'
import type { Principal } from './principal.js'
import type { AccessRequest } from './request/access-request.js'
import { problem, type Problem } from './response/problem.js'
import { StoreError } from './store/store-error.js'
import type { Store } from './store/store.js'
import { nameOf } from './token/digest.js'

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
       * In seconds since the epoch. Tokens with an earlier `iat`, and those without one, are refused. An `iat` is a whole number, so
       * give a fraction, like `Date.now() / 1000`, to refuse every token of that second; a whole number spares those of the second
       * that it begins. Default: now. An issuer whose clock is ahead may have dated a token later than this already, by as much as is
       * accepted (60 seconds, or `clockTolerance` if that is more): a time that far in the future refuses these as well, and those of
       * a login within that time.
       */
      readonly issuedBefore?: number
      readonly jti?: never
    } & ({ readonly sub: string; readonly sid?: never } | { readonly sid: string; readonly sub?: never }))
)

/** Asked about every principal before it is let in. Only `false` lets it in: anything else than true or false, throwing, and no answer in time are 503. */
export type IsRevoked = (principal: Principal, request: AccessRequest) => boolean | Promise<boolean>

/** What was revoked, as the store knows it. */
export interface Revocations {
  /**
   * `token_inactive` for a revoked token, `store_unavailable` where it cannot be told. `jwt` is what the token says itself, where
   * `claims` are those of an introspection reply over it: it is revoked under either's names. Never rejects.
   */
  check(issuer: string, claims: Claims, jwt?: Claims): Promise<Problem | undefined>
  /**
   * Rejects with a TypeError for what is no Revocation, and for an issuer that no token may come from; and with the store's error, or a
   * StoreError (`STORE_NOT_KEPT`), where it was not kept. Of one guard none undoes another. A Store cannot compare and set, so between
   * guards that revoke the same in the same moment reading back only narrows the time in which the weaker may take the place of the stronger.
   */
  revoke(revocation: Revocation): Promise<void>
}

const kinds = ['jti', 'sub', 'sid'] as const
const members: readonly string[] = ['issuer', ...kinds, 'issuedBefore', 'keepFor']
const thirtyDays = 2_592_000
/** Later than every `iat`. */
const always = 1e15
/** How often one revocation is written, before it is given up. Others that write to the same entry meanwhile take in what they find. */
const mostWrites = 5

export interface RevocationSettings {
  readonly store: Store
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** In how many seconds each of the store's operations ends. */
  readonly timeout: number
  /** Whether a token may come from this issuer at all. */
  readonly mayIssue: (issuer: string) => boolean
}

export function createRevocations({ store, now, timeout, mayIssue }: RevocationSettings): Revocations {
  /** What was last begun for each key. */
  const turns = new Map<string, Promise<void>>()

  /** In milliseconds: some runtimes drop what a request began once it is answered, and a store that hangs must not add up. */
  const patience = 2 * timeout * 1000

  /** Does `work` when what was begun for this key before is over, however it ended, or has had its time. */
  async function inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const before = turns.get(key)
    const turn = before === undefined ? work() : waitAtMost(patience, before).then(work)
    const over = turn.catch(() => {})
    turns.set(key, over)
    try {
      await turn
    } finally {
      if (turns.get(key) === over) turns.delete(key)
    }
  }

  return {
    async check(issuer, claims, jwt) {
      const named = namesIn(claims)
      if (jwt !== undefined) named.push(...namesIn(jwt).filter(([kind, value]) => claims[kind] !== value))
      try {
        const found = await Promise.all(named.map(async ([kind, value]) => store.get(await keyOf(issuer, kind, value))))
        const iat = issuedAt(claims, jwt)
        const revoked = named.find((_, index) => found[index] !== undefined && !(iat >= read(found[index]).issuedBefore))
        return revoked && problem('token_inactive', { claim: revoked[0], detail: 'revoked', verified: true })
      } catch (error) {
        return problem('store_unavailable', { detail: `whether the token is revoked cannot be told: ${describeFailure(error)}` })
      }
    },
    async revoke(revocation) {
      const { kind, value, issuedBefore, keepFor } = checked(revocation, now() / 1000)
      if (!mayIssue(revocation.issuer)) throw new TypeError(`revoke: "${revocation.issuer}" is no issuer of this guard`)
      const key = await keyOf(revocation.issuer, kind, value)
      await inTurn(key, async () => {
        // An earlier revocation is never weakened by a later one that says less.
        let known = read(await store.get(key))
        const keepUntil = now() / 1000 + keepFor
        for (let writes = 0; writes < mostWrites; writes += 1) {
          const until = Math.max(known.until, keepUntil)
          const ttl = until - now() / 1000
          if (ttl <= 0) return
          await store.set(key, `${Math.max(known.issuedBefore, issuedBefore)} ${until}`, ttl)
          known = read(await store.get(key))
          if (known.issuedBefore >= issuedBefore && known.until >= keepUntil) return
        }
        throw new StoreError('STORE_NOT_KEPT', `the store does not give back what was written to it, ${mostWrites} times`)
      })
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
  } catch (error) {
    return problem('store_unavailable', { detail: `isRevoked: ${describeFailure(error)}` })
  }
}

/** What a token can be revoked by. */
const namesIn = (claims: Claims): (readonly [(typeof kinds)[number], string])[] =>
  kinds.flatMap((kind) => (typeof claims[kind] === 'string' ? [[kind, claims[kind]] as const] : []))

/** The earlier of two that differ. */
function issuedAt(claims: Claims, jwt: Claims | undefined): number {
  const [iat, own] = [claims['iat'], jwt?.['iat']]
  if (typeof iat !== 'number') return typeof own === 'number' ? own : -Infinity
  return typeof own === 'number' ? Math.min(iat, own) : iat
}

/** The store does not learn who it is about. */
const keyOf = async (issuer: string, kind: string, value: string): Promise<string> =>
  `revoked:${await nameOf(JSON.stringify([issuer, kind, value]))}`

/** What a store holds. An entry that cannot be read revokes everything it is about. */
function read(entry: string | undefined): { readonly issuedBefore: number; readonly until: number } {
  if (entry === undefined) return { issuedBefore: -Infinity, until: -Infinity }
  const [, issuedBefore, until] = /^(\d+(?:\.\d+)?(?:e-\d+)?) (\d+(?:\.\d+)?)$/.exec(entry) ?? []
  return issuedBefore === undefined ? { issuedBefore: always, until: -Infinity } : { issuedBefore: Number(issuedBefore), until: Number(until) }
}

const what = 'give exactly one of { issuer, jti }, { issuer, sub } and { issuer, sid }'

function checked(revocation: Revocation, now: number) {
  if (typeof revocation !== 'object' || revocation === null) throw new TypeError(`revoke: ${what}`)
  const unknown = Object.keys(revocation).find((name) => !members.includes(name))
  if (unknown !== undefined) throw new TypeError(`revoke: there is no member "${unknown}"; there are ${members.join(', ')}`)
  const [kind, ...more] = kinds.filter((name) => revocation[name] !== undefined)
  if (kind === undefined || more.length > 0) throw new TypeError(`revoke: ${what}`)
  const { issuer, keepFor = thirtyDays, issuedBefore = now } = revocation
  const value: unknown = revocation[kind]
  if (typeof issuer !== 'string' || issuer === '' || typeof value !== 'string' || value === '') {
    throw new TypeError(`revoke: issuer and ${kind} must be strings that are not empty`)
  }
  if (typeof keepFor !== 'number' || !(keepFor > 0 && keepFor <= 10 * 365 * 86_400)) {
    throw new TypeError('revoke: keepFor must be a number of seconds, more than 0 and at most ten years')
  }
  if (typeof issuedBefore !== 'number' || !(issuedBefore >= 0 && issuedBefore < 253_402_300_800)) {
    throw new TypeError('revoke: issuedBefore must be in seconds since the epoch')
  }
  if (kind === 'jti' && revocation.issuedBefore !== undefined) throw new TypeError('revoke: issuedBefore goes with sub or sid')
  return { kind, value, keepFor, issuedBefore: kind === 'jti' ? always : issuedBefore }
}
