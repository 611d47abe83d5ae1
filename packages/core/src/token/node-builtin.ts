interface Process {
  getBuiltinModule?(name: string): object | undefined
}

/**
 * A module of Node's, without an import that other runtimes and bundlers fail at; `undefined` where it cannot be had, as on the edge of
 * Next.js, which has a function that throws.
 */
export function nodeBuiltin(name: string): object | undefined {
  try {
    return (globalThis as { process?: Process }).process?.getBuiltinModule?.(name)
  } catch {
    return undefined
  }
}
