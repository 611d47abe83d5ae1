import type { Answer } from './answers.js'

/**
 * Writes the `WWW-Authenticate` value (RFC 6750 §3, RFC 9728 §5.1). `resource_metadata` comes first and the scheme is Bearer on
 * one line: clients in the field read it with less than a grammar. Nothing in it comes from a request.
 */
export function challenge(answer: Answer, metadataUrl: string, scopes: readonly string[]): string {
  const parameters = [`resource_metadata=${quoted(metadataUrl)}`]
  if (answer.error !== undefined) parameters.push(`error=${quoted(answer.error)}`, `error_description=${quoted(answer.description)}`)
  if (scopes.length > 0) parameters.push(`scope=${quoted(scopes.join(' '))}`)
  return `Bearer ${parameters.join(', ')}`
}

/** A quoted-string in the characters that RFC 6750 §3 allows its values; any other character becomes `?`, so no value can end its quotes. */
const quoted = (value: string): string => `"${value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')}"`
