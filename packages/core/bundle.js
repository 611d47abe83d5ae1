// Puts the sources into the one file that is published, dist/bundle.js, readable as it is: Node takes a third of the
// time to import it (docs/decisions/024). Run by `pnpm pack` and `pnpm publish`.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: ['src/index.ts'],
  outfile: 'dist/bundle.js',
  bundle: true,
  packages: 'external',
  platform: 'neutral',
  format: 'esm',
  target: 'es2023',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
})
