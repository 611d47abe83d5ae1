import { adapterContract } from '@resource-guard/testing'
import { findAdapters, keptBy, rowsOf, testsOfRequirement, verdictOf, type Adapter, type Ran } from './evidence.js'
import type { Chapter, Requirement, Standing } from './requirement.js'
import { requirements } from './requirements.js'

const most = 12

/** The text of docs/conformance.md after a run. */
export function conformanceDocument(ran: readonly Ran[]): string {
  const adapters = findAdapters()
  const byAdapter = new Map(ran.map(({ file, name, passed }) => [`${file} ${name.slice(name.indexOf(' > ') + 3)}`, passed]))
  return `${[
    '# Conformance',
    'Generated from a run of the tests by `npm run docs:conformance`: do not edit. What each specification demands of a resource server, in our own words,'
      + ' and the tests that prove that this one does it. A column of an adapter counts the rows of the contract that it has kept, over real sockets;'
      + ' `unit` says whether tests below the adapters prove it (✓), or fail to (✗). Ids are stable; rows of the contract carry them.',
    summary(),
    ...requirements.map((chapter) => chapterText(chapter, adapters, ran, byAdapter)),
    others(adapters, byAdapter),
  ].join('\n\n')}\n`
}

function summary(): string {
  const standings = ['proven', 'not met', 'not yet built', 'not applicable'] as const
  const counted = (chapters: readonly Chapter[]): readonly number[] =>
    standings.map((standing) => chapters.flatMap((chapter) => chapter.requirements).filter((one) => (one.standing?.standing ?? 'proven') === standing).length)
  return table(['', ...standings], [
    ...requirements.map((chapter) => [chapter.title, ...counted([chapter]).map(String)]),
    ['**all**', ...counted(requirements).map(String)],
  ])
}

function chapterText({ title, requirements: all }: Chapter, adapters: readonly Adapter[], ran: readonly Ran[], byAdapter: ReadonlyMap<string, boolean>): string {
  const claimed = all.filter(({ standing }) => !standing)
  const lines = claimed.map((requirement) => {
    const rows = rowsOf(requirement, adapterContract)
    const verdicts = testsOfRequirement(requirement).map((test) => verdictOf(test, ran))
    const unit = verdicts.length === 0 ? '' : verdicts.every((verdict) => verdict === true) ? '✓' : '✗'
    return [requirement.id, requirement.text, requirement.level, requirement.section, ...counts(rows, adapters, byAdapter), unit]
  })
  return [
    `## ${title}`,
    ...(claimed.length > 0 ? [
      table(['id', 'requirement', 'level', 'section', ...adapters.map(({ name }) => name), 'unit'], lines),
      `<details><summary>The tests</summary>\n\n${claimed.map(testsText).join('\n')}\n\n</details>`,
    ] : []),
    ...(['not met', 'not yet built', 'not applicable'] as const).flatMap((standing) => openText(standing, all)),
  ].join('\n\n')
}

const counts = (rows: Parameters<typeof keptBy>[1], adapters: readonly Adapter[], byAdapter: ReadonlyMap<string, boolean>): readonly string[] =>
  adapters.map((adapter) => {
    const kept = keptBy(adapter, rows, byAdapter)
    return rows.length === 0 ? '' : kept === rows.length ? `${kept}` : `✗ ${kept} of ${rows.length}`
  })

function testsText(requirement: Requirement): string {
  const themes = requirement.proofs.flatMap((proof) => ('theme' in proof ? [`every row of the theme ${proof.theme}`] : []))
  const rows = rowsOf({ ...requirement, proofs: requirement.proofs.filter((proof) => 'rows' in proof) }, adapterContract).map(({ name }) => name)
  const units = testsOfRequirement(requirement).map(({ file, test }) => `\`${file}\`: ${test}`)
  const more = rows.length > most ? [`and ${rows.length - most} more`] : []
  return `- **${requirement.id}** ${[...rows.slice(0, most), ...more, ...themes, ...units].map(escaped).join(' · ')}`
}

function openText(standing: Standing['standing'], all: readonly Requirement[]): readonly string[] {
  const open = all.filter((one) => one.standing?.standing === standing)
  if (open.length === 0) return []
  const title = `${standing.charAt(0).toUpperCase()}${standing.slice(1)}`
  return [`${title}:\n\n${open.map(({ id, level, section, text, standing: why }) => `- **${id}** (${level}, ${section}) ${escaped(text)}: ${escaped(why?.why ?? '')}.`).join('\n')}`]
}

/** Rows of the contract that answer to a section and to no requirement of the list. */
function others(adapters: readonly Adapter[], byAdapter: ReadonlyMap<string, boolean>): string {
  const ids = new Set(requirements.flatMap((chapter) => chapter.requirements).map(({ id }) => id))
  const refs = [...new Set(adapterContract.map(({ ref }) => ref).filter((ref) => !ids.has(ref)))].toSorted()
  return [
    '## Further rows of the contract',
    table(['section', 'rows', ...adapters.map(({ name }) => name)], refs.map((ref) => {
      const rows = adapterContract.filter((row) => row.ref === ref)
      const names = rows.slice(0, 3).map(({ name }) => name)
      return [ref, [...names, ...(rows.length > 3 ? [`and ${rows.length - 3} more`] : [])].join(' · '), ...counts(rows, adapters, byAdapter)]
    })),
  ].join('\n\n')
}

/** Names of tests may quote what is markup here. */
const escaped = (text: string): string => text.replaceAll(/[\\|<>*_]/g, String.raw`\$&`)

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines.map((line) => line.map((cell) => (cell.startsWith('**') ? cell : escaped(cell))))].map((line) => `| ${line.join(' | ')} |`).join('\n')
