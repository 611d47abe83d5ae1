import { describe, expect, it } from 'vitest'
import { foldedSegments, pathOf, queryOf, segmentsOf } from '../../src/request/path.js'

describe('pathOf', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a?b=/c', '/a'],
    ['/a://b/c', '/a://b/c'],
    ['//a/b', '//a/b'],
    ['https://host/a/b?c', '/a/b'],
    ['https://host:8080/a', '/a'],
    ['https://[::1]:8080/a', '/a'],
    ['HTTP://host/a', '/a'],
    ['https://host', ''],
    ['https://host?a/b', ''],
    ['http:///a', '/a'],
    ['*', '*'],
    ['host:443', 'host:443'],
    ['http:/a', 'http:/a'],
    ['http://host\\@other/a', 'http://host\\@other/a'],
    ['http://user@host/a', 'http://user@host/a'],
    ['', ''],
  ])('of %s is %s', (url, path) => expect(pathOf(url)).toBe(path))
})

it.each([
  ['/a', ''],
  ['/a?', '?'],
  ['/a?b=c?d', '?b=c?d'],
  ['https://host/a?b#c', '?b'],
])('queryOf %s is %s', (url, query) => expect(queryOf(url)).toBe(query))

it.each([
  ['', []],
  ['/', []],
  ['/a', ['a']],
  ['/a/', ['a']],
  ['/a/b/', ['a', 'b']],
  ['//a', ['', 'a']],
  ['/a//b', ['a', '', 'b']],
  ['/a//', ['a', '']],
])('segmentsOf %s', (path, segments) => expect(segmentsOf(path)).toEqual(segments))

describe('foldedSegments', () => {
  it.each([
    ['', []],
    ['/A/B', ['a', 'b']],
    ['/a///b/', ['a', 'b']],
    ['/%61/%42', ['a', 'b']],
    ['/a;x=1/b', ['a']],
    ['/caf%C3%A9', ['café']],
    ['/%2561', ['%61']],
  ])('of %s', (path, segments) => expect(foldedSegments(path)).toEqual(segments))

  it.each(['//a', '//a/b', '/a%2fb', '/a%2Fb', '/a%5cb', '/a\\b', '/%2e%2e/a', '/a/%2E', '/a%00', '/a/../b', '/a/./b', '/..', '/a#b', '/%', '/%zz', '/%ff', '*', 'http:/a', 'a'])(
    'nobody agrees about %s',
    (path) => expect(foldedSegments(path)).toBeUndefined(),
  )
})
