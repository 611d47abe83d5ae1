import { describe, expect, it } from 'vitest'
import { pathOf, queryOf, readingsOf, segmentsOf } from '../../src/request/path.js'

describe('pathOf', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a?b=/c', '/a'],
    ['/a://b/c', '/a://b/c'],
    ['//a/b', '//a/b'],
    ['https://host/a/b?c', '/a/b'],
    ['https://host:8080/a', '/a'],
    ['https://[::1]:8080/a', '/a'],
    ['HTTP://host/a', 'HTTP://host/a'],
    ['ftp://host/a', 'ftp://host/a'],
    ['https://host', 'https://host'],
    ['https://host/', '/'],
    ['https://host?a/b', 'https://host'],
    ['http://h?/admin/users', 'http://h'],
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

describe('readingsOf', () => {
  it.each([
    ['', ['']],
    ['/A/B', ['/A/B']],
    ['/a///b/', ['/a///b/', '/a/b/']],
    ['/%61/%42', ['/%61/%42', '/a/B']],
    ['/a;x=1/b', ['/a;x=1/b', '/a']],
    ['/caf%C3%A9', ['/caf%C3%A9', '/café']],
    ['/%2561', ['/%2561', '/%61']],
    ['/%61;/b%3b//c', ['/%61;/b%3b//c', '/%61;/b%3b/c', '/a;/b;//c', '/a;/b;/c', '/a', '/%61']],
    ['/a%3b/b;c', ['/a%3b/b;c', '/a;/b;c', '/a', '/a%3b/b', '/a;/b']],
  ])('of %s', (path, readings) => expect(readingsOf(path)?.toSorted()).toEqual(readings.toSorted()))

  it.each(['//a', '//a/b', '/a%2fb', '/a%2Fb', '/a%5cb', '/a\\b', '/%2e%2e/a', '/a/%2E', '/a%00', '/a/../b', '/a/./b', '/..', '/a#b', '/%', '/%zz', '/%ff', '*', 'http:/a', 'a',
    '/a/..;/b', '/a/.%3bx', 'http://h'])(
    'nobody agrees about %s',
    (path) => expect(readingsOf(path)).toBeUndefined(),
  )
})
