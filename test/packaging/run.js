// @ts-check
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Runs a program to its end and resolves with its standard output; rejects with all that it printed if it fails or takes too long.
 * @param {string} file @param {readonly string[]} given @param {{ cwd?: string, seconds?: number }} [how]
 */
export async function run(file, given, { cwd, seconds = 300 } = {}) {
  try {
    const { stdout } = await execute(file, given, { ...(cwd !== undefined && { cwd }), timeout: seconds * 1000, maxBuffer: 32 << 20 })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '', message, killed, signal } = /** @type {Error & { stdout?: string, stderr?: string, killed?: boolean, signal?: string | null }} */ (error)
    const end = killed ? `given up after ${seconds} s` : signal ? `ended by ${signal}` : ''
    throw new Error(`${stdout}${stderr}\n${end}`.trim() || message, { cause: error })
  }
}
