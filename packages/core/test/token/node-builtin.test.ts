import nodeCrypto from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { nodeBuiltin } from '../../src/token/node-builtin.js'

afterEach(() => void vi.restoreAllMocks())

it('is the module', () => {
  expect(nodeBuiltin('node:crypto')).toBe(nodeCrypto)
})

it('is undefined where there is none, and where the runtime has a function that throws', () => {
  expect(nodeBuiltin('node:no-such-module')).toBeUndefined()
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
    throw new Error('not supported on the edge')
  })
  expect(nodeBuiltin('node:crypto')).toBeUndefined()
})
