// @ts-check
// `npm run example:many-instances`: four processes behind one port, and one Redis. Exits 0 only if everything went as told.
import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestIssuer } from '@resource-guard/testing'
import { createRedis, freePort, hasRedis } from './redis.js'
import { play } from './story.js'

const instances = 4
/** Seconds for which the reply of the issuer is remembered, by all instances together. */
const introspectionTtl = 5

if (!hasRedis()) {
  console.error('This example needs a redis-server to start, and there is none here. Nothing was run.')
  console.error("apt-get install redis-server (or your system's package)")
  process.exit(1)
}

const redis = await createRedis()
const resource = `http://127.0.0.1:${await freePort()}`
const issuer = await (await createTestIssuer({ audience: resource })).listen()
let failures = 1
try {
  await redis.start()
  cluster.setupPrimary({ exec: fileURLToPath(new URL('api.js', import.meta.url)) })
  // One secret for all of them: each opens what another has sealed.
  const storeSecret = randomBytes(32).toString('base64url')
  const workers = Array.from({ length: instances }, () => cluster.fork({
    RESOURCE: resource,
    ISSUER: issuer.issuer,
    CLIENT_ID: issuer.introspection.clientId,
    CLIENT_SECRET: issuer.introspection.clientSecret,
    INTROSPECTION_TTL: introspectionTtl,
    REDIS_URL: redis.url,
    STORE_SECRET: storeSecret,
  }))
  await Promise.all(workers.map((worker) => Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => Promise.reject(new Error('an instance ended'))),
  ])))
  failures = await play({ resource, issuer, redis, instances, introspectionTtl })
} finally {
  cluster.removeAllListeners()
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
  await issuer.close()
  await redis.close()
}
console.log(failures === 0 ? '\nEverything went as told.' : '\nNot everything went as told.')
process.exitCode = failures === 0 ? 0 : 1
