import { describe, expect, it, vi } from 'vitest'
import { readBody } from '../../src/outbound/body.js'
import { fetchJson } from '../../src/outbound/fetch-json.js'
import { postForm } from '../../src/outbound/post-form.js'

// A body that nobody reads holds its connection until it is let go.
function watched(status: number, headers: Record<string, string> = {}) {
  const cancel = vi.fn()
  const response = new Response(new ReadableStream({ cancel }), { status, headers: { 'content-type': 'application/json', ...headers } })
  return { cancel, fetch: async () => response }
}
const { signal } = new AbortController()

describe('a body that is of no use is let go', () => {
  it.each<[number, Record<string, string>]>([
    [500, {}], [404, {}], [302, { location: 'https://evil.example.com/' }], [302, { location: '/elsewhere' }], [200, { 'content-type': 'text/html' }],
    [200, { 'content-length': '1000' }],
  ])('where JSON was asked for, and the answer is %d %j', async (status, headers) => {
    const { cancel, fetch } = watched(status, headers)
    await expect(fetchJson(new URL('https://h.example/jwks'), { fetch, accept: '', maxBytes: 99, signal })).rejects.toThrow()
    expect(cancel).toHaveBeenCalled()
  })

  it.each([302, 400, 500])('where a form was posted, and the answer is %d', async (status) => {
    const { cancel, fetch } = watched(status)
    await postForm(new URL('https://h.example/introspect'), new URLSearchParams(), { fetch, headers: {}, maxBytes: 99, signal })
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  it('where it trickles, and is deaf to the signal', async () => {
    const [cancel, aborter] = [vi.fn(), new AbortController()]
    const body = new ReadableStream({
      cancel,
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        controller.enqueue(new Uint8Array(1))
      },
    })
    const read = readBody(new Response(body), 1_000_000, aborter.signal)
    setTimeout(() => aborter.abort(), 10)
    await expect(read).rejects.toThrow()
    expect(cancel).toHaveBeenCalledTimes(1)
  })
})
