import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { interleave, medians } from './rounds.js'
import { verdictsOf } from './verdicts.js'

const frameworks = {
  express: ['unguarded', 'resource-guard', 'express-oauth2-jwt-bearer', 'jsonwebtoken + jwks-rsa', 'MCP SDK bearer guard + jose'],
  fastify: ['unguarded', 'resource-guard', '@fastify/jwt + get-jwks', '@fastify/jwt + get-jwks, cache 10,000', 'fastify-jwt-jwks', 'fastify-jwt-jwks, cache 10,000'],
  hono: ['unguarded', 'resource-guard', 'hono/jwk'],
}
const connections = 32
const agent = new Agent({ keepAlive: true, maxSockets: connections })

function get(port, token) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', path: '/photos', headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function start(name, issuer) {
  const child = fork(new URL('server.js', import.meta.url), [name, issuer.issuer], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended`)))
  ended.catch(() => {})
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  const { port } = await answer()
  return {
    get: (token) => get(port, token),
    stop: () => child.disconnect(),
    async cpu() {
      const answered = answer()
      child.send('cpu')
      return (await answered).cpu
    },
  }
}

/** CPU time of the server for each request, in microseconds: every token once, over as many connections as there are. */
async function microsEach(server, tokens) {
  const before = await server.cpu()
  let next = 0
  const work = async () => {
    while (next < tokens.length) {
      const status = await server.get(tokens[next++])
      if (status !== 200) throw new Error(`status ${status}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return ((await server.cpu()) - before) / tokens.length
}

/** What a guard leaves of an unguarded server's throughput for each second of its CPU time, RS256. 1 is all of it. */
export async function measureThroughput(issuer, { rounds, requests, freshTokens, warmUp, progress }) {
  const results = {}
  for (const [framework, guards] of Object.entries(frameworks)) {
    const verdicts = {}
    const servers = {}
    for (const guard of guards) {
      const server = await start(`${framework}, ${guard}`, issuer)
      verdicts[guard] = await verdictsOf(async (token) => {
        if ((await server.get(token)) !== 200) throw new Error('refused')
      }, issuer, 'RS256')
      if (verdicts[guard].accepts) servers[guard] = server
      else server.stop()
    }

    progress(`throughput with the same token, ${framework}`)
    const token = issuer.token('RS256')
    const repeated = Array.from({ length: requests }, () => token)
    const before = [...freshTokens.slice(0, warmUp.fresh), ...Array.from({ length: warmUp.same }, () => token)]
    for (const server of Object.values(servers)) await microsEach(server, before)
    const same = await interleave(servers, rounds, (server) => microsEach(server, repeated))

    progress(`throughput with tokens never seen before, ${framework}`)
    const share = Math.floor((freshTokens.length - warmUp.fresh) / (rounds + 1))
    const fresh = await interleave(servers, rounds, (server, round) => microsEach(server, freshTokens.slice(warmUp.fresh + round * share, warmUp.fresh + (round + 1) * share)))

    for (const server of Object.values(servers)) server.stop()
    delete verdicts.unguarded
    results[framework] = { verdicts, same: shares(same), fresh: shares(fresh) }
  }
  agent.destroy()
  return results
}

/** Of CPU microseconds: the unguarded server's in the same round, as a share of the guarded one's. */
function shares({ unguarded, ...guarded }) {
  return medians(Object.fromEntries(Object.entries(guarded).map(([name, costs]) => [name, costs.map((micros, i) => ({ micros, ratio: unguarded[i] / micros }))])))
}
