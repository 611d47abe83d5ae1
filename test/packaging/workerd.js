// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const adapters = ['fetch', 'hono', 'mcp']

/**
 * Serves `worker.js` on workerd, asks it over HTTP, and has it fetch the keys of an issuer that listens here.
 * @param {string} program @param {string} folder @param {{ compatibilityDate: string, process: string }} worker
 */
export async function checkOnWorkerd(program, folder, worker) {
  /** @type {{ algorithms: string[], checkGuardedApi: (ask: (path: string, headers?: Record<string, string>) => Promise<Response>, issuer: object) => Promise<number> }} */
  const { algorithms, checkGuardedApi } = await import(pathToFileURL(join(folder, 'checks.js')).href)
  const { createTestIssuer } = await import(pathToFileURL(join(folder, 'node_modules/@resource-guard/testing/dist/index.js')).href)
  await build({ entryPoints: [join(folder, 'worker.js')], bundle: true, format: 'esm', target: 'es2023', outfile: join(folder, 'worker.bundle.js') })
  const issuer = await (await createTestIssuer({ algorithms })).listen()
  const ports = await Promise.all(adapters.map(() => freePort()))
  await writeFile(join(folder, 'workerd.capnp'), configuration(ports, issuer.issuer, worker.compatibilityDate))

  const server = spawn(program, ['serve', 'workerd.capnp'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let printed = ''
  server.stderr.on('data', (chunk) => (printed += chunk))
  try {
    const counts = []
    for (const [i, adapter] of adapters.entries()) {
      const origin = `http://127.0.0.1:${ports[i]}`
      await listens(`${origin}/engine`)
      counts.push(`${adapter} ${await checkGuardedApi((path, headers = {}) => fetch(`${origin}${path}`, { headers }), issuer)}`)
      const engine = /** @type {{ webCryptoChecks: number, process: string }} */ (await (await fetch(`${origin}/engine`)).json())
      if (engine.process !== worker.process) throw new Error(`typeof process should be ${worker.process} here, and is ${engine.process}`)
      if (engine.webCryptoChecks < algorithms.length) throw new Error(`jose should check signatures here, and did ${engine.webCryptoChecks} times`)
    }
    return `${counts.join(', ')} answers right; signatures by jose`
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${printed}`, { cause: error })
  } finally {
    server.kill('SIGKILL')
    await issuer.close()
  }
}

/** @param {readonly number[]} ports @param {string} issuer @param {string} compatibilityDate */
function configuration(ports, issuer, compatibilityDate) {
  const services = adapters.map((adapter) => `(name = "${adapter}", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.bundle.js")], compatibilityDate = "${compatibilityDate}", globalOutbound = "loopback",
    bindings = [(name = "ADAPTER", text = "${adapter}"), (name = "ISSUER", text = "${issuer}")]))`)
  const sockets = adapters.map((adapter, i) => `(name = "${adapter}", address = "127.0.0.1:${ports[i]}", http = (), service = "${adapter}")`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(', ')}, (name = "loopback", network = (allow = ["private"]))],
  sockets = [${sockets.join(', ')}]
);
`
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** @param {string} url */
async function listens(url) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(url).then((response) => response.ok, () => false)) return
    await sleep(100)
  }
  throw new Error(`${process.platform}: workerd does not listen`)
}
