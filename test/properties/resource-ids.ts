import * as fc from 'fast-check'

// Resource identifiers in canonical form, built from the grammar of RFC 3986 and not by the code under test.

const characters = (text: string): fc.Arbitrary<string> => fc.constantFrom(...text)
const unreserved = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~'

/** What a path may hold beside unreserved characters. No ";", at which routers cut, and no encoded slash, backslash or NUL: there is no option for those. */
const otherwise = fc.oneof(
  characters("!$&'()*+,=:@"),
  fc.constant('~~'),
  fc.constantFrom('%20', '%22', '%25', '%3C', '%3E', '%5B', '%5E', '%60', '%7B', '%7D', '%7F', '%C3%A9', '%E2%82%AC', '%F0%9F%98%80'),
)

const text = (options: fc.StringConstraints & { unit: fc.Arbitrary<string> }): fc.Arbitrary<string> => fc.string(options)

const segment = text({ unit: fc.oneof({ weight: 6, arbitrary: characters(unreserved) }, { weight: 1, arbitrary: otherwise }),
  minLength: 1, maxLength: 8 })
  // Nor what routers have for a variable.
  .filter((value) => value !== '.' && value !== '..' && !/^(?::\w+|\*+)$/.test(value))

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,7}(?:-[a-z0-9]{1,4})?$/)
const host = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.array(label, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('com', 'example', 'test')).map(([labels, top]) => [...labels, top].join('.')) },
  { weight: 1, arbitrary: fc.constantFrom('192.0.2.1', '[2001:db8::1]', 'xn--caf-dma.example') },
)
const otherPort = fc.integer({ min: 1, max: 65_535 }).filter((value) => value !== 443 && value !== 80).map((value) => `:${value}`)
const port = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, otherPort)

const origin = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(host, port).map(([name, at]) => `https://${name}${at}`) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('localhost', '127.0.0.1', '[::1]'), port).map(([name, at]) => `http://${name}${at}`) },
)

const pathOf = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.array(one, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '', '/')).map(([segments, end]) => `/${segments.join('/')}${end}`)
const path = fc.oneof({ weight: 6, arbitrary: pathOf(segment) }, fc.constantFrom('', '/'))

// An apostrophe is what URL parsers encode in a query, so the canonical form there is %27.
const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  text({ unit: fc.oneof({ weight: 5, arbitrary: characters(unreserved) }, characters('!$&()*+,=:@/?'),
    fc.constantFrom('%20', '%27', '%25', '%C3%A9')), minLength: 1, maxLength: 12 }).map((value) => `?${value}`),
)

/** A resource identifier without variables. */
export const resourceId: fc.Arbitrary<string> = fc.tuple(origin, path, query).map((parts) => parts.join(''))

export interface Template {
  readonly template: string
  readonly values: Readonly<Record<string, string>>
  /** The template with the values filled in, by splitting and joining. */
  readonly filled: string
}

const value = fc.stringMatching(/^[\w.~-]{1,12}$/).filter((text) => text !== '.' && text !== '..')

/** A template with one to three variables, and a value for each. */
export const resourceTemplate: fc.Arbitrary<Template> = fc
  .tuple(origin, fc.array(fc.oneof(segment, fc.constant(undefined)), { minLength: 1, maxLength: 5 }),
    fc.array(value, { minLength: 5, maxLength: 5 }), query)
  .map(([start, segments, values, end]) => {
    const given: Record<string, string> = {}
    const parts = (fill: boolean): string => segments.map((literal, index) => {
      if (literal !== undefined) return `/${literal}`
      given[`v${index}`] = values[index] as string
      return fill ? `/${values[index]}` : `/{v${index}}`
    }).join('')
    return { template: start + parts(false) + end, filled: start + parts(true) + end, values: given }
  })
  .filter(({ values }) => Object.keys(values).length > 0)

/** RFC 9728 §3.1, word by word: the well-known string goes between the host component and the path or query, "any terminating slash following the host" removed. */
export function metadataUrlByRfc9728(resource: string): string {
  const afterScheme = resource.indexOf('://') + 3
  const componentEnd = [...resource].findIndex((character, index) => index >= afterScheme && (character === '/' || character === '?'))
  const endOfHost = componentEnd === -1 ? resource.length : componentEnd
  let rest = resource.slice(endOfHost)
  if (rest === '/' || rest.startsWith('/?')) rest = rest.slice(1)
  return `${resource.slice(0, endOfHost)}/.well-known/oauth-protected-resource${rest}`
}
