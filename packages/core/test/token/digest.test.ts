import { Buffer } from 'node:buffer'
import nodeCrypto from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chooseDigest, digestOnWeb, digestToken } from '../../src/token/digest.js'

const expected = (token: string): string => nodeCrypto.createHash('sha256').update(token).digest('binary')
const notThere = (): never => { throw new Error('not implemented') }

describe('the digest of a token', () => {
  it.each([
    ['crypto.hash', chooseDigest({ hash: nodeCrypto.hash })],
    ['createHash', chooseDigest({ createHash: nodeCrypto.createHash })],
    ['Web Crypto', digestOnWeb],
    ['this runtime', digestToken],
  ])('with %s is SHA-256, a character for each byte', async (_, digest) => {
    for (const token of ['', 'a', 'eyJ.eyJ.sig', 'x'.repeat(16_384)]) {
      const text = await digest(token)
      expect(Buffer.from(text, 'binary').toString('hex')).toBe(Buffer.from(expected(token), 'binary').toString('hex'))
      expect(text).toHaveLength(32)
    }
  })

  it('is there at once on Node', () => {
    expect(digestToken('token')).toBe(expected('token'))
  })

  it.each([
    ['nothing is there', undefined], ['the module is empty', {}], ['its functions throw', { hash: notThere, createHash: notThere }],
    ['its functions err', { hash: () => '', createHash: () => ({ update: () => ({ digest: () => 'x'.repeat(32) }) }) }],
  ])('comes from Web Crypto where %s', (_, crypto) => {
    expect(chooseDigest(crypto)).toBe(digestOnWeb)
  })

  it('comes from createHash where hash only throws', () => {
    expect(chooseDigest({ hash: notThere, createHash: nodeCrypto.createHash })('token')).toBe(expected('token'))
  })
})
