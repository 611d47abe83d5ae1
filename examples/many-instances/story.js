// @ts-check
import { request } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {object} World
 * @property {string} resource
 * @property {import('@resource-guard/testing').ListeningIssuer} issuer
 * @property {Awaited<ReturnType<typeof import('./redis.js').createRedis>>} redis
 * @property {number} instances
 * @property {number} introspectionTtl
 *
 * @typedef {{ status: number, instance: string, error: string | undefined, retryAfter: string | undefined }} Answer
 */

/** Plays the story and prints it. Resolves with the number of things that were not as told. */
export async function play(/** @type {World} */ { resource, issuer, redis, instances, introspectionTtl }) {
  let failures = 0
  const everyone = instances * 10
  const introspections = () => issuer.requests.filter((url) => url.endsWith('/introspect')).length
  const photos = (/** @type {string} */ token) => ask('GET', `${resource}/photos`, token)
  const photosOften = (/** @type {string} */ token) => Promise.all(Array.from({ length: everyone }, () => photos(token)))
  const revoke = async (/** @type {object} */ what) => {
    const { status } = await ask('POST', `${resource}/revoked`, await issuer.token({ sub: 'operator', scope: 'tokens:revoke' }), what)
    return status
  }

  function told(/** @type {string} */ what, /** @type {unknown} */ actual, /** @type {unknown} */ expected) {
    const good = isDeepStrictEqual(actual, expected)
    if (!good) failures++
    console.log(`${good ? '  ok ' : '  !! '} ${what}${good ? '' : `: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`}`)
  }
  const heading = (/** @type {string} */ text) => console.log(`\n${text}`)

  console.log(`${instances} instances of an API behind ${resource}, one Redis at ${redis.url}, and an issuer at ${issuer.issuer}`)

  heading('A JWT access token')
  const jti = 'the-jwt-to-revoke'
  const jwt = await issuer.token({ jti })
  told(`${everyone} requests are all let in`, summary(await photosOften(jwt)), { 200: everyone })
  told('by every instance', instancesOf(await photosOften(jwt)), instances)
  told('one instance is told to revoke it', await revoke({ jti }), 204)
  const refused = await photosOften(jwt)
  told(
    'and from then on every one of them refuses it, although each has it in its cache',
    [summary(refused), instancesOf(refused)],
    [{ '401 invalid_token': everyone }, instances],
  )
  told('while another token of the same user is let in', summary(await photosOften(await issuer.token())), { 200: everyone })

  heading('Every token of a user')
  const bobs = [await issuer.token({ sub: 'bob' }), issuer.opaqueToken({ sub: 'bob' })]
  told('a JWT and an opaque token of bob are let in', await Promise.all(bobs.map(async (token) => (await photos(token)).status)), [200, 200])
  told('one instance is told to revoke what bob has', await revoke({ sub: 'bob' }), 204)
  for (const token of bobs) told('and every instance refuses it', summary(await photosOften(token)), { '401 invalid_token': everyone })

  heading(`An opaque access token, whose introspection reply is remembered for ${introspectionTtl} s`)
  const opaque = issuer.opaqueToken({ jti: 'the-opaque-token-to-revoke' })
  const before = introspections()
  told('the first request is let in', (await photos(opaque)).status, 200)
  const asked = performance.now()
  await sleep(200) // The reply is sealed and written to Redis after the request was answered.
  const answers = await photosOften(opaque)
  told(`and so are ${everyone} more, by every instance`, [summary(answers), instancesOf(answers)], [{ 200: everyone }, instances])
  told('for which the issuer was asked once in all', introspections() - before, 1)
  await sleep(introspectionTtl * 1000 - (performance.now() - asked) + 100)
  told(`after ${introspectionTtl} s`, (await photos(opaque)).status, 200)
  await sleep(200)
  told(`${everyone} more`, summary(await photosOften(opaque)), { 200: everyone })
  told('took one more question', introspections() - before, 2)
  told('one instance is told to revoke it', await revoke({ jti: 'the-opaque-token-to-revoke' }), 204)
  told('and every instance refuses it at once, although its reply is remembered', summary(await photosOften(opaque)), { '401 invalid_token': everyone })

  heading('Redis is killed')
  const good = await issuer.token()
  await redis.kill()
  const begun = performance.now()
  const during = await photosOften(good)
  const waited = (performance.now() - begun) / 1000
  told('nobody can tell what was revoked, so that everything is refused, as unavailable and not as invalid', summary(during), { 503: everyone })
  told('with the advice to try again', during.every(({ retryAfter }) => Number(retryAfter) > 0), true)
  told(`without hanging (it took ${waited.toFixed(1)} s)`, waited < 5, true)
  await redis.start()
  const back = await until(async () => summary(await photosOften(good))['200'] === everyone, 15)
  told(`Redis is back, and so are all instances, none restarted (after ${back.toFixed(1)} s)`, Number.isFinite(back), true)
  for (const token of [jwt, opaque, ...bobs]) {
    const still = await photosOften(token)
    told('what was revoked before is revoked still', [summary(still), instancesOf(still)], [{ '401 invalid_token': everyone }, instances])
  }
  return failures
}

/** A connection for each request, so that the instances take turns. */
function ask(/** @type {string} */ method, /** @type {string} */ url, /** @type {string} */ token, /** @type {object | undefined} */ body = undefined) {
  return /** @type {Promise<Answer>} */ (new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    const sent = request(url, { method, headers, agent: false, timeout: 10_000 }, (response) => {
      response.resume()
      response.once('end', () => resolve({
        status: response.statusCode ?? 0,
        instance: String(response.headers['x-instance']),
        error: /error="(\w+)"/.exec(response.headers['www-authenticate'] ?? '')?.[1],
        retryAfter: response.headers['retry-after'],
      }))
    })
    sent.once('timeout', () => sent.destroy(new Error('no answer within 10 s'))).once('error', reject)
    sent.end(body && JSON.stringify(body))
  }))
}

/** How many answers there were of each kind: `{ 200: 40 }`. */
function summary(/** @type {readonly Answer[]} */ answers) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const { status, error } of answers) {
    const kind = error === undefined ? `${status}` : `${status} ${error}`
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

const instancesOf = (/** @type {readonly Answer[]} */ answers) => new Set(answers.map(({ instance }) => instance)).size

/** How many seconds it took; infinitely many if it did not come true in time. */
async function until(/** @type {() => Promise<boolean>} */ isTrue, /** @type {number} */ seconds) {
  const begun = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - begun > seconds * 1000) return Infinity
    await sleep(100)
  }
  return (performance.now() - begun) / 1000
}
