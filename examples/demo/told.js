// @ts-check
import { isDeepStrictEqual } from 'node:util'
import { look } from './client.js'

/**
 * @typedef {import('./client.js').Answer} Answer
 * @typedef {import('@resource-guard/core').Problem} Problem
 */

/**
 * One step of the story: what the client sends, and what has to come of it. A challenge is expected to be exactly this,
 * apart from the sentence in `error_description`; of bodies and tokens, what is named here.
 *
 * @typedef {object} Step
 * @property {string} title
 * @property {string} why
 * @property {[method: string, url: string, send?: import('./client.js').Send]} request
 * @property {{ status: number, challenge?: Record<string, string>, log?: string, body?: Record<string, unknown>, token?: Record<string, unknown> }} expect
 */

/**
 * A step, and what came of it.
 *
 * @typedef {object} Told
 * @property {Step} step
 * @property {Answer} answer
 * @property {Problem | undefined} refusal  What the guard told its operator.
 * @property {readonly string[]} differences  Empty if it went as told.
 */

/** @type {(step: Step, answer: Answer, refusal: Problem | undefined) => Told} */
export function compare(step, answer, refusal) {
  const { status, challenge, log, body, token } = step.expect
  const differences = [
    ...difference('status', status, answer.status),
    ...difference('challenges', challenge ? [challenge] : [], answer.challenges.map(withoutDescription)),
    ...difference('error_description', Boolean(challenge?.['error']), 'error_description' in (answer.challenges[0]?.params ?? {})),
    ...difference('cache-control', challenge ? 'no-store' : undefined, challenge && answer.headers.get('cache-control')),
    ...difference('log', log, refusal?.reason),
    ...difference('body', body, pick(answer.body, body)),
    ...difference('token', token, pick(token && contentsOf(answer.body?.access_token), token)),
  ]
  return { step, answer, refusal, differences }
}

function withoutDescription(/** @type {import('./client.js').Challenge} */ { scheme, params }) {
  const { error_description: _, ...others } = params
  return { scheme, ...others }
}

function contentsOf(/** @type {string} */ token) {
  const { header, claims } = look(token)
  return { ...header, ...claims }
}

function pick(/** @type {any} */ from, /** @type {object | undefined} */ like) {
  return like && Object.fromEntries(Object.keys(like).map((key) => [key, from?.[key]]))
}

function difference(/** @type {string} */ name, /** @type {unknown} */ expected, /** @type {unknown} */ actual) {
  return isDeepStrictEqual(expected, actual) ? [] : [`${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`]
}
