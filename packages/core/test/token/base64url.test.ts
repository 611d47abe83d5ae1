import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { decodeBase64url, decodeUtf8, decodeWithAtob, decodeWithBuffer } from '../../src/token/base64url.js'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const implementations = { Buffer: decodeWithBuffer(Buffer), atob: decodeWithAtob }

describe.each(Object.entries(implementations))('base64url with %s', (_, decode) => {
  it.each([
    ['', ''], ['Zg', 'f'], ['Zm8', 'fo'], ['Zm9v', 'foo'], ['Zm9vYg', 'foob'], ['Zm9vYmE', 'fooba'], ['Zm9vYmFy', 'foobar'], // RFC 4648 §10
    ['__79_A', '\xff\xfe\xfd\xfc'],
  ])('decodes %j', (text, bytes) => {
    expect([...(decode(text) ?? [])]).toEqual([...Buffer.from(bytes, 'latin1')])
  })

  it.each([
    ['padding', 'Zg=='], ['padding where none is due', 'Zm9v='], ['only padding', '=='], ['the other alphabet', '_/79_A'], ['a plus', '+-79_A'],
    ['a space', 'Zm 9v'], ['a line feed at the end', 'Zm9v\n'], ['a line feed within', 'Zm\n9v'], ['NUL', 'Zm9\0'], ['a dot', 'Zm9.'],
    ['one character', 'Z'], ['length 4n + 1', 'Zm9vY'], ['beyond ASCII', 'Zm9\u0141'], ['a fullwidth letter', '\uff21\uff21\uff21\uff21'], ['a surrogate', 'Zm9\ud800'],
  ])('refuses %s', (_, text) => {
    expect(decode(text)).toBeUndefined()
  })

  it('accepts exactly one text for every last byte, and for every last two', () => {
    for (const prefix of ['', 'Zm9v']) {
      const accepted = (last: number): number => {
        let count = 0
        for (const a of alphabet) {
          for (const b of alphabet) {
            for (const c of last === 3 ? alphabet : ['']) if (decode(prefix + a + b + c)) count++
          }
        }
        return count
      }
      expect(accepted(2)).toBe(256)
      expect(accepted(3)).toBe(65_536)
    }
  })
})

it('both implementations agree on arbitrary text', () => {
  let seed = 1
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below
  const letters = `${alphabet}${alphabet}${alphabet}=+/ \n\0é\u0141`
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: random(12) }, () => letters[random(letters.length)]).join('')
    const [one, other] = [implementations.Buffer(text), decodeWithAtob(text)]
    expect(one && [...one], JSON.stringify(text)).toEqual(other && [...other])
  }
})

it('decodes long text in one go', () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251)
  const text = Buffer.from(bytes).toString('base64url')
  expect(Buffer.from(bytes).equals(decodeBase64url(text) as Uint8Array)).toBe(true)
  expect(Buffer.from(bytes).equals(decodeWithAtob(text) as Uint8Array)).toBe(true)
})

describe('UTF-8', () => {
  it('decodes', () => {
    expect(decodeUtf8(Buffer.from('héllo €𝄞'))).toBe('héllo €𝄞')
    expect(decodeUtf8(new Uint8Array())).toBe('')
  })

  it('keeps a byte order mark, on which JSON.parse fails', () => {
    const text = decodeUtf8(Buffer.from('\ufeff{}'))
    expect(text).toBe('\ufeff{}')
    expect(() => JSON.parse(text as string)).toThrow()
  })

  it.each([
    ['a lone continuation', [0x80]], ['an overlong slash', [0xc0, 0xaf]], ['a cut sequence', [0xe2, 0x82]], ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]], ['0xff', [0x22, 0xff, 0x22]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined()
  })

  it('does not remember a cut sequence', () => {
    decodeUtf8(Uint8Array.from([0xe2, 0x82]))
    expect(decodeUtf8(Buffer.from('ok'))).toBe('ok')
  })
})
