import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { conformanceDocument } from './document.js'
import { documentFile, root, type Ran } from './evidence.js'

/** Writes docs/conformance.md at the end of a run. A test that did not run proves nothing. */
export default class ConformanceReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran: Ran[] = modules.flatMap((module) =>
      [...module.children.allTests()].filter((test) => test.result().state !== 'skipped').map((test) => ({
        file: relative(root, module.moduleId).replaceAll('\\', '/'), name: test.fullName, passed: test.result().state === 'passed',
      })))
    writeFileSync(documentFile, conformanceDocument(ran))
  }
}
