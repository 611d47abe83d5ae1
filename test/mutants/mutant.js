/**
 * A mistake that must not go unnoticed: it is made in a copy of the sources, and the tests named beside it have to fail.
 *
 * @typedef {object} Mutant
 * @property {string} why What the mistake would mean.
 * @property {string} file
 * @property {readonly string[]} tests The files whose tests must notice.
 * @property {string} find Must be there exactly once.
 * @property {string} replace
 */

export const core = (path) => `packages/core/src/${path}.ts`
export const test = (path) => `packages/core/test/${path}.test.ts`
