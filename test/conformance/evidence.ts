import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContractRow } from '@resource-guard/testing'
import type { Proof, Requirement } from './requirement.js'

/** One test of a run. */
export interface Ran {
  /** From the root of the repository, with slashes. */
  readonly file: string
  /** Its name after those of its suites, joined by ` > `. */
  readonly name: string
  readonly passed: boolean
}

/** An adapter, and the file that runs the contract on it. */
export interface Adapter {
  readonly name: string
  readonly file: string
}

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const documentFile = join(root, 'docs/conformance.md')

const unescaped = (source: string): string => source.replaceAll(/\\(['"`])/g, '$1')

/** Each file that says which adapter keeps the contract. */
export function findAdapters(): readonly Adapter[] {
  return readdirSync(join(root, 'test/adapters')).filter((name) => name.endsWith('.test.ts')).toSorted().flatMap((name) => {
    const file = `test/adapters/${name}`
    const found = /describe\((['"`])(.+?) keeps? the contract\1/.exec(readFileSync(join(root, file), 'utf8'))
    return found ? [{ name: found[2] as string, file }] : []
  })
}

/** The rows of the contract that prove a requirement, each once. */
export const rowsOf = ({ proofs }: Requirement, contract: readonly ContractRow[]): readonly ContractRow[] =>
  contract.filter((row) => proofs.some((proof) => ('rows' in proof && proof.rows === row.ref) || ('theme' in proof && proof.theme === row.theme)))

export type NamedTests = Extract<Proof, { file: string }>

export const testsOfRequirement = ({ proofs }: Requirement): readonly NamedTests[] => proofs.filter((proof): proof is NamedTests => 'file' in proof)

/** What a run says of tests that are named: undefined where none of them ran. */
export function verdictOf({ file, test }: NamedTests, ran: readonly Ran[]): boolean | undefined {
  const pattern = test.split(/%[a-z]|\$\w+/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('.*')
  const name = new RegExp(`^(?:.* > )?${pattern}(?: > .*)?$`, 's')
  const matching = ran.filter((one) => one.file === file && name.test(one.name))
  return matching.length === 0 ? undefined : matching.every(({ passed }) => passed)
}

/** How many of these rows an adapter has kept in a run. */
export function keptBy({ file }: Adapter, rows: readonly ContractRow[], ran: ReadonlyMap<string, boolean>): number {
  return rows.filter((row) => ran.get(`${file} ${rowTitle(row)}`) === true).length
}

/** What the tests of adapters call a row. */
export const rowTitle = ({ theme, name, ref }: ContractRow): string => `${theme}: ${name} (${ref})`

/** Whether the names stand in the source of the file, so that a test that was renamed is missed without a run. */
export function isWritten({ file, test }: NamedTests): boolean {
  const source = unescaped(readFileSync(join(root, file), 'utf8'))
  return test.split(' > ').every((name) => [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal)))
}
