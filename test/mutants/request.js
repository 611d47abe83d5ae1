import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const requestMutants = [
  // How it is presented
  {
    why: 'of two Authorization lines the last counts',
    file: core('request/access-request'), tests: ['test/properties/credentials.test.ts'],
    find: 'found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`',
    replace: 'found = raw[i + 1] as string',
  },
  {
    why: 'of two Authorization lines the first counts',
    file: core('request/access-request'), tests: ['test/properties/credentials.test.ts'],
    find: 'found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`',
    replace: 'found ??= raw[i + 1] as string',
  },
  {
    why: 'a scheme that begins with Bearer is Bearer',
    file: core('request/credentials'), tests: [test('request/credentials')],
    find: '(Number.isNaN(next) || next === 0x20 || next === 0x09) && value',
    replace: 'next !== 0 && value',
  },
  {
    why: 'tokens of any length are looked at',
    file: core('request/credentials'), tests: [test('attacks')],
    find: "if (value.length > maxLength + 'Bearer '.length)",
    replace: 'if (value.length > maxLength * 1000)',
  },
  {
    why: 'a tab may stand for the space',
    file: core('request/credentials'), tests: [test('request/credentials')],
    find: 'while (value.charCodeAt(start) === 0x20) start++',
    replace: 'while (value.charCodeAt(start) === 0x20 || value.charCodeAt(start) === 0x09) start++',
  },

  // Which resource it is
  {
    why: 'every segment is a tenant',
    file: core('target'), tests: [test('targets')],
    find: 'if (!isOne) return false',
    replace: '',
  },
  {
    why: 'what is nearly true is yes',
    file: core('target'), tests: [test('targets')],
    find: "if (typeof isOne !== 'boolean') throw",
    replace: 'if (isOne === undefined) throw',
  },
  {
    why: 'a tenant may have any characters',
    file: core('target'), tests: [test('attacks')],
    find: 'if (!isSegment(value)) return false',
    replace: "if (value === '') return false",
  },
  {
    why: "another resource's spelling is judged as this one",
    file: core('targets'), tests: [test('targets')],
    find: 'one?.resource === other?.resource\n',
    replace: 'true\n',
  },
  {
    why: 'routers are taken not to fold case',
    file: core('targets'), tests: [test('targets')],
    find: 'spellings.includes(segment.toLowerCase())',
    replace: 'spellings.includes(segment)',
  },
  {
    why: 'routers are taken not to collapse slashes',
    file: core('request/path'), tests: [test('request/path')],
    find: '[cut, decode, cut, collapse]',
    replace: '[cut, decode, cut]',
  },
  {
    why: 'routers are taken not to decode',
    file: core('request/path'), tests: [test('request/path')],
    find: '[cut, decode, cut, collapse]',
    replace: '[cut, collapse]',
  },
  {
    why: 'routers are taken not to cut parameters off',
    file: core('request/path'), tests: [test('targets')],
    find: '[cut, decode, cut, collapse]',
    replace: '[decode, collapse]',
  },
  {
    why: 'a router is taken to do either everything or nothing',
    file: core('request/path'), tests: [test('targets')],
    find: '[reading, lenient(reading) ?? reading]',
    replace: '[...(reading === path ? [path] : []), lenient(reading) ?? reading]',
  },
  {
    why: 'the host of an absolute URL may be followed by a query',
    file: core('request/path'), tests: [test('request/path')],
    find: '(?=\\/)/',
    replace: '(?=[/?])/',
  },
  {
    why: 'an encoded slash is a character like any other',
    file: core('request/path'), tests: [test('request/path')],
    find: '%(?:2f|5c|2e|00)/i',
    replace: '%(?:5c|2e|00)/i',
  },
  {
    why: 'encoded dots are characters like any other',
    file: core('request/path'), tests: [test('attacks')],
    find: '%(?:2f|5c|2e|00)/i',
    replace: '%(?:2f|5c|00)/i',
  },
  {
    why: 'a backslash is a character like any other',
    file: core('request/path'), tests: [test('request/path')],
    find: '|[\\\\#]|',
    replace: '|#|',
  },
  {
    why: 'the host of a request target is part of its path',
    file: core('request/path'), tests: [test('request/path')],
    find: '(absoluteForm.exec(url)?.[0].length ?? 0)',
    replace: '0',
  },
  {
    why: 'a shorter resource wins over a longer one',
    file: core('targets'), tests: [test('targets')],
    find: '=> b.segments.length - a.segments.length',
    replace: '=> a.segments.length - b.segments.length',
  },
  {
    why: 'what asks for scopes can be reached without a token',
    file: core('resource-guard'), tests: ['packages/fetch/test/fetch.test.ts'],
    find: 'const mayBeOpen = route?.scopes === undefined',
    replace: 'const mayBeOpen = true as boolean',
  },
  {
    why: 'a preflight may carry credentials that nobody checks',
    file: core('request/preflight'), tests: [test('attacks')],
    find: "headers.get('authorization') === null",
    replace: "headers.get('authorization') !== ''",
  },
  {
    why: 'a path that a URL parser reads as a host is judged',
    file: core('request/path'), tests: [test('request/path')],
    find: '/^[^/]|^\\/\\/|',
    replace: '/^[^/]|',
  },
  {
    why: 'a function of the application may keep a request waiting for ever',
    file: core('target'), tests: [test('targets')],
    find: 'await settleWithin(timeout, `tenants.${name}`, values(value))',
    replace: 'await values(value)',
  },
  {
    why: 'tenants are kept without bound',
    file: core('target'), tests: [test('targets')],
    find: 'if (ready.size > mostTargets)',
    replace: 'if (ready.size < 0)',
  },
  {
    why: 'of two descriptions that are one issuer for a tenant the later counts',
    file: core('target'), tests: [test('targets')],
    find: 'if (byName.size < issuers.length) throw',
    replace: 'if (byName.size > issuers.length) throw',
  },
  {
    why: 'routers are taken to prefer the longer route, as the guard does',
    file: core('targets'), tests: [test('targets')],
    find: 'literalFirst(a, b) || longerFirst(a, b)\n\n',
    replace: 'longerFirst(a, b) || literalFirst(a, b)\n\n',
  },
  {
    why: 'a scheme that some router does not know is taken off',
    file: core('request/path'), tests: [test('request/path')],
    find: '/^https?:',
    replace: '/^[a-z]+:',
  },
]
