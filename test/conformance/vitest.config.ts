import { defineConfig } from 'vitest/config'
import common from '../../vitest.config.js'
import { findAdapters, root, testsOfRequirement } from './evidence.js'
import { requirements } from './requirements.js'

// Only the files that prove something.
const files = [...findAdapters(), ...requirements.flatMap((chapter) => chapter.requirements).flatMap(testsOfRequirement)].map(({ file }) => file)

export default defineConfig({
  ...common,
  root,
  test: { ...common.test, include: [...new Set(files)], reporters: ['default', './test/conformance/reporter.ts'] },
})
