import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Tests run against the sources; the demo and the examples run against what is published (dist).
const packages = ['core', 'express', 'fastify', 'hono', 'fetch', 'testing', 'redis', 'mcp']

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@resource-guard\/mcp\/(.+)$/, replacement: fileURLToPath(new URL('packages/mcp/src/$1.ts', import.meta.url)) },
      ...packages.map((name) => ({
        find: new RegExp(`^@resource-guard/${name}$`),
        replacement: fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url)),
      })),
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    // Files share what they import, which halves the time; each puts back what it changes.
    isolate: false,
    // On two cores as well: what waits (for a store that is down, for a deadline) waits side by side.
    maxWorkers: 4,
    // For `npm run test:coverage`: what decides is in core; adapters, stores and tools have their contracts.
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**'],
      reporter: ['text', 'html'],
      thresholds: { branches: 95, functions: 95, lines: 95, statements: 95 },
    },
  },
})
