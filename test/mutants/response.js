import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const responseMutants = [
  // What clients are told
  {
    why: 'a value can end its quotes',
    file: core('response/challenge'), tests: ['test/properties/challenges.test.ts'],
    find: '/[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]/g',
    replace: '/[^\\x20-\\x5b\\x5d-\\x7e]/g',
  },
  {
    why: 'an outage looks like a bad token',
    file: core('response/refusal'), tests: [test('resource-guard')],
    find: 'answer.status < 404',
    replace: 'answer.status < 504',
  },
  {
    why: 'refusals are cached',
    file: core('response/refusal'), tests: [test('attacks')],
    find: "['cache-control', 'no-store'], ",
    replace: '',
  },
  {
    why: 'a client that sent nothing is told of an error',
    file: core('response/answers'), tests: [test('attacks')],
    find: 'credentials_missing: { status: 401, ',
    replace: "credentials_missing: { status: 401, error: 'invalid_token', ",
  },
  {
    why: 'which check failed is told to strangers',
    file: core('response/answers'), tests: [test('attacks')],
    find: 'token_expired: invalidToken,',
    replace: "token_expired: { ...invalidToken, description: 'The access token has expired.' },",
  },
  {
    why: 'the slash of a root is kept in the URL of its metadata',
    file: core('response/metadata'), tests: ['test/properties/resource-ids.test.ts'],
    find: "(path === '/' ? '' : path)",
    replace: 'path',
  },
  {
    why: 'a query is dropped from the URL of the metadata',
    file: core('response/metadata'), tests: ['test/properties/resource-ids.test.ts'],
    find: '${metadataSuffix(path)}${query}`',
    replace: '${metadataSuffix(path)}`',
  },
  {
    why: 'the metadata name the resource as a URL parser writes it',
    file: core('response/metadata'), tests: ['test/properties/resource-ids.test.ts'],
    find: 'JSON.stringify({\n    resource,',
    replace: 'JSON.stringify({\n    resource: new URL(resource).href,',
  },
  {
    why: 'metadata are found under any spelling',
    file: core('targets'), tests: [test('targets')],
    find: 'else if (segment !== value) return undefined',
    replace: 'else if (segment !== value.toLowerCase()) return undefined',
  },
  {
    why: 'a log can be written into',
    file: core('response/problem'), tests: ['test/properties/challenges.test.ts'],
    find: "value.slice(0, 256).replace(/[^\\x20-\\x7e\\u00a1-\\ud7ff\\ue000-\\uffef]|[\\p{Cf}\\p{Zl}\\p{Zp}]/gu, '?')",
    replace: 'value.slice(0, 256)',
  },
  {
    why: 'a hook that throws changes the answer',
    file: core('resource-guard'), tests: [test('resource-guard')],
    find: '  } catch {\n    // An observer has no say.\n  }',
    replace: '  } finally {\n    // An observer has no say.\n  }',
  },
  {
    why: "a hook that prints the request prints the token",
    file: core('request/access-request'), tests: [test('resource-guard')],
    find: '({ method, url, headers: { get: (name) => headers.get(name) } })',
    replace: '({ method, url, headers })',
  },
]
