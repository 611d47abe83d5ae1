import type { AppCase } from './app.js'
import { granted, invalidToken } from './expectation.js'
import { API, V1, type SetupName } from './setups.js'

/** Which audiences name a resource: the configured bytes, and for an origin alone its root slash (RFC 3986 §6.2.3). */
const names: readonly (readonly [SetupName, aud: string, good: boolean])[] = [
  ['origin-only', API, true], ['origin-only', `${API}/`, true], ['origin-only', `${API}//`, false], ['origin-only', `${API}/v1`, false],
  ['origin-only', `${API}?`, false],
  ['origin-with-slash', `${API}/`, true], ['origin-with-slash', API, true],
  ['single', V1, true], ['single', `${V1}/`, false], ['single', API, false], ['single', `${API}/`, false], ['single', `${API}/V1`, false],
  ['path-with-slash', `${V1}/`, true], ['path-with-slash', V1, false],
  ['with-query', `${V1}?edition=2`, true], ['with-query', V1, false], ['with-query', `${V1}?edition=3`, false], ['with-query', `${V1}?edition=2&`, false],
  ['percent-encoded', `${API}/caf%C3%A9/v1`, true], ['percent-encoded', `${API}/caf%c3%a9/v1`, false],
  ['percent-encoded', `${API}/caf\u00e9/v1`, false], ['percent-encoded', `${API}/cafe\u0301/v1`, false],
  ['with-port', 'https://api.example.com:8443/v1', true], ['with-port', V1, false], ['with-port', 'https://api.example.com:443/v1', false],
  ['loopback', 'http://127.0.0.1:3000/v1', true], ['loopback', 'http://localhost:3000/v1', false], ['loopback', 'https://127.0.0.1:3000/v1', false],
]

export const resourceNames: readonly AppCase[] = names.map(([setup, aud, good]) => ({
  name: `the audience ${JSON.stringify(aud)} ${good ? 'is the resource' : 'is another than the resource'} (${setup})`,
  ref: good ? 'R8707-2-d' : 'R7519-7.3-a', setup, claims: { aud }, expect: good ? granted : invalidToken,
}))
