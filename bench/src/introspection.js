import { fork } from 'node:child_process'
import { once } from 'node:events'
import * as oauth from 'oauth4webapi'
import { measure, runFor, unitOf } from './in-process.js'
import { audience, badOpaqueTokens, client, goodToken } from './introspected-tokens.js'
import { interleave, medians } from './rounds.js'
import { verdictsOn } from './verdicts.js'
import { handledBy } from './verifiers.js'

const guard = (introspection) => (issuer, endpoint) =>
  handledBy({
    resource: audience,
    authorizationServers: [{ issuer, introspection: { endpoint, clientId: client.id, clientSecret: client.secret, ...introspection } }],
  })

/** Each resolves for an opaque token that is let in, and rejects for one that is not. */
const contenders = {
  'resource-guard': guard({}),
  'resource-guard, ttl 0': guard({ ttl: 0 }),
  // It makes the call and reads the reply; what the reply says is for the application to judge. This one looks at `active`.
  oauth4webapi: (issuer, endpoint) => {
    const server = { issuer, introspection_endpoint: endpoint }
    const self = { client_id: client.id }
    const authentication = oauth.ClientSecretBasic(client.secret)
    const options = { [oauth.allowInsecureRequests]: true }
    return async (token) => {
      const reply = await oauth.processIntrospectionResponse(server, self, await oauth.introspectionRequest(server, self, authentication, token, options))
      if (!reply.active) throw new Error('inactive')
      return reply
    }
  },
}

async function startEndpoint(issuer) {
  const child = fork(new URL('introspection-endpoint.js', import.meta.url), [issuer], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the introspection endpoint ended')))
  ended.catch(() => {})
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  const { port } = await answer()
  return {
    url: `http://127.0.0.1:${port}/introspect`,
    stop: () => child.disconnect(),
    async calls() {
      const answered = answer()
      child.send('calls')
      return (await answered).calls
    },
  }
}

/** Opaque tokens in process, against an endpoint in another one: calls that it gets, and costs as multiples of one RS256 `crypto.verify`. */
export async function measureIntrospection(issuer, { rounds, requests, concurrent, warmUp, progress }) {
  progress('introspection')
  const endpoint = await startEndpoint(issuer.issuer)
  const unit = unitOf(issuer, 'RS256')
  const verdicts = {}
  const usable = {}
  for (const [name, build] of Object.entries(contenders)) {
    const verify = build(issuer.issuer, endpoint.url)
    verdicts[name] = await verdictsOn(verify, goodToken(), badOpaqueTokens())
    if (verdicts[name].accepts) usable[name] = verify
  }

  async function countCalls(work) {
    const before = await endpoint.calls()
    const measured = await work()
    return { ...measured, calls: (await endpoint.calls()) - before }
  }

  const copies = (token, count) => Array.from({ length: count }, () => token)
  for (const verify of Object.values(usable)) await runFor(warmUp.millis, verify, copies(goodToken(), requests))
  const warm = await interleave(usable, rounds, async (verify) => {
    const token = goodToken() // A new one each round, so that none is as old as a reply may be.
    await verify(token)
    return countCalls(() => measure(unit, verify, copies(token, requests)))
  })
  // Last, as it leaves its callers with as many connections.
  const burst = await interleave(usable, rounds, (verify) => countCalls(async () => void (await Promise.all(copies(goodToken(), concurrent).map(verify)))))

  endpoint.stop()
  return { verdicts, warm: medians(warm), burst: medians(burst) }
}
