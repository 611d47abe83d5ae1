import { badTokens } from './issuer.js'

/**
 * What a verifier says to a good token and to bad ones, before it is measured.
 * @returns {Promise<{ accepts: boolean, letsIn: string[] }>}
 */
export async function verdictsOf(verify, issuer, alg) {
  const says = async (token) => {
    try {
      await verify(token)
      return true
    } catch {
      return false
    }
  }
  const letsIn = []
  for (const [name, token] of Object.entries(badTokens(issuer, alg))) if (await says(token)) letsIn.push(name)
  return { accepts: await says(issuer.token(alg)), letsIn }
}
