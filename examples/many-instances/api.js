// @ts-check
// One instance of the API. Each of the four processes runs this file; what they share is in Redis.
import cluster from 'node:cluster'
import { createResourceGuard, principalOf, requireScope, resourceGuard } from '@resource-guard/express'
import { redisStore } from '@resource-guard/redis'
import express from 'express'
import { createClient } from 'redis'

/** @type {(name: string) => string} */
const setting = (name) => process.env[name] ?? fail(`${name} is not set`)

const redis = createClient({ url: setting('REDIS_URL') })
// Without a listener node-redis ends the process when Redis goes down. With one it connects again by itself.
redis.on('error', () => {})
await redis.connect()

const guard = createResourceGuard({
  resource: setting('RESOURCE'),
  authorizationServers: [{
    issuer: setting('ISSUER'),
    introspection: { clientId: setting('CLIENT_ID'), clientSecret: setting('CLIENT_SECRET'), ttl: Number(setting('INTROSPECTION_TTL')) },
  }],
  store: redisStore(redis),
  storeSecret: setting('STORE_SECRET'),
})

const app = express()
// So that the story can tell who answered, refusals included.
app.use((_req, res, next) => {
  res.set('x-instance', String(cluster.worker?.id))
  next()
})
app.use(resourceGuard(guard))

app.get('/photos', requireScope('photos:read'), (req, res) => {
  res.json({ subject: principalOf(req).subject })
})

// Whoever may revoke here revokes on every instance, for tokens of the issuer of their own token.
app.post('/revoked', requireScope('tokens:revoke'), express.json(), (req, res, next) => {
  const { jti, sub } = req.body
  const { issuer } = principalOf(req)
  // A store that is down rejects: whoever revokes has to know that the token still lives.
  guard.revoke(sub === undefined ? { issuer, jti } : { issuer, sub }).then(() => res.status(204).end(), next)
})

app.listen(new URL(setting('RESOURCE')).port, () => process.send?.('listening'))

/** @type {(why: string) => never} */
function fail(why) {
  throw new Error(why)
}
