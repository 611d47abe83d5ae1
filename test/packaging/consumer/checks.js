// @ts-check
// What every guarded API must do, asked over whatever can be asked: an address, or a handler.

export const resource = 'https://api.example.com/v1'
export const algorithms = ['RS256', 'PS384', 'ES256', 'ES512', 'Ed25519']

const metadataPath = '/.well-known/oauth-protected-resource/v1'
const metadataUrl = `https://api.example.com${metadataPath}`

/**
 * @typedef {(path: string, headers?: Record<string, string>) => Promise<Response>} Ask
 * @typedef {import('@resource-guard/testing').TestIssuer} TestIssuer
 */

/**
 * Rejects at the first answer that is wrong; resolves with the number of answers that were right. The API answers
 * `/photos` with the subject of the token, and its issuer has a key for each of the algorithms.
 * @param {Ask} ask
 * @param {TestIssuer} issuer
 */
export async function checkGuardedApi(ask, issuer) {
  let checks = 0
  /** @param {string} what @param {Response} response @param {number} status @param {string[]} parts @param {string[]} [absent] */
  const answered = async (what, response, status, parts, absent = []) => {
    const text = `${response.status} ${response.headers.get('www-authenticate') ?? ''} ${await response.text()}`
    const right = response.status === status && parts.every((part) => text.includes(part)) && !absent.some((part) => text.includes(part))
    if (!right) throw new Error(`${what}: expected ${status} with ${parts.join(', ') || 'anything'}, received ${text}`)
    checks += 1
  }
  /** @param {import('@resource-guard/testing').Changes} claims @param {import('@resource-guard/testing').MintOptions} [minting] */
  const bearer = async (claims, minting) => ({ authorization: `Bearer ${await issuer.token({ aud: resource, ...claims }, minting)}` })
  const challenge = `resource_metadata="${metadataUrl}"`

  // At once, and first: nobody has the keys yet.
  const first = await Promise.all(Array.from({ length: 8 }, async () => ask('/photos', await bearer({}))))
  for (const response of first) await answered('one of the first requests at once', response, 200, ['alice'])
  for (const alg of algorithms) {
    const headers = await bearer({}, { alg })
    for (const time of ['the first', 'the second']) await answered(`a good token by ${alg}, ${time} time`, await ask('/photos', headers), 200, ['alice'])
    const forged = await bearer({}, { alg, edit: { signature: (bytes) => bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) } })
    await answered(`a forged token by ${alg}`, await ask('/photos', forged), 401, [challenge, 'error="invalid_token"'], ['alice'])
  }
  await answered('a token for another API', await ask('/photos', await bearer({ aud: 'https://other.example.com' })), 401, [challenge, 'error="invalid_token"'])
  await answered('a token of yesterday', await ask('/photos', await bearer({ exp: 1 })), 401, [challenge, 'error="invalid_token"'])
  await answered('no token', await ask('/photos'), 401, [`Bearer ${challenge}`], ['error='])
  await answered('no credentials but the scheme', await ask('/photos', { authorization: 'Bearer' }), 400, [challenge, 'error="invalid_request"'])
  await answered('the metadata', await ask(metadataPath), 200, [`"resource":"${resource}"`, `"authorization_servers":["${issuer.issuer}"]`])
  return checks
}
