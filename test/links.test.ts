import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const skipped = new Set(['node_modules', 'dist', 'coverage', '.git'])

const pagesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : pagesBelow(path)
    return entry.name.endsWith('.md') ? [path] : []
  })

it('every link of a page to another file leads to one', () => {
  const pages = pagesBelow(root)
  const links = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, target]) => ({ page, target: target as string })),
  )
  expect(links.length).toBeGreaterThan(50)
  const broken = links.filter(({ page, target }) => !existsSync(join(dirname(page), target)))
  expect(broken.map(({ page, target }) => `${relative(root, page)}: ${target}`)).toEqual([])
})
