// @ts-check
import { STATUS_CODES } from 'node:http'
import { styleText } from 'node:util'
import { look } from './client.js'

/** @typedef {import('./told.js').Told} Told */

/** @type {(style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string} */
const styled = (style, text) => (process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text)

/** Everything about one step: what was sent, what came back, and why. */
export function printStep(/** @type {number} */ number, /** @type {Told} */ { step, answer, refusal, differences }) {
  const [method, url, send] = step.request
  line()
  line(styled('bold', `${String(number).padStart(2)}. ${step.title}`))
  line(`    > ${method} ${url}`)
  if (send?.basic) line(`      Authorization: Basic (${send.basic.id} and its secret)`)
  if (send?.token) line(`      Authorization: Bearer (${described(send.token)})`)
  for (const [name, value] of send?.form ?? []) line(`      ${name}=${value}`)
  line(`    < ${styled(answer.status < 400 ? 'green' : 'yellow', `${answer.status} ${STATUS_CODES[answer.status]}`)}`)
  for (const { scheme, params } of answer.challenges) {
    line(`      WWW-Authenticate: ${scheme}`)
    rows(params)
  }
  if (step.expect.body) {
    const shown = [...Object.keys(step.expect.body), ...(answer.status < 400 ? [] : ['error_description'])]
    rows(Object.fromEntries(shown.map((key) => [key, answer.body?.[key]])))
  }
  if (step.expect.token) line(`      access_token: ${described(answer.body.access_token)}`)
  if (refusal) line(`      ${styled('dim', `log: ${logLine(refusal)}`)}`)
  line(`    = ${step.why}`)
  for (const difference of differences) line(styled('red', `    ! NOT AS TOLD: ${difference}`))
}

/** One line a step, and a column for each API: the status, or `!` and the status where it was not as told. Last, what the log says. */
export function printTable(/** @type {readonly string[]} */ names, /** @type {readonly (readonly Told[])[]} */ stories) {
  const titles = stories.reduce((longest, story) => (story.length > longest.length ? story : longest), [])
  const width = Math.max(...titles.map(({ step }) => step.title.length))
  line(`    ${' '.repeat(width)}${cells(names)}  log`)
  for (const [index, { step }] of titles.entries()) {
    const column = stories.map((story) => story[index])
    const good = column.every((told) => told?.differences.length === 0)
    const statuses = cells(column.map((told) => (told ? `${told.differences.length ? '! ' : ''}${told.answer.status}` : '! -')))
    const told = `${String(index + 1).padStart(2)}. ${step.title.padEnd(width)}${good ? statuses : styled('red', statuses)}`
    line(`${told}  ${styled('dim', step.expect.log ?? '')}`.trimEnd())
  }
}

/** What a refusal looks like in an operator's log: never the token. */
export function logLine(/** @type {import('@resource-guard/core').Problem} */ { reason, claim, expected, actual, detail, verified }) {
  const facts = [
    claim && `claim=${claim}`,
    expected !== undefined && `expected=${JSON.stringify(expected)}`,
    actual !== undefined && `actual=${JSON.stringify(actual)}`,
    actual !== undefined && (verified ? 'verified' : 'unverified'),
    detail && `(${detail})`,
  ]
  return [reason, ...facts.filter(Boolean)].join(' ')
}

export function line(text = '') {
  console.log(text)
}

export const good = (/** @type {string} */ text) => styled('green', text)
export const bad = (/** @type {string} */ text) => styled('red', text)
export const heading = (/** @type {string} */ text) => styled('bold', text)

const cells = (/** @type {readonly string[]} */ texts) => texts.map((text) => text.padStart(9)).join('')

function rows(/** @type {Record<string, unknown>} */ values) {
  const width = Math.max(0, ...Object.keys(values).map((key) => key.length))
  for (const [key, value] of Object.entries(values)) {
    line(`        ${key.padEnd(width)}  ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  }
}

function described(/** @type {string} */ token) {
  if (!token.includes('.')) return `opaque, ${token.length} characters`
  const { header, claims } = look(token)
  return `${header.typ} for ${claims.aud}, scope ${claims.scope}`
}
