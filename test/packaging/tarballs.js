// @ts-check
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { run } from './run.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const attw = join(dirname(createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js')

/** @typedef {{ name: string, file: string, folder: string }} Tarball: its package, the file, and the folder that it is unpacked in */

/**
 * Packs every package as a release would: with pnpm, which puts versions in place of `workspace:` and `catalog:`.
 * @param {string} into @returns {Promise<Tarball[]>}
 */
export async function packAll(into) {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const pnpm = /pnpm@[\d.]+/.exec(scripts.setup)?.[0] ?? 'pnpm'
  const names = (await readdir(join(root, 'packages'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  /** @type {Tarball[]} */
  const tarballs = []
  for (const name of names) {
    const cwd = join(root, 'packages', name)
    await sweep(cwd)
    const printed = await run('npx', ['--yes', pnpm, 'pack', '--pack-destination', into], { cwd })
    const file = printed.trim().split('\n').at(-1) ?? ''
    const folder = join(into, name)
    await mkdir(folder)
    await run('tar', ['xzf', file, '-C', folder, '--strip-components=1'])
    tarballs.push({ name: `@resource-guard/${name}`, file, folder })
  }
  return tarballs
}

/** The compiler does not remove what it once made of a source that is gone. @param {string} folder */
async function sweep(folder) {
  for (const file of await filesIn(join(folder, 'dist'))) {
    if (!existsSync(join(folder, 'src', sourceOf(file)))) await rm(join(folder, 'dist', file))
  }
}

/** @param {string} file */
const sourceOf = (file) => file.replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, '.ts')

/** @param {string} folder */
const filesIn = async (folder) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath, entry.name).slice(folder.length + 1))

/** Looks at what is in a tarball, and has publint and attw look. @param {Tarball} tarball */
export async function inspect({ name, file, folder }) {
  const files = await filesIn(folder)
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  checkFiles(name, files)
  checkManifest(name, manifest)
  assert.equal(await readFile(join(folder, 'LICENSE'), 'utf8'), await readFile(join(root, 'LICENSE'), 'utf8'), 'the license is that of the repository')
  assert.ok((await readFile(join(folder, 'README.md'), 'utf8')).startsWith(`# ${name}\n`), 'the README is about this package')
  for (const map of files.filter((one) => one.endsWith('.map'))) await checkMap(folder, map)

  const { messages, pkg } = await publint({ pkgDir: folder, pack: false, level: 'suggestion', strict: true })
  assert.equal(messages.map((message) => formatMessage(message, pkg)).join('\n'), '', 'publint finds nothing')
  await run(process.execPath, [attw, file, '--profile', 'esm-only', '--no-emoji', '--no-color'])
  return `${files.length} files; publint and attw find nothing`
}

/** The one that is published as one file (docs/decisions/024). */
const bundled = '@resource-guard/core'

/** @param {string} name @param {readonly string[]} files */
function checkFiles(name, files) {
  const sources = files.filter((file) => file.startsWith('src/')).map((file) => file.slice(4))
  assert.ok(sources.includes('index.ts'), 'the sources are there')
  const compiled = (/** @type {string} */ ending) => sources.map((source) => `dist/${source.replace(/\.ts$/, ending)}`)
  const modules = name === bundled ? ['dist/bundle.js', 'dist/bundle.js.map'] : [...compiled('.js'), ...compiled('.js.map')]
  const others = ['LICENSE', 'README.md', 'package.json', ...sources.map((source) => `src/${source}`)]
  const expected = [...modules, ...compiled('.d.ts'), ...compiled('.d.ts.map'), ...others]
  assert.deepEqual(files.toSorted(), expected.toSorted(), 'what was compiled from the sources, and nothing else')
}

/** @param {string} name @param {Record<string, any>} manifest */
function checkManifest(name, manifest) {
  const { license, type, sideEffects, engines, exports, description, keywords, dependencies = {}, peerDependencies = {} } = manifest
  assert.deepEqual(
    { name: manifest['name'], license, type, sideEffects, engines },
    { name, license: 'MIT', type: 'module', sideEffects: false, engines: { node: '>=20.19' } },
  )
  assert.ok('.' in exports, 'it has a main entry')
  for (const [entry, conditions] of Object.entries(exports)) {
    const path = `./dist/${entry === '.' ? 'index' : entry.slice(2)}`
    const module = name === bundled ? './dist/bundle.js' : `${path}.js`
    assert.deepEqual(conditions, { types: `${path}.d.ts`, default: module }, `the conditions of ${entry}`)
  }
  assert.ok(description && keywords?.length > 0, 'it can be found: description and keywords')
  const ranges = Object.values({ ...dependencies, ...peerDependencies })
  assert.deepEqual(ranges.filter((range) => /workspace:|catalog:/.test(range)), [], 'dependencies have versions')
  if (name === bundled) assert.deepEqual(Object.keys(dependencies), ['jose'], 'core depends on jose alone')
  else assert.ok('@resource-guard/core' in dependencies, 'it brings core')
}

/** Each source that a map names must be in the tarball. @param {string} folder @param {string} map */
async function checkMap(folder, map) {
  const { sources } = JSON.parse(await readFile(join(folder, map), 'utf8'))
  for (const source of sources) assert.ok(existsSync(join(folder, dirname(map), source)), `${map} points to ${source}, which is not shipped`)
}
