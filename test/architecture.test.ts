import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// The import arrows of docs/architecture.md. A type may be imported from anywhere; code only as this table says.
const core = fileURLToPath(new URL('../packages/core/src', import.meta.url))
const mayImport: Record<string, readonly string[]> = {
  response: [],
  request: ['response'],
  claims: ['response'],
  binding: ['response'],
  store: [],
  outbound: ['response'],
  token: ['response', 'outbound'],
  configuration: ['request', 'claims', 'token', 'response'],
}
const rootForAll = ['configuration-error.ts', 'secure-url.ts']

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const dynamic = [...withoutComments(text).matchAll(/import\(\s*'([^']+)'/g)].map(([, to]) => ({ from: file, to: to as string, typeOnly: false }))
  const atTheTop = [...text.matchAll(/^(?:import|export)\s+(type\s)?([^;'"]*?from\s+)?['"]([^'"]+)['"]/gms)].map((found) => {
    const names = /\{([^}]*)\}/s.exec(found[2] ?? '')?.[1]
    const allTypes = names !== undefined && names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
    return { from: file, to: found[3] as string, typeOnly: found[1] !== undefined || allTypes }
  })
  return [...atTheTop, ...dynamic]
}

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\/|\/\/.*?$/gms, '')

const stepOf = (file: string): string => {
  const [folder, rest] = relative(core, file).split('/')
  return rest === undefined ? '' : (folder as string)
}

it('no line of the sources is wider than a reader can take in', () => {
  const packages = fileURLToPath(new URL('../packages', import.meta.url))
  const files = readdirSync(packages).flatMap((name) => filesBelow(join(packages, name, 'src')))
  expect(files.length).toBeGreaterThan(100)
  const tooWide = files.flatMap((file) =>
    readFileSync(file, 'utf8').split('\n').flatMap((line, index) => (line.length > 160 ? [`${relative(packages, file)}:${index + 1}`] : [])),
  )
  expect(tooWide).toEqual([])
})

describe('imports go one way', () => {
  const imports = filesBelow(core).flatMap(importsOf)

  it('finds the imports', () => expect(imports.length).toBeGreaterThan(60))

  it('core depends on jose alone, and on nothing of Node', () => {
    const packages = new Set(imports.filter(({ to }) => !to.startsWith('.')).map(({ to }) => to))
    expect([...packages].filter((name) => !/^jose(?:\/|$)/.test(name))).toEqual([])
  })

  it('core does without what the edge of Next.js does not have', () => {
    expect(filesBelow(core).filter((file) => withoutComments(readFileSync(file, 'utf8')).includes('AbortSignal.any'))).toEqual([])
  })

  it('a step imports code of the steps below it only', () => {
    const against = imports.filter(({ from, to, typeOnly }) => {
      if (typeOnly || !to.startsWith('.')) return false
      const target = resolve(dirname(from), to).replace(/\.js$/, '.ts')
      const [importer, imported] = [stepOf(from), stepOf(target)]
      if (importer === '' || importer === imported) return false
      return imported === '' ? !rootForAll.includes(relative(core, target)) : !mayImport[importer]?.includes(imported)
    })
    expect(against.map(({ from, to }) => `${relative(core, from)} -> ${to}`)).toEqual([])
  })

  it('only options have the clock, the environment and chance from outside', () => {
    const allowed = ['configuration/configuration.ts', 'store/memory.ts', 'token/key-sources.ts']
    const against = filesBelow(core).filter((file) => !allowed.includes(relative(core, file)) && /Date\.now|new Date\(\)|performance\.now|Math\.random|process\.env/.test(withoutComments(readFileSync(file, 'utf8'))))
    expect(against.map((file) => relative(core, file))).toEqual([])
  })

  it.each(['express', 'fastify', 'hono', 'fetch', 'redis'])('%s imports core by its public name only', (name) => {
    const folder = fileURLToPath(new URL(`../packages/${name}/src`, import.meta.url))
    const ours = filesBelow(folder).flatMap(importsOf).map(({ to }) => to)
    expect(ours).toContain('@resource-guard/core')
    expect(ours.filter((to) => to.startsWith('@resource-guard/') || to.includes('core')).filter((to) => to !== '@resource-guard/core')).toEqual([])
  })

  it('mcp stands on core and the adapters by their public names, and has no token logic', () => {
    const folder = fileURLToPath(new URL('../packages/mcp/src', import.meta.url))
    const ours = [...new Set(filesBelow(folder).flatMap(importsOf).map(({ to }) => to).filter((to) => !to.startsWith('.')))].toSorted()
    const known = ['core', 'express', 'fastify', 'fetch', 'hono'].map((name) => `@resource-guard/${name}`)
    expect(ours.filter((to) => to.startsWith('@resource-guard/'))).toEqual(known)
    expect(ours.filter((to) => !known.includes(to))).toEqual([
      '@modelcontextprotocol/sdk/server/auth/errors.js', '@modelcontextprotocol/server', 'fastify', 'hono', 'hono/utils/http-status', 'node:http',
    ])
  })
})
