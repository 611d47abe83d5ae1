import { variablesIn } from './resource.js'
import { decode, readingsOf, segmentsOf } from './path.js'
import { ConfigurationError } from '../configuration-error.js'

/** A path under which requests reach a resource: literal segments, and variables (undefined there) by name. */
export interface Mount {
  /** As configured. */
  readonly path: string
  readonly segments: readonly MountSegment[]
}

/** `spellings` are all in lower case: decoded, and as it is written. */
type MountSegment = { readonly variable: string } | { readonly literal: string; readonly spellings: readonly [string, string] }

/** Reads a mount path. Throws a ConfigurationError unless it has exactly the variables of the resource. */
export function mountOf(option: string, path: unknown, variables: readonly string[]): Mount {
  if (typeof path !== 'string' || (path !== '' && !/^\/[\x21\x24-\x3e\x40-\x5b\x5d-\x7e]*$/.test(path))) {
    throw new ConfigurationError(option, 'must be a path in ASCII that begins with a slash, without query or fragment')
  }
  const names = variablesIn(option, path)
  if (names.length !== variables.length || !names.every((name) => variables.includes(name))) {
    throw new ConfigurationError(option, `must have the variables of the resource: ${variables.map((name) => `{${name}}`).join(', ') || 'none'}`)
  }
  const segments = segmentsOf(path)
  const readings = readingsOf(path)
  if (readings === undefined || /;|%3b/i.test(path) || readings.some((reading) => segmentsOf(reading).length !== segments.length)) {
    throw new ConfigurationError(
      option, 'must not have dot segments, doubled slashes, semicolons, or characters that routers disagree about: give a mountPath without them',
    )
  }
  return {
    path,
    segments: segments.map((segment) => {
      if (segment.startsWith('{')) return { variable: segment.slice(1, -1) }
      return { literal: segment, spellings: [(decode(segment) as string).toLowerCase(), segment.toLowerCase()] }
    }),
  }
}

/** What the requests to a mount have in common, to find two that cannot be told apart by a router that ignores case. */
export const shapeOf = (mount: Mount): string => mount.segments.map((segment) => ('variable' in segment ? '{}' : segment.spellings[0])).join('/')
