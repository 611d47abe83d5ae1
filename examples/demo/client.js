// @ts-check
// A client that knows nothing but the URL of an API and its own credentials at one authorization server. Everything else
// it is told on the way, and it sends what it was told byte for byte.

/** @typedef {{ scheme: string, params: Record<string, string> }} Challenge */
/** @typedef {{ token?: string, basic?: { id: string, secret: string }, form?: [string, string][] }} Send */
/** @typedef {{ status: number, challenges: Challenge[], headers: Headers, body: any }} Answer */

/**
 * @param {string} method
 * @param {string} url
 * @param {Send} [send]
 * @returns {Promise<Answer>}
 */
export async function request(method, url, { token, basic, form } = {}) {
  const authorization = token ? `Bearer ${token}` : basic ? `Basic ${btoa(`${basic.id}:${basic.secret}`)}` : undefined
  const response = await fetch(url, {
    method,
    redirect: 'error',
    headers: { ...(authorization && { authorization }) },
    ...(form && { body: new URLSearchParams(form) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    challenges: parseChallenges(response.headers.get('www-authenticate') ?? ''),
    headers: response.headers,
    body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
  }
}

/** Where an issuer's metadata is (RFC 8414 §3.1): the well-known part goes between its host and its path. */
export function authorizationServerMetadataUrl(/** @type {string} */ issuer) {
  const [, origin, path] = /** @type {RegExpExecArray} */ (/^([a-z]+:\/\/[^/]+)(.*?)\/?$/.exec(issuer))
  return `${origin}/.well-known/oauth-authorization-server${path}`
}

/**
 * The challenges of a WWW-Authenticate value (RFC 9110 §11.6.1), for those that have parameters rather than a token68.
 *
 * @param {string} header
 */
export function parseChallenges(header) {
  /** @type {Challenge[]} */
  const challenges = []
  const part = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+)))?/gy
  for (let found = part.exec(header); found; found = part.exec(header)) {
    const [, name = '', quoted, plain] = found
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
    const current = challenges.at(-1)
    if (value === undefined) challenges.push({ scheme: name, params: {} })
    else if (current) current.params[name.toLowerCase()] = value
  }
  return challenges
}

/** What a JWT says, unchecked: a client has no need to look inside a token, but the reader of the story does. */
export function look(/** @type {string} */ token) {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { header, claims }
}

/** The same token with another word in it, under the old signature. */
export function tamper(/** @type {string} */ token, /** @type {Record<string, unknown>} */ change) {
  const [header, , signature] = token.split('.')
  const claims = Buffer.from(JSON.stringify({ ...look(token).claims, ...change })).toString('base64url')
  return `${header}.${claims}.${signature}`
}
