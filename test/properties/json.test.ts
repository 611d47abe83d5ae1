import { Buffer } from 'node:buffer'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProblem } from '../../packages/core/src/response/problem.js'
import { decodeJwt, parseStrictly } from '../../packages/core/src/token/format.js'
import { patience, runs } from './runs.js'

/** JSON as it is written, where an object may have a member twice. */
type Written = { readonly object: readonly (readonly [name: string, value: Written])[] } | { readonly list: readonly Written[] } | { readonly leaf: string | number | boolean | null }

const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b', 'aud', 'exp', '', 'constructor', '"', '\\', '{', ',', ':') },
  { weight: 1, arbitrary: fc.constant('__proto__') }, { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) })
const leaf = fc.oneof(name, fc.double({ noDefaultInfinity: true, noNaN: true }).filter((value) => !Object.is(value, -0)), fc.boolean(),
  fc.constant(null)).map((value): Written => ({ leaf: value }))
const { object } = fc.letrec<{ value: Written; object: Written; list: Written }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('object'), tie('list')),
  object: fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((members) => ({ object: members })),
  list: fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ list: values })),
}))

const isAmbiguous = (written: Written): boolean =>
  'object' in written
    ? new Set(written.object.map(([member]) => member)).size < written.object.length || written.object.some(([member, value]) => member === '__proto__' || isAmbiguous(value))
    : 'list' in written && written.list.some(isAmbiguous)

const valueOf = (written: Written): unknown =>
  'object' in written
    ? Object.fromEntries(written.object.map(([member, value]) => [member, valueOf(value)]))
    : 'list' in written ? written.list.map(valueOf) : written.leaf

/** Writes it down, with white space and with escapes where `choose` says so. */
function serialise(written: Written, choose: () => number): string {
  const space = (): string => ['', '', '', ' ', '\n', '\t ', '\r\n'][choose() % 7] as string
  const string = (text: string): string => (choose() % 3 === 0 ? `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"` : JSON.stringify(text))
  const inside = (parts: readonly string[]): string => parts.map((part) => `${space()}${part}${space()}`).join(',') || space()
  if ('object' in written) return `{${inside(written.object.map(([member, value]) => `${string(member)}${space()}:${space()}${serialise(value, choose)}`))}}`
  if ('list' in written) return `[${inside(written.list.map((value) => serialise(value, choose)))}]`
  return typeof written.leaf === 'string' ? string(written.leaf) : JSON.stringify(written.leaf)
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

describe('JSON that is written with every freedom there is', () => {
  it('is read as it was meant, unless it says something twice', () => {
    fc.assert(fc.property(object, fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 }), (written, choices) => {
      let next = 0
      const text = serialise(written, () => choices[next++ % choices.length] as number)
      expect(parseStrictly(text)).toEqual(isAmbiguous(written) ? undefined : valueOf(written))
      const token = `${encode('{"alg":"ES256"}')}.${encode(text)}.AAAA`
      expect(isProblem(decodeJwt(token))).toBe(isAmbiguous(written))
    }), runs(1000))
  }, patience)
})

/**
 * The same judgement by a parser of its own, from the grammar of RFC 8259: an object, in which none has a member twice or one called
 * `__proto__`, each string is Unicode, and nothing is nested deeper than 32.
 */
function isAcceptable(text: string): boolean {
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern, 'y')
    sticky.lastIndex = at
    const found = sticky.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const white = (): unknown => take(/[ \t\n\r]*/)
  const string = (): string | undefined => {
    const raw = take(/"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/)
    if (raw === undefined) return undefined
    const read = raw.slice(1, -1).replace(/\\u([\da-fA-F]{4})|\\(.)/gs, (_, code?: string, other?: string) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : ({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[other as string] ?? (other as string)))
    return /\p{Surrogate}/u.test(read) ? undefined : read
  }
  const several = (end: RegExp, one: () => boolean): boolean => {
    white()
    if (take(end)) return true
    do {
      white()
      if (!one()) return false
      white()
    } while (take(/,/))
    return take(end) !== undefined
  }
  const members = (depth: number): boolean => {
    const names = new Set<string>(['__proto__'])
    return several(/\}/, () => {
      const member = string()
      if (member === undefined || names.has(member)) return false
      names.add(member)
      white()
      return take(/:/) !== undefined && value(depth)
    })
  }
  const value = (depth: number): boolean => {
    white()
    if (depth >= 32 && /[[{]/.test(text[at] ?? '')) return false
    if (take(/\{/)) return members(depth + 1)
    if (take(/\[/)) return several(/\]/, () => value(depth + 1))
    return text[at] === '"' ? string() !== undefined : take(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/) !== undefined
  }
  white()
  if (text[at] !== '{' || !value(0)) return false
  white()
  return at === text.length
}

describe('text that is nearly JSON', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '"b"', '"a":1', '"\\u0061"', '"\\ud800"', '"\\ud83d\\ude00"',
    '"__proto__"', '"\\"', '\\', '\\"', '1', 'null', ' ', '{"a":', '"a":{', '}}', '[[[[[[[[', ']]]]]]]]', '"a":[]', '-', '1e999')
  const mutated = fc.tuple(object, fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }),
    fc.array(fc.tuple(fc.nat(), piece, fc.nat({ max: 2 })), { maxLength: 3 })).map(([written, choices, edits]) => {
    let next = 0
    let text = serialise(written, () => choices[next++ % choices.length] as number)
    for (const [at, inserted, removed] of edits) {
      const index = at % (text.length + 1)
      text = text.slice(0, index) + inserted + text.slice(index + removed)
    }
    return text
  })
  const nested = fc.tuple(fc.integer({ min: 28, max: 36 }), fc.constantFrom(['[', ']'] as const, ['{"a":', '}'] as const))
    .map(([levels, [opening, closing]]) => `{"x":${opening.repeat(levels)}1${closing.repeat(levels)}}`)

  it('is taken where, and only where, it is an object that says nothing twice', () => {
    const pieced = fc.array(piece, { maxLength: 12 }).map((pieces) => `{${pieces.join('')}}`)
    fc.assert(fc.property(fc.oneof({ weight: 6, arbitrary: mutated }, pieced, nested), (text) => {
      const wellFormed = Buffer.from(text).toString()
      const read = parseStrictly(wellFormed)
      expect(read !== undefined).toBe(isAcceptable(wellFormed))
      if (read !== undefined) expect(read).toEqual(JSON.parse(wellFormed))
    }), runs(3000))
  }, patience)
})

describe('any bytes in the place of a token', () => {
  it('are refused or decoded into what encodes to them again', () => {
    const part = fc.oneof(fc.stringMatching(/^[\w-]{0,12}$/), fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64url')), object.map((written) => encode(serialise(written, () => 1))))
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const token = parts.join('.')
      const decoded = decodeJwt(token)
      if (isProblem(decoded)) {
        expect(['token_malformed', 'credentials_malformed']).toContain(decoded.reason)
        return
      }
      expect(parts).toHaveLength(3)
      expect(`${decoded.signingInput}.${Buffer.from(decoded.signature).toString('base64url')}`).toBe(token)
      for (const text of parts.slice(0, 2)) expect(Buffer.from(text, 'base64url').toString('base64url')).toBe(text)
    }), runs(1500))
  }, patience)
})
