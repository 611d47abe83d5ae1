import { badTokens } from './issuer.js'

/**
 * What a verifier says to a good token and to bad ones, before it is measured.
 * @param {(token: string) => any} verify
 * @param {string} good
 * @param {Record<string, string>} bad
 * @returns {Promise<{ accepts: boolean, letsIn: string[] }>}
 */
export async function verdictsOn(verify, good, bad) {
  const says = async (token) => {
    try {
      await verify(token)
      return true
    } catch {
      return false
    }
  }
  const letsIn = []
  for (const [name, token] of Object.entries(bad)) if (await says(token)) letsIn.push(name)
  return { accepts: await says(good), letsIn }
}

/** The same with tokens of an issuer. */
export const verdictsOf = (verify, issuer, alg) => verdictsOn(verify, issuer.token(alg), badTokens(issuer, alg))
