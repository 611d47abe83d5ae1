/** RFC 2119 words; what no text demands is a best practice. */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'RECOMMENDED' | 'MAY' | 'best practice' | 'draft'

/** What proves a requirement, beside the rows of the contract whose `ref` is its id. */
export type Proof =
  /** The rows of the contract whose `ref` is this one. */
  | { readonly rows: string }
  /** Every row of this theme of the contract. */
  | { readonly theme: string }
  /** The test of this name in this file, or every test of the suite of this name. Suites are joined by ` > `. */
  | { readonly file: string; readonly test: string }

/** Why a requirement is not proven. */
export type Standing =
  /** It does not fall on a resource server like this one. */
  | { readonly standing: 'not applicable'; readonly why: string }
  /** The feature that it falls on does not exist yet. */
  | { readonly standing: 'not yet built'; readonly why: string }
  /** The feature exists, and does not do this. */
  | { readonly standing: 'not met'; readonly why: string }

/** Short form, for tables. */
export type Row = readonly [id: string, level: Level, section: string, text: string, ...rest: readonly (Proof | Standing)[]]

export interface Requirement {
  readonly id: string
  readonly level: Level
  readonly section: string
  /** One line, in our own words. */
  readonly text: string
  readonly proofs: readonly Proof[]
  readonly standing: Standing | undefined
}

/** The requirements of one text. */
export interface Chapter {
  readonly title: string
  readonly requirements: readonly Requirement[]
}

export const rows = (ref: string): Proof => ({ rows: ref })
export const theme = (name: string): Proof => ({ theme: name })
/** The tests of one file, by name. */
export const testsOf = (file: string) => (test: string): Proof => ({ file, test })

export const notApplicable = (why: string): Standing => ({ standing: 'not applicable', why })
export const notBuilt = (why: string): Standing => ({ standing: 'not yet built', why })
export const notMet = (why: string): Standing => ({ standing: 'not met', why })

export const chapter = (title: string, table: readonly Row[]): Chapter => ({
  title,
  requirements: table.map(([id, level, section, text, ...rest]) => {
    const standings = rest.filter((one): one is Standing => 'standing' in one)
    const proofs = rest.filter((one): one is Proof => !('standing' in one))
    return { id, level, section, text, proofs: [{ rows: id }, ...proofs], standing: standings[0] }
  }),
})
