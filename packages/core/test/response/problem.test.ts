import { expect, it } from 'vitest'
import { problem } from '../../src/response/problem.js'

const shown = (text: string): unknown => problem('claim_invalid', { actual: text }).actual

it.each([
  0x00ad, 0x061c, 0x06dd, 0x180e, 0x200b, 0x200f, 0x2028, 0x2029, 0x202e, 0x2060, 0x2064, 0x2066, 0x2069, 0x206f, 0xfeff, 0xfffb,
  0, 0x0a, 0x1b, 0x7f, 0x85, 0xa0, 0xd800, 0xffff, 0xe0041, 0x1f600,
])('%# of the characters that show nothing, or something else than is there, becomes a question mark', (code) => {
  expect(shown(`a${String.fromCodePoint(code)}b`)).toBe('a?b')
})

it('every format character that Unicode knows becomes one', () => {
  const codes = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => /\p{Cf}/u.test(String.fromCodePoint(code)))
  expect(codes.length).toBeGreaterThan(150)
  for (const code of codes) expect(shown(String.fromCodePoint(code))).toBe('?')
})

it.each(['https://login.example.com/~a?b=c#d', 'zoë', 'Ελλάδα', '東京', 'مرحبا', 'e\u0301'])('%s stays as it is', (text) => {
  expect(shown(text)).toBe(text)
})

it('in each member that holds text', () => {
  const text = 'a\u200bb'
  expect(problem('claim_invalid', { claim: text, expected: [text], actual: text, detail: text })).toEqual({
    reason: 'claim_invalid', claim: 'a?b', expected: ['a?b'], actual: 'a?b', detail: 'a?b', verified: false,
  })
})

it('what is cut in the middle of a pair of surrogates keeps no half', () => {
  expect(shown(`${'a'.repeat(255)}\u{1f600}`)).toBe(`${'a'.repeat(255)}?…`)
})

it('of a list there are the first eight, and a sign that there were more', () => {
  const list = Array.from({ length: 9 }, (_, index) => `${index}`)
  expect(problem('claim_invalid', { actual: list.slice(0, 8) }).actual).toEqual(list.slice(0, 8))
  expect(problem('claim_invalid', { actual: list }).actual).toEqual([...list.slice(0, 8), '…'])
})
