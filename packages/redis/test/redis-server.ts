import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

/** Why the tests against a real server cannot run here; undefined if they can. */
export const whyNotHere = program === undefined ? 'SKIPPED, not run at all: there is no redis-server on this machine (apt-get install redis-server)' : undefined
// Vitest's usual report has no names of what is skipped.
if (whyNotHere !== undefined) process.stderr.write(`\nTests of Redis ${whyNotHere}\n`)

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A redis-server of the test's own, on a port and in a directory of its own, that keeps nothing on disk. */
export interface RedisServer {
  readonly port: number
  /** Ends it: at once, as if it had crashed. Its clients' connections are closed. */
  stop(): Promise<void>
  /** Starts it again on the same port, empty. */
  start(): Promise<void>
  /** Holds the whole process: connections stay open, and nothing is answered. */
  pause(): void
  resume(): void
  /** Sends one command over a connection of its own, in the inline form of the protocol, and brings the first line of the reply. */
  command(line: string): Promise<string>
  /** Stops it for good, and removes its directory. */
  close(): Promise<void>
}

export async function startRedisServer(): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'resource-guard-redis-'))
  let child: ChildProcess | undefined

  async function start(port: number): Promise<void> {
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory, '--daemonize', 'no']
    const begun = spawn(program as string, options, { stdio: 'ignore' })
    running.add(begun)
    begun.once('exit', () => running.delete(begun))
    child = begun
    for (let tries = 0; tries < 200 && begun.exitCode === null; tries++) {
      if ((await command(port, 'PING').catch(() => '')) === '+PONG') return
      await new Promise((resolve) => {
        setTimeout(resolve, 25)
      })
    }
    await stop()
    throw new Error(`redis-server did not start on port ${port}`)
  }

  async function stop(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  // Somebody else may take the port between the look and the start.
  let port = 0
  for (let tries = 0; port === 0; tries++) {
    const free = await freePort()
    try {
      await start(free)
      port = free
    } catch (error) {
      if (tries === 4) throw error
    }
  }
  return {
    port,
    stop,
    start: () => start(port),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    command: (line) => command(port, line),
    close: async () => {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Below the range from which the system takes the ports of outgoing connections: one of those could take it while the server is stopped. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer()
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
}

function command(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`))
    socket.setTimeout(5000, () => socket.destroy(new Error('no reply')))
    socket.on('data', (data) => {
      received += data.toString()
      if (received.includes('\r\n')) resolve(received.slice(0, received.indexOf('\r\n')))
      if (received.includes('\r\n')) socket.destroy()
    })
    socket.on('error', reject).on('close', () => reject(new Error('closed without a reply')))
  })
}
