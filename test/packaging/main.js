// @ts-check
// `npm run test:packages`: what users get from a registry, packed, inspected, installed in an empty folder, compiled against
// and run on every runtime that can be had here. Exits 1 if anything fails; a runtime that cannot be had is listed as not tested.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { measureBundle } from './bundle-size.js'
import { installPackages } from './install.js'
import { outcomes, report } from './report.js'
import { runOnRuntimes } from './runtimes.js'
import { inspect, packAll } from './tarballs.js'
import { compileConsumer } from './types.js'

const folder = await mkdtemp(join(tmpdir(), 'packages-'))
try {
  const tarballs = await packAll(folder)
  for (const tarball of tarballs) await report(tarball.name, () => inspect(tarball))
  const consumer = join(folder, 'consumer')
  await installPackages(consumer, tarballs)
  for (const resolution of ['nodenext', 'bundler']) await report(`types, ${resolution}`, () => compileConsumer(consumer, resolution))
  await report('bundle of createResourceGuard', () => measureBundle(consumer))
  await runOnRuntimes(consumer, join(folder, 'runtimes'))
} finally {
  await rm(folder, { recursive: true, force: true })
}

const { passed, failed, untested } = outcomes()
process.stdout.write(`\n${passed} passed, ${failed} failed, ${untested} not tested\n`)
process.exitCode = failed === 0 ? 0 : 1
