/** One challenge of a `WWW-Authenticate` field (RFC 9110 §11.3). */
export interface Challenge {
  /** The auth-scheme, as written. */
  readonly scheme: string
  /** The token68 form, if the challenge has it; it then has no parameters. */
  readonly token68?: string
  /** The auth-params in order, quoted strings unescaped; names as written. */
  readonly params: readonly (readonly [name: string, value: string])[]
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
// qdtext and quoted-pair of RFC 9110 §5.6.4, without obs-text: nothing that is generated today may contain it.
const QUOTED = /"((?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*)"/y
// Spaces before a comma are not the ones that parameters follow.
const SPACES = / +(?![ \t]*,)/y
const NEXT = /[ \t]*,[ \t]*/y

/**
 * Parses one `WWW-Authenticate` field value strictly, from the grammar of RFC 9110 §11.2 to §11.6.1: no empty list members,
 * no white space around `=`, no parameter twice in a challenge, no obs-text. That is what a sender must produce; a
 * recipient may have to read more. Throws a SyntaxError that says where and why.
 */
export function parseChallenges(field: string): readonly Challenge[] {
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(field) ?? undefined
    if (match) at = pattern.lastIndex
    return match
  }
  const fail = (wanted: string): never => {
    throw new SyntaxError(`expected ${wanted} at ${at} of WWW-Authenticate: ${field}`)
  }

  const challenges: Challenge[] = []
  let scheme = take(TOKEN)?.[0]
  while (scheme !== undefined) {
    const params: [string, string][] = []
    const token68 = take(SPACES) ? take(TOKEN68)?.[0] : undefined
    // After a comma comes a parameter or the next challenge; only what follows the token tells which.
    let name = token68 === undefined && field[at - 1] === ' ' ? (take(TOKEN)?.[0] ?? fail('an auth-param or token68')) : undefined
    if (name !== undefined && field[at] !== '=') fail('"="')
    while (name !== undefined && field[at] === '=') {
      at += 1
      const value = take(QUOTED)?.[1]?.replace(/\\(.)/g, '$1') ?? take(TOKEN)?.[0] ?? fail('a token or quoted-string')
      if (params.some(([taken]) => taken.toLowerCase() === name?.toLowerCase())) fail(`no second "${name}" before`)
      params.push([name, value])
      name = take(NEXT) ? (take(TOKEN)?.[0] ?? fail('an auth-param or auth-scheme')) : undefined
    }
    challenges.push({ scheme, params, ...(token68 !== undefined && { token68 }) })
    if (name === undefined && params.length === 0 && take(NEXT)) name = take(TOKEN)?.[0] ?? fail('an auth-scheme')
    scheme = name
  }
  if (challenges.length === 0) fail('an auth-scheme')
  if (at !== field.length) fail('the end')
  return challenges
}
