// @ts-check

/**
 * Lines to paste into a shell, top to bottom, and what each is answered with.
 *
 * @param {object} world
 * @param {{ name: string, origin: string }[]} world.apis
 * @param {string} world.issuer
 * @param {{ id: string, secret: string }} world.client
 * @param {string} world.otherApi
 * @param {string} world.unknownApi
 */
export function curlLines({ apis, issuer, client, otherApi, unknownApi }) {
  const [api] = apis
  const acme = `${api?.origin}/acme/photos`
  const token = (/** @type {string} */ resource, /** @type {string} */ scope) =>
    `curl -s -u ${client.id}:${client.secret} ${issuer}/token -d grant_type=client_credentials -d resource=${resource} -d scope=${scope}`

  const others = apis.slice(1).map(({ name, origin }) => `${name} is ${origin}`).join(', ')

  return [
    '',
    `Everything keeps running; Ctrl-C ends it. These lines are for ${api?.name}: ${others}.`,
    'Refusals are logged below, as an operator would see them.',
    '',
    '# No token: 401, and where to read on',
    `curl -i -w '\\n' ${acme}`,
    '',
    '# The metadata of the resource, and of its issuer',
    `curl -s -w '\\n' ${api?.origin}/.well-known/oauth-protected-resource/acme/photos`,
    `curl -s -w '\\n' ${issuer}/.well-known/oauth-authorization-server`,
    '',
    '# A token for this resource (10 minutes), kept in $TOKEN: 200',
    keep('TOKEN', token(acme, 'photos:read')),
    `curl -i -w '\\n' ${acme} ${bearer('TOKEN')}`,
    '',
    '# The same token at another tenant: 401',
    `curl -i -w '\\n' ${api?.origin}/globex/photos ${bearer('TOKEN')}`,
    '',
    '# The same token for what it has no scope for: 403',
    `curl -i -w '\\n' -X POST ${acme} ${bearer('TOKEN')}`,
    '',
    '# A token for another API: 401',
    keep('OTHER', token(otherApi, 'photos:read')),
    `curl -i -w '\\n' ${acme} ${bearer('OTHER')}`,
    '',
    '# A resource that the authorization server does not know: invalid_target',
    `${token(unknownApi, 'photos:read')} -w '\\n'`,
    '',
  ]
}

/** Puts the access token of a token response into a shell variable. */
const keep = (/** @type {string} */ name, /** @type {string} */ command) =>
  `${name}=$(${command} | sed -E 's/.*"access_token":"([^"]*)".*/\\1/')`

const bearer = (/** @type {string} */ name) => `-H "Authorization: Bearer $${name}"`
