import { expect, it } from 'vitest'
import { algorithms } from '../../src/token/algorithms.js'
import { keyWith, sign, signer } from './signing.js'

// A Lehmer generator: the same cases on every run.
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return Math.floor((state / 2_147_483_647) * below)
  }
}

// What an attacker may do to the bytes of a signature. The length stays right in most, so that the cryptography is reached.
function disturb(signature: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = Uint8Array.from(signature)
  const set = (from: number, to: number, value: () => number): Uint8Array => bytes.fill(0, from, to).map((byte, i) => (i >= from && i < to ? value() : signature[i] ?? byte))
  const half = bytes.length >> 1
  switch (random(8)) {
    case 0: return bytes
    case 1: case 2: {
      for (let flips = 1 + random(3); flips > 0; flips--) {
        const at = random(bytes.length)
        bytes[at] = (bytes[at] as number) ^ (1 << random(8))
      }
      return bytes
    }
    case 3: return set(0, bytes.length, () => random(256))
    case 4: return set(random(2) * half, half + random(2) * half, () => 0)
    case 5: return set(random(2) * half, half + random(2) * half, () => 255)
    case 6: return Uint8Array.from({ length: random(bytes.length * 2) }, () => random(256))
    default: return Uint8Array.from([...bytes.subarray(half), ...bytes.subarray(0, half)])
  }
}

it.each(algorithms)('%s: node:crypto and jose never come to a different verdict', async (alg) => {
  const random = randomFrom(20_260_101 + algorithms.indexOf(alg))
  const issuer = await signer(alg)
  const [node, jose] = [keyWith('node:crypto', issuer.jwk), keyWith('jose', issuer.jwk)]
  const verdicts = { true: 0, false: 0 }
  for (let i = 0; i < 150; i++) {
    const { input, signature } = await sign(issuer, JSON.stringify({ sub: 'x'.repeat(random(300)), i }))
    const tried = disturb(signature, random)
    const claimed = random(10) === 0 ? (algorithms[random(algorithms.length)] as string) : alg
    const said = random(10) === 0 ? `${input}AAAA` : input
    const verdict = node.verify(claimed, said, tried)
    expect(await jose.verify(claimed, said, tried), `case ${i}: ${claimed} ${said} ${Buffer.from(tried).toString('hex')}`).toBe(verdict)
    verdicts[`${verdict as boolean}`]++
  }
  expect(verdicts.true).toBeGreaterThan(5)
  expect(verdicts.false).toBeGreaterThan(50)
})
