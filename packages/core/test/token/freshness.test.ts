import { expect, it } from 'vitest'
import { freshness } from '../../src/token/freshness.js'
import { completeKeyPolicy } from '../../src/token/key-policy.js'

it.each<[Record<string, string>, number]>([
  [{}, 600],
  [{ 'cache-control': '' }, 600],
  [{ 'cache-control': 'public, must-revalidate' }, 600],
  [{ 'cache-control': 's-maxage=400' }, 600],
  [{ 'cache-control': 'max-age=400' }, 400],
  [{ 'cache-control': 'Public, Max-Age=400, must-revalidate' }, 400],
  [{ 'cache-control': 'max-age="400"' }, 400],
  [{ 'cache-control': 'max-age=500, max-age=400' }, 400],
  [{ 'cache-control': 'max-age=0' }, 300],
  [{ 'cache-control': 'max-age=1' }, 300],
  [{ 'cache-control': 'max-age=1000000000' }, 600],
  [{ 'cache-control': `max-age=${'9'.repeat(400)}` }, 600],
  [{ 'cache-control': 'no-store' }, 300],
  [{ 'cache-control': 'max-age=500, no-cache' }, 300],
  [{ 'cache-control': 'no-cache="set-cookie", max-age=500' }, 300],
  [{ 'cache-control': 'no-storage, max-age=500' }, 500],
  [{ 'cache-control': 'max-age' }, 300],
  [{ 'cache-control': 'max-age=' }, 300],
  [{ 'cache-control': 'max-age=-1' }, 300],
  [{ 'cache-control': 'max-age=1e9' }, 300],
  [{ 'cache-control': 'max-age=550', age: '100' }, 450],
  [{ 'cache-control': 'max-age=550', age: '1000000' }, 300],
  [{ 'cache-control': 'max-age=550', age: 'old' }, 550],
  [{ 'cache-control': 'max-age=550', age: '-100' }, 550],
  [{ expires: '0' }, 600],
])('%j is fresh for %d s', (headers, seconds) => {
  expect(freshness(new Headers(headers), completeKeyPolicy())).toBe(seconds)
})
