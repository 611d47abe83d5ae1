import { describe, expect, it } from 'vitest'
import { fill, parseResource } from '../../src/request/resource.js'

describe('parseResource', () => {
  it.each([
    ['https://api.example.com', { origin: 'https://api.example.com', path: '', query: '', variables: [] }],
    ['https://api.example.com/', { path: '/', query: '' }],
    ['https://api.example.com:8443/a/b', { origin: 'https://api.example.com:8443', path: '/a/b' }],
    ['https://api.example.com/a/', { path: '/a/' }],
    ['https://api.example.com/a?x=1', { path: '/a', query: '?x=1' }],
    ['https://api.example.com?x=1', { path: '', query: '?x=1' }],
    ['https://api.example.com/caf%C3%A9', { path: '/caf%C3%A9' }],
    ['https://api.example.com/~~a~~/~~~~', { path: '/~~a~~/~~~~', variables: [] }],
    ['https://api.example.com/~~a~~/{a}', { path: '/~~a~~/{a}', variables: ['a'] }],
    ['https://xn--bcher-kva.example/a', { origin: 'https://xn--bcher-kva.example' }],
    ['http://localhost:3000/a', { origin: 'http://localhost:3000' }],
    ['http://127.0.0.1:3000', { path: '' }],
    ['http://[::1]:3000/a', { origin: 'http://[::1]:3000', path: '/a' }],
    ['https://api.example.com/{tenant}/v1', { path: '/{tenant}/v1', variables: ['tenant'] }],
    ['https://api.example.com/{region}/{tenant}', { variables: ['region', 'tenant'] }],
  ])('%s is a resource identifier', (text, parts) => expect(parseResource('resource', text)).toMatchObject({ text, ...parts }))

  it.each([
    [undefined, 'must be the absolute URI'],
    ['', 'must be the absolute URI'],
    ['/photos', 'absolute URI'],
    ['api.example.com', 'absolute URI'],
    ['https://api.example.com/#f', 'drop "#f"'],
    ['https://api.example.com/#', 'drop "#"'],
    ['https://user:pass@api.example.com/', 'user name'],
    ['http://api.example.com', 'must be https'],
    ['http://localhost.example.com', 'must be https'],
    ['http://127.0.0.2/', 'must be https'],
    ['urn:example:api', 'must be https'],
    ['api://3f2a', 'alsoAccept'],
    ['HTTPS://api.example.com', 'write "https://api.example.com"'],
    ['https://API.example.com/a', 'write "https://api.example.com/a"'],
    ['https://api.example.com:443', 'write "https://api.example.com"'],
    ['https://api.example.com:443/', 'write "https://api.example.com/"'],
    ['https://api.example.com/a/../b', 'write "https://api.example.com/b"'],
    ['https://api.example.com/a/./b', 'write "https://api.example.com/a/b"'],
    ['https://api.example.com//a', 'write "https://api.example.com/a"'],
    ['https://api.example.com/%7ea', 'write "https://api.example.com/~a"'],
    ['https://api.example.com/caf%c3%a9', 'write "https://api.example.com/caf%C3%A9"'],
    ['https://api.example.com/café', 'write "https://api.example.com/caf%C3%A9"'],
    ['https://bücher.example/', 'write "https://xn--bcher-kva.example/"'],
    ['https:\\\\api.example.com\\a', 'write "https://api.example.com/a"'],
    ['https://api.example.com/a b', 'write "https://api.example.com/a%20b"'],
    [' https://api.example.com', 'write "https://api.example.com"'],
    ['https://api.example.com/a?', 'write "https://api.example.com/a"'],
    ['https://api.example.com/100%', 'write "%25"'],
    ['https://api.example.com/a?x=%5%41', 'write "%25"'],
    ['https://api.example.com/a%2Fb', 'encoded slash'],
    ['https://api.example.com/a%5Cb', 'encoded slash'],
    ['https://api.example.com/?x=\\', 'must be ASCII'],
    ['https://api.example.com/a{tenant}', 'whole path segment'],
    ['https://api.example.com/{}', 'whole path segment'],
    ['https://api.example.com/{1x}', 'whole path segment'],
    ['https://api.example.com/{my-tenant}/v1', '"{my-tenant}" is no variable'],
    ['https://api.example.com/{my tenant}/v1', 'canonical form'],
    ['https://api.example.com/{a}/{a}', 'twice'],
    ['https://{tenant}.example.com/', 'in its host'],
    ['https://api.example.com/a?t={tenant}', 'in its query'],
    [`https://api.example.com/${'a'.repeat(2048)}`, '2048'],
  ])('%s is refused, with the fix', (text, fix) => {
    expect(() => parseResource('resource', text)).toThrow(expect.objectContaining({ name: 'ConfigurationError', option: 'resource', message: expect.stringContaining(fix) }))
  })

  it('fills a template', () => expect(fill('https://h/{a}/x/{b}', { a: '1', b: '2' })).toBe('https://h/1/x/2'))
})
