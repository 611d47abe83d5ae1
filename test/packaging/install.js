// @ts-check
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.js'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Beside the packages, what a user has anyway: frameworks, and their types. */
const frameworks = ['express', '@types/express', 'fastify', 'hono', '@types/node']

/**
 * An empty folder with the tarballs, the frameworks that the adapters are for, and the programs of `consumer`.
 * @param {string} folder @param {readonly import('./tarballs.js').Tarball[]} tarballs
 */
export async function installPackages(folder, tarballs) {
  const catalog = await readFile(join(here, '..', '..', 'pnpm-workspace.yaml'), 'utf8')
  /** @param {string} name */
  const version = (name) => new RegExp(`^  '?${name}'?: (.+)$`, 'm').exec(catalog)?.[1] ?? 'latest'
  const dependencies = Object.fromEntries([
    ...tarballs.map(({ name, file }) => [name, `file:${file}`]),
    ...frameworks.map((name) => [name, version(name)]),
  ])
  await install(folder, dependencies)
  await cp(join(here, 'consumer'), folder, { recursive: true })
}

/** @param {string} folder @param {Readonly<Record<string, string>>} dependencies */
export async function install(folder, dependencies) {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], { cwd: folder, seconds: 600 })
}
