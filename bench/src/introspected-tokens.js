import { randomUUID } from 'node:crypto'

export { audience } from './issuer.js'

/** The resource server as a client of the introspection endpoint. */
export const client = { id: 'photos-api', secret: 'kT3vX9qLr2Zs8WnB5yHd7Mfa' }

/** By the word that an opaque token begins with: in what its reply differs from that for a good one. No reply of these says `active: false`. */
export const introspectedTokens = {
  good: () => ({}),
  elsewhere: () => ({ aud: 'https://other.example.com' }),
  expired: (now) => ({ iat: now - 7200, exp: now - 3600 }),
  stranger: () => ({ iss: 'https://evil.example.com' }),
  text: () => ({ active: 'true' }),
}

export const goodToken = () => `good-${randomUUID()}`

/** Opaque tokens that nobody may let in: by what is wrong with the reply. */
export const badOpaqueTokens = () => ({
  inactive: `unknown-${randomUUID()}`,
  'wrong aud': `elsewhere-${randomUUID()}`,
  expired: `expired-${randomUUID()}`,
  'wrong iss': `stranger-${randomUUID()}`,
  'active "true"': `text-${randomUUID()}`,
})
