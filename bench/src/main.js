// npm run bench [-- --quick] [-- --document]
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { measureInProcess } from './in-process.js'
import { measureIntrospection } from './introspection.js'
import { createIssuer } from './issuer.js'
import { measureHeap, measureImports } from './processes.js'
import { report } from './report.js'
import { measureThroughput } from './throughput.js'

const full = {
  name: 'full',
  inProcess: { rounds: 11, same: 4000, fresh: 1000, zipfTokens: 10_000, zipfRequests: 20_000, warmUp: { millis: 500, fresh: 4000 } },
  introspection: { rounds: 11, requests: 1000, concurrent: 1000, warmUp: { millis: 500 } },
  throughput: { rounds: 21, requests: 1200, freshTokens: 18_000, warmUp: { fresh: 4000, same: 16_000 } },
  imports: { rounds: 9 },
}
const quick = {
  name: 'quick',
  inProcess: { rounds: 2, same: 600, fresh: 100, zipfTokens: 1000, zipfRequests: 1000, warmUp: { millis: 100, fresh: 500 } },
  introspection: { rounds: 2, requests: 200, concurrent: 1000, warmUp: { millis: 100 } },
  throughput: { rounds: 2, requests: 500, freshTokens: 1800, warmUp: { fresh: 600, same: 0 } },
  imports: { rounds: 2 },
}

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, document: { type: 'boolean' } } })
const settings = flags.quick ? quick : full
const environment = {
  node: `Node ${process.version}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  date: new Date().toISOString().slice(0, 10),
  load: loadavg()[0]?.toFixed(2),
}
const progress = (what) => process.stderr.write(`${what}\n`)

const issuer = await createIssuer()
const results = {
  heap: await measureHeap({ progress }),
  imports: await measureImports({ ...settings.imports, progress }),
  inProcess: await measureInProcess(issuer, { ...settings.inProcess, progress }),
  introspection: await measureIntrospection(issuer, { ...settings.introspection, progress }),
  throughput: await measureThroughput(issuer, { ...settings.throughput, freshTokens: issuer.tokens('RS256', settings.throughput.freshTokens), progress }),
}
issuer.close()

const run = { environment, settings, results }
const text = report(run)
console.log(`\n${text}`)

const write = async (name) => {
  const url = new URL(`../results/${name}.json`, import.meta.url)
  await mkdir(new URL('.', url), { recursive: true })
  await writeFile(url, `${JSON.stringify(run, null, 2)}\n`)
}
await write('latest')
if (flags.document) {
  const major = `Node ${process.versions.node.split('.')[0]}`
  const page = new URL('../../docs/performance.md', import.meta.url)
  const [start, end] = [`<!-- run on ${major} -->\n`, `<!-- end of run on ${major} -->`]
  const old = await readFile(page, 'utf8')
  if (!old.includes(start) || !old.includes(end)) throw new Error(`docs/performance.md lacks ${start.trim()} or ${end}`)
  await write(`documented-${major.replace(' ', '-').toLowerCase()}`)
  const before = old.slice(0, old.indexOf(start) + start.length)
  const after = old.slice(old.indexOf(end))
  await writeFile(page, `${before}\n${text}\n${after}`)
}
process.exit()
