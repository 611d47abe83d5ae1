// Heap that a guard holds on to, in a fresh process: node --expose-gc heap.js. Prints bytes.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createResourceGuard } from '@resource-guard/core'
import { audience } from './issuer.js'

const count = 10_000
const issuer = 'https://login.example.com'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-2026-01', alg: 'ES256' }
const fetchKeys = async (url) =>
  String(url).includes('/jwks')
    ? Response.json({ keys: [jwk] })
    : new Response(null, { status: 404 })
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

function token(claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000)
  const input = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header })}.${encode({
    iss: issuer, aud: audience, sub: randomUUID(), client_id: 's6BhdRkqt3', iat: now, exp: now + 3600, jti: randomUUID(),
    scope: 'photos:read photos:write profile', ...claims,
  })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const guard = createResourceGuard({ resource: audience, authorizationServers: [{ issuer, jwksUri: `${issuer}/jwks` }], fetch: fetchKeys })

async function send(token, expected) {
  const { kind } = await guard.handle({ method: 'GET', url: '/photos', headers: { get: (name) => (name === 'authorization' ? `Bearer ${token}` : null) } })
  if (kind !== expected) throw new Error(`${kind} instead of ${expected}`)
}

async function settledHeap() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

const hostile = [
  () => token({}, { kid: randomUUID() }),
  () => token({ iss: `https://${randomUUID()}.example.com` }),
  () => token({ aud: `https://${randomUUID()}.example.com` }),
  () => `${token().slice(0, -86)}${'A'.repeat(86)}`,
  () => `${randomUUID()}.${randomUUID()}.${randomUUID()}`,
  () => randomUUID().repeat(300),
]

for (let i = 0; i < 200; i++) {
  await send(token(), 'granted')
  await send(hostile[i % hostile.length](), 'reply')
}
const start = await settledHeap()
for (let i = 0; i < count; i++) await send(hostile[i % hostile.length](), 'reply')
const afterHostile = await settledHeap()
for (let i = 0; i < count; i++) await send(token(), 'granted')
const afterOnce = await settledHeap()
for (let i = 0; i < count; i++) {
  const good = token()
  await send(good, 'granted')
  await send(good, 'granted')
}
const afterTwice = await settledHeap()
process.stdout.write(JSON.stringify({ hostile: afterHostile - start, once: afterOnce - afterHostile, twice: afterTwice - afterHostile }))
