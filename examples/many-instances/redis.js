// @ts-check
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const hasRedis = () => spawnSync('redis-server', ['--version']).status === 0

/** A redis-server of the example's own that writes down what it is told before it answers: a restart loses no revocation. */
export async function createRedis() {
  const directory = mkdtempSync(join(tmpdir(), 'many-instances-'))
  const port = await freePort()
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child

  async function start() {
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
    child = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, ...durable], { stdio: 'ignore' })
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(port)) return
      await sleep(25)
    }
    throw new Error(`redis-server did not start on port ${port}`)
  }

  /** As if the machine had failed. */
  async function kill() {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async function close() {
    await kill()
    rmSync(directory, { recursive: true, force: true })
  }

  return { url: `redis://127.0.0.1:${port}`, start, kill, close }
}

/** Below the range of outgoing connections, so that none of them takes it while nobody listens there. */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer()
    const free = await once(probe.listen(port, '127.0.0.1'), 'listening').then(() => true, () => false)
    if (!free) continue
    await once(probe.close(), 'close')
    return port
  }
}

/** @type {(port: number) => Promise<boolean>} */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      resolve(String(data).startsWith('+PONG'))
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
  })
