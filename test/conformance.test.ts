import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adapterContract } from '@resource-guard/testing'
import { describe, expect, it } from 'vitest'
import { conformanceDocument } from './conformance/document.js'
import { documentFile, findAdapters, isWritten, root, rowsOf, rowTitle, testsOfRequirement, type Ran } from './conformance/evidence.js'
import { requirements } from './conformance/requirements.js'

const all = requirements.flatMap((chapter) => chapter.requirements)
const binding = new Set(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT'])

/** A run in which every test passes: whoever reads this has seen that it did. */
const flawless: readonly Ran[] = [
  ...findAdapters().flatMap(({ name, file }) => adapterContract.map((row) => ({ file, name: `${name} keeps the contract > ${rowTitle(row)}`, passed: true }))),
  ...all.flatMap(testsOfRequirement).map(({ file, test }) => ({ file, name: test, passed: true })),
]

describe('the requirements', () => {
  it('have ids of their own', () => expect(new Set(all.map(({ id }) => id)).size).toBe(all.length))

  it('are all here', () => expect(all.length).toBeGreaterThanOrEqual(280))

  it('that bind, and fall on what is built, are proven by a row of the contract or by a test', () => {
    const unproven = all.filter((one) => binding.has(one.level) && !one.standing && rowsOf(one, adapterContract).length === 0 && testsOfRequirement(one).length === 0)
    expect(unproven.map(({ id, text }) => `${id}: ${text}`)).toEqual([])
  })

  it('name rows, themes and tests that exist', () => {
    const refs = new Set(adapterContract.map(({ ref }) => ref))
    const themes = new Set(adapterContract.map(({ theme }) => theme))
    const missing = all.flatMap(({ id, proofs }) => proofs.filter((proof) => {
      if ('theme' in proof) return !themes.has(proof.theme)
      if ('rows' in proof) return proof.rows !== id && !refs.has(proof.rows)
      return !isWritten(proof)
    }).map((proof) => `${id}: ${JSON.stringify(proof)}`))
    expect(missing).toEqual([])
  })

  it('are proven by tests that run: none is skipped', () => {
    const files = new Set(all.flatMap(testsOfRequirement).map(({ file }) => file))
    const skipping = [...files].filter((file) => /\b(?:describe|it|test)\.(?:skip|todo|only)\b/.test(readFileSync(join(root, file), 'utf8')))
    // These say so where there is no Redis to run them on.
    expect(skipping.filter((file) => !file.startsWith('packages/redis/'))).toEqual([])
  })

  it('that have no proof are not claimed', () => {
    const empty = all.filter((one) => !one.standing && rowsOf(one, adapterContract).length === 0 && testsOfRequirement(one).length === 0)
    expect(empty.map(({ id }) => id)).toEqual([])
  })
})

describe('docs/conformance.md', () => {
  it('says what the tests say: run `npm run docs:conformance` if it does not', () => {
    expect(readFileSync(documentFile, 'utf8')).toBe(conformanceDocument(flawless))
  })

  it('would tell of a row that an adapter does not keep, and of a test that fails', () => {
    const [row] = adapterContract
    const broken = flawless.map((one) => (one.name.endsWith(`> ${rowTitle(row!)}`) || one.file.endsWith('jwk.test.ts') ? { ...one, passed: false } : one))
    const text = conformanceDocument(broken)
    expect(text).toMatch(/✗ \d+ of \d+/)
    expect(text).toMatch(/\| ✗ \|/)
    expect(conformanceDocument(flawless)).not.toMatch(/✗ \d|\| ✗/)
  })

  it('would tell of a test that did not run', () => expect(conformanceDocument([])).toMatch(/✗ 0 of \d+/))
})
