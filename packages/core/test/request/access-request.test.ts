import { describe, expect, it } from 'vitest'
import { fromNode, type NodeRequest } from '../../src/index.js'

describe('a header of a Node request', () => {
  it.each<[string, Omit<NodeRequest, 'method'>, string | null]>([
    ['in any case', { rawHeaders: ['Host', 'h', 'AUTHORIZATION', 'a'] }, 'a'],
    ['that is repeated, joined', { rawHeaders: ['authorization', 'a', 'Authorization', 'b'], headers: { authorization: 'a' } }, 'a, b'],
    ['that is not there', { rawHeaders: ['host', 'h'] }, null],
    ['that is not among the raw ones, though parsed', { rawHeaders: ['host', 'h'], headers: { authorization: 'a' } }, null],
    ['of a request without raw ones, as parsed', { rawHeaders: [], headers: { authorization: 'a' } }, 'a'],
    ['of a request without raw ones, repeated', { rawHeaders: [], headers: { authorization: ['a', 'b'] } }, 'a,b'],
    ['of a request without any', { rawHeaders: [], headers: {} }, null],
    ['of a request without anything', { rawHeaders: [] }, null],
  ])('%s', (_, request, expected) => {
    expect(fromNode({ method: 'GET', ...request }, '/').headers.get('authorization')).toBe(expected)
  })
})
