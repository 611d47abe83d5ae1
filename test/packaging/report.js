// @ts-check
import process from 'node:process'

const counts = { passed: 0, failed: 0, untested: 0 }

export const outcomes = () => ({ ...counts })

/**
 * Runs one check and prints what became of it. A check passes with what it resolves with, and fails with what it rejects with.
 * @param {string} name @param {() => Promise<string>} check
 */
export async function report(name, check) {
  try {
    line('ok', name, await check())
    counts.passed += 1
  } catch (error) {
    line('FAILED', name, error instanceof Error ? error.message : String(error))
    counts.failed += 1
  }
}

/** @param {string} name @param {string} why */
export function reportUntested(name, why) {
  line('not tested', name, why)
  counts.untested += 1
}

/** @param {string} verdict @param {string} name @param {string} text */
const line = (verdict, name, text) => void process.stdout.write(`${verdict.padEnd(11)} ${name.padEnd(36)} ${text.trim().replaceAll('\n', `\n${' '.repeat(12)}`)}\n`)
