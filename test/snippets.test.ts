import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

// Whatever TypeScript the documentation shows compiles as strictly as can be, in the application that it takes for granted (snippets/surroundings.d.ts).
const root = fileURLToPath(new URL('..', import.meta.url))
/** Where packages are found as they are by the tests, and nothing else looks. */
const folder = `${root}test/node_modules/.snippets/`

const pages = ['README.md', ...readdirSync(`${root}docs`).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ...readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`)]

const snippets = pages.flatMap((page) => {
  const text = readFileSync(root + page, 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map(({ 1: body = '', index }) => ({ page, line: text.slice(0, index).split('\n').length, body }))
})

/** A module: of a fragment the whole that it is part of. */
function moduleOf(body: string): string {
  if (body.startsWith('{')) return `import type { AuthorizationServer } from '@resource-guard/core'\nexport const described: AuthorizationServer = ${body}`
  if (body.startsWith('authorizationServers:')) return `import type { SingleResourceOptions } from '@resource-guard/core'\nexport const given: Partial<SingleResourceOptions> = {\n${body}}`
  if (!/^ *return /m.test(body) || body.includes('export ')) return `${body}\nexport {}\n`
  const imports = body.match(/^import .*$/gm)?.join('\n') ?? ''
  return `${imports}\nexport async function shown() {\n${body.replace(/^import .*$/gm, '')}}\n`
}

it('what the documentation shows compiles', { timeout: 120_000 }, () => {
  expect(snippets.length).toBeGreaterThan(25)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = snippets.map(({ page, line, body }) => {
    const name = `${page.replaceAll('/', '_')}-${line}.ts`
    writeFileSync(folder + name, moduleOf(body))
    return name
  })
  writeFileSync(`${folder}surroundings.d.ts`, readFileSync(`${root}test/snippets/surroundings.d.ts`))
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({
    compilerOptions: {
      target: 'es2023', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true, types: ['node'], lib: ['es2023'],
    },
    files: ['surroundings.d.ts', ...files],
  }))
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', folder], { encoding: 'utf8' })
  expect(stdout + stderr).toBe('')
  expect(status).toBe(0)
})
