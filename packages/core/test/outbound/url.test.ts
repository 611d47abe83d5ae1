import { describe, expect, it } from 'vitest'
import { forLog, isFetchable, isPrivateHost } from '../../src/outbound/url.js'

describe('a URL may be fetched', () => {
  it.each(['https://a.example/x', 'https://10.0.0.1/', 'http://localhost:8080/', 'http://127.0.0.1/', 'http://[::1]:1/'])('%s', (url) => {
    expect(isFetchable(new URL(url))).toBe(true)
  })
  it.each([
    'http://a.example/', 'http://10.0.0.1/', 'http://127.0.0.2/', 'http://a.localhost/', 'http://localhost.a.example/', 'http://[::2]/', 'ftp://localhost/',
    'file:///etc/passwd', 'data:application/json,{}', 'https://user@a.example/', 'https://:secret@a.example/', 'http://u:p@localhost/',
  ])('but not %s', (url) => {
    expect(isFetchable(new URL(url))).toBe(false)
  })
})

describe('a private host', () => {
  it.each([
    'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '0.0.0.0', '127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001', '127.0.0.1.', '10.1.2.3', '100.64.0.1',
    '100.127.255.255', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.19.1.1', '224.0.0.1', '255.255.255.255',
    '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:8.8.8.8]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[fc00::1]', '[fd12:3456::1]', '[fe80::1]', '[fec0::1]', '[ff02::1]',
    '[2002:7f00:1::]', '[2001::1]', '[2001:0:1::]', '[100::1]', '[0:0:0:0:0:0:0:1]',
  ])('is %s', (host) => {
    expect(isPrivateHost(new URL(`https://${host}/`).hostname)).toBe(true)
  })
  it.each([
    'a.example', 'localhost.example', 'notlocalhost', '8.8.8.8', '9.255.255.255', '11.0.0.1', '100.63.0.1', '100.128.0.1', '169.253.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1',
    '192.169.0.1', '198.17.0.1', '198.20.0.1', '223.255.255.255', '[2606:4700::1111]', '[2a00:1450::1]', '[3fff::1]', '[2001:4860:4860::8888]', '10.0.0.1.example',
  ])('is not %s', (host) => {
    expect(isPrivateHost(new URL(`https://${host}/`).hostname)).toBe(false)
  })
})

describe('a URL in a log', () => {
  it('has no user, password, query or fragment', () => {
    expect(forLog(new URL('https://user:secret@a.example:8443/jwks?api_key=secret#secret'))).toBe('https://a.example:8443/jwks')
  })
  it('is bounded', () => {
    expect(forLog(new URL(`https://a.example/${'x'.repeat(10_000)}`))).toHaveLength(128)
  })
})
