/** What is used of a Node request that waits for its verdict. Requests that are made up (Fastify's `inject`, Lambda adapters) have not all of it. */
export interface WaitingRequest {
  readonly readableFlowing?: boolean | null
  pause?(): unknown
  resume?(): unknown
  readonly socket?: { readonly writable?: boolean } | null
}

/**
 * Waits for a verdict about a Node request, and has its body wait too: where middleware in front reads along, it would else flow past a body
 * parser that is not there yet. Rejects as the verdict does.
 */
export function whileHeld<T>(request: WaitingRequest, verdict: Promise<T>): Promise<T> {
  if (!request.readableFlowing) return verdict
  request.pause?.()
  return verdict.finally(() => void request.resume?.())
}

/**
 * Whether the client has left, so that no answer can be written. A handler that began now would find no body where there was one, and wait for
 * a `close` that has been.
 */
export const hasLeft = ({ socket }: WaitingRequest): boolean => socket?.writable === false
