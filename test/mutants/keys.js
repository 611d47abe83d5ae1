import { core, test } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const keysMutants = [
  // Where keys come from
  {
    why: 'redirects lead to other origins',
    file: core('outbound/fetch-json'), tests: [test('outbound/fetch-json')],
    find: 'to.origin !== from.origin || ',
    replace: '',
  },
  {
    why: 'metadata lead to private addresses',
    file: core('token/discovery'), tests: [test('token/discovery')],
    find: 'if (isPrivateHost(url.hostname) && !configured) {',
    replace: 'if (isPrivateHost(url.hostname) && configured && !configured) {',
  },
  {
    why: 'addresses of IPv6 are all public',
    file: core('outbound/url'), tests: [test('outbound/url')],
    find: "if (hostname.startsWith('[')) return isPrivateIpv6(hostname)",
    replace: "if (hostname.startsWith('[')) return hostname === '[::1]'",
  },
  {
    why: 'http will do for any host',
    file: core('secure-url'), tests: [test('outbound/url')],
    find: "(url.protocol === 'http:' && loopback.has(url.hostname))",
    replace: "url.protocol === 'http:'",
  },
  {
    why: 'http will do for hosts that resolve to this machine',
    file: core('secure-url'), tests: [test('outbound/url')],
    find: 'loopback.has(url.hostname)',
    replace: "(loopback.has(url.hostname) || url.hostname.endsWith('.localhost'))",
  },
  {
    why: 'metadata of another issuer are believed',
    file: core('token/discovery'), tests: [test('token/discovery')],
    find: 'if (named !== issuer) {',
    replace: "if (typeof named !== 'string') {",
  },
  {
    why: 'metadata of an issuer with another slash are believed',
    file: core('token/discovery'), tests: [test('faults')],
    find: 'if (named !== issuer) {',
    replace: "if (String(named).replace(/\\/$/, '') !== issuer.replace(/\\/$/, '')) {",
  },
  {
    why: 'an answer may have any length',
    file: core('outbound/body'), tests: [test('outbound/fetch-json')],
    find: 'if (size > maxBytes) break',
    replace: 'if (size > maxBytes * 1e6) break',
  },
  {
    why: 'dead keys are used',
    file: core('token/remote-keys'), tests: [test('key-faults')],
    find: 'held !== undefined && at < held.deadAt ? held',
    replace: 'held !== undefined ? held',
  },
  {
    why: 'unknown kids have the keys fetched each time',
    file: core('token/reload-budget'), tests: [test('token/remote-keys')],
    find: 'if (level < 1) return false',
    replace: 'if (level < -Infinity) return false',
  },
  {
    why: 'a failed refresh is tried again by every request',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: 'if (underWay(at) === undefined && at >= retryAt) begin(at)',
    replace: 'if (underWay(at) === undefined) begin(at)',
  },
  {
    why: 'keys of a flight that was given up for lost take the place of newer ones',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: '    // One that was given up for lost must not undo what a later one has brought.\n    if (flight !== begun) return\n',
    replace: '',
  },
  {
    why: 'a busy process asks an endpoint that hangs again and again',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: '> policy.deadline * 1000 + Math.min(grace, policy.deadline * 1000)',
    replace: '> policy.deadline * 1000',
  },
  {
    why: 'a token that joins an older flight gets what was there before its key',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: 'isOlder && held?.set === tried ?',
    replace: 'isOlder && held?.set !== tried ?',
  },
  {
    why: 'a request waits for one flight after another',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: 'reloadFor(tried, reload, cameAt) : answer()',
    replace: 'reloadFor(tried, reload, now()) : answer()',
  },
  {
    why: 'keys may be older than maxStale by the time that fetching them took',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: 'deadAt: begun.begunAt + policy',
    replace: 'deadAt: now() + policy',
  },
  {
    why: 'a process that was stopped in the middle of a refresh takes that for an outage',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: 'held !== undefined && isLost(begun, at)',
    replace: 'held !== undefined && at < begun.begunAt',
  },
  {
    why: 'requests wait where an outage has been noticed long before',
    file: core('token/remote-keys'), tests: [test('token/remote-keys')],
    find: '? policy.maxBackoff * 1000 + grace :',
    replace: '? 0 :',
  },
]
