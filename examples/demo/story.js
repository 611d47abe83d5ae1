// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'
import { authorizationServerMetadataUrl, look, request, tamper } from './client.js'
import { compare } from './told.js'

/**
 * @typedef {{ id: string, secret: string }} Client
 * @typedef {{ name: string, origin: string, refusals: import('@resource-guard/core').Problem[] }} Api
 * @typedef {{ issuer: string, clients: { printer: Client, kiosk: Client, scanner: Client }, otherApi: string, unknownApi: string }} World
 */

/**
 * Plays the story at one API. Ends early only if a step leaves the client with nothing to go on.
 *
 * @param {Api} api
 * @param {World} world
 * @param {(told: import('./told.js').Told) => void} listen
 */
export async function play(api, { issuer, clients, otherApi, unknownApi }, listen) {
  const acme = `${api.origin}/acme/photos`
  const globex = `${api.origin}/globex/photos`
  const metadataOf = (/** @type {string} */ url) => url.replace(api.origin, `${api.origin}/.well-known/oauth-protected-resource`)
  const invalidToken = (/** @type {string} */ url) =>
    ({ scheme: 'Bearer', error: 'invalid_token', scope: 'photos:read', resource_metadata: metadataOf(url) })

  const tell = async (/** @type {import('./told.js').Step} */ step) => {
    api.refusals.length = 0
    const told = compare(step, await request(...step.request), api.refusals.at(0))
    listen(told)
    return told.answer
  }

  const refused = await tell({
    title: 'No token',
    why: 'Nobody gets in without a token, and the refusal says where to read how to get one.',
    request: ['GET', acme],
    expect: {
      status: 401,
      challenge: { scheme: 'Bearer', scope: 'photos:read', resource_metadata: metadataOf(acme) },
      log: 'credentials_missing',
    },
  })
  const challenge = refused.challenges[0]?.params ?? {}
  if (!challenge['resource_metadata']) throw new Error('the refusal does not say where the metadata is')

  const metadata = await tell({
    title: 'The metadata that the challenge names',
    why: 'It describes the very URL that was called (RFC 9728 section 3.3), so the client believes it, and says who issues tokens for it.',
    request: ['GET', challenge['resource_metadata']],
    expect: { status: 200, body: { resource: acme, authorization_servers: [issuer] } },
  })
  const { resource, authorization_servers: [chosen] } = metadata.body
  if (resource !== acme) throw new Error('the metadata is of another resource: a client must not use it')

  const server = await tell({
    title: 'The metadata of that issuer',
    why: 'The issuer calls itself by the name it was looked up by (RFC 8414 section 3.3), so the client trusts its token endpoint.',
    request: ['GET', authorizationServerMetadataUrl(chosen)],
    expect: { status: 200, body: { issuer, token_endpoint: `${issuer}/token` } },
  })
  const tokenEndpoint = server.body.token_endpoint
  if (server.body.issuer !== chosen) throw new Error('the metadata is of another issuer: a client must not use it')

  /** @type {(client: Client, resource: string, scope: string) => import('./told.js').Step['request']} */
  const tokenRequest = (client, target, scope) =>
    ['POST', tokenEndpoint, { basic: client, form: [['grant_type', 'client_credentials'], ['resource', target], ['scope', scope]] }]
  const obtain = async (/** @type {Parameters<typeof tokenRequest>} */ ...asked) => {
    const { status, body } = await request(...tokenRequest(...asked))
    if (status !== 200) throw new Error(`no token for ${asked[1]}: ${status} ${body.error}`)
    return body.access_token
  }

  const issued = await tell({
    title: 'A token for that resource',
    why: 'The client names the resource as it read it (RFC 8707 section 2), and the token is for nothing else.',
    request: tokenRequest(clients.printer, resource, challenge['scope'] ?? ''),
    expect: { status: 200, token: { typ: 'at+jwt', iss: issuer, aud: acme, scope: 'photos:read', client_id: clients.printer.id } },
  })
  const token = issued.body.access_token

  await tell({
    title: 'The right token',
    why: 'Issued by a trusted issuer, for this resource and this tenant, with the scope that the route needs.',
    request: ['GET', acme, { token }],
    expect: { status: 200, body: { tenant: 'acme', client: clients.printer.id, photos: ['anvil.jpg', 'rocket-skates.jpg'] } },
  })

  await tell({
    title: 'A token for another API',
    why: 'Same issuer, same client, same scope, but issued for somebody else: whoever holds it may be that other API.',
    request: ['GET', acme, { token: await obtain(clients.printer, otherApi, 'photos:read') }],
    expect: { status: 401, challenge: invalidToken(acme), log: 'audience_mismatch' },
  })

  await tell({
    title: "Tenant acme's token at tenant globex",
    why: 'A tenant is part of the resource, so the token that opened acme a moment ago is for another resource here.',
    request: ['GET', globex, { token }],
    expect: { status: 401, challenge: invalidToken(globex), log: 'audience_mismatch' },
  })

  const missing = await tell({
    title: 'A missing scope',
    why: 'The token is right, but may not do this; the challenge names the scope to ask for.',
    request: ['POST', acme, { token }],
    expect: {
      status: 403,
      challenge: { scheme: 'Bearer', error: 'insufficient_scope', scope: 'photos:write', resource_metadata: metadataOf(acme) },
      log: 'scope_insufficient',
    },
  })

  await tell({
    title: 'A token with the scope that was named',
    why: 'The client asked for what the challenge told it to, and may now add a photo.',
    request: ['POST', acme, { token: await obtain(clients.printer, resource, missing.challenges[0]?.params['scope'] ?? '') }],
    expect: { status: 201, body: { tenant: 'acme', client: clients.printer.id, added: 'photo-3.jpg' } },
  })

  await tell({
    title: 'A tampered token',
    why: 'Somebody wrote photos:write into a token that has only photos:read, and the signature no longer fits.',
    request: ['POST', acme, { token: tamper(token, { scope: 'photos:read photos:write' }) }],
    expect: { status: 401, challenge: invalidToken(acme), log: 'signature_invalid' },
  })

  const opaque = await obtain(clients.scanner, resource, 'photos:read')
  await tell({
    title: 'An opaque token',
    why: 'It says nothing by itself, so the API asks the issuer about it (RFC 7662), once a minute at most, and holds the reply to the same rules.',
    request: ['GET', acme, { token: opaque }],
    expect: { status: 200, body: { tenant: 'acme', client: clients.scanner.id } },
  })

  await tell({
    title: 'The same opaque token at tenant globex',
    why: 'The issuer calls it active here too; it is for another resource all the same.',
    request: ['GET', globex, { token: opaque }],
    expect: { status: 401, challenge: invalidToken(globex), log: 'audience_mismatch' },
  })

  await tell({
    title: 'An opaque token that nobody issued',
    why: 'The issuer does not know it.',
    request: ['GET', acme, { token: 'nobody-issued-this-token' }],
    expect: { status: 401, challenge: invalidToken(acme), log: 'token_inactive' },
  })

  const brief = await obtain(clients.kiosk, resource, 'photos:read')
  await tell({
    title: 'A token that lives for two seconds',
    why: 'It is good while it lasts.',
    request: ['GET', acme, { token: brief }],
    expect: { status: 200, body: { tenant: 'acme', client: clients.kiosk.id } },
  })

  await sleep(look(brief).claims.exp * 1000 - Date.now() + 100)
  await tell({
    title: 'The same token, expired',
    why: 'Not a byte of it has changed; its time is over, so a check that passed once is made again on every request.',
    request: ['GET', acme, { token: brief }],
    expect: { status: 401, challenge: invalidToken(acme), log: 'token_expired' },
  })

  await tell({
    title: 'A resource that the authorization server does not know',
    why: 'No token is issued for it at all (RFC 8707 section 2).',
    request: tokenRequest(clients.printer, unknownApi, 'photos:read'),
    expect: { status: 400, body: { error: 'invalid_target' } },
  })
}
