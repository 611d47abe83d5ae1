/** Calls `callback` once, after `ms` milliseconds. Never keeps a process alive. Returns what cancels it. */
export function startTimer(ms: number, callback: () => void): () => void {
  const timer: unknown = setTimeout(callback, ms)
  // Node, Bun and Deno give an object; elsewhere it is a number, and nothing to hold a process.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') timer.unref()
  return () => clearTimeout(timer as number)
}
