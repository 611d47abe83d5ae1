/** Why an outbound request brought nothing usable. The message is for logs: it holds no credentials, no query and no body. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
}

/** No complete answer came, or one with 5xx: who was asked is unwell, and better left alone for a while. */
export class OutboundFault extends OutboundError {}

/** A failure as a short text that is safe to log: messages of foreign errors may quote URLs or bodies and are left out. */
export function describeFailure(error: unknown): string {
  if (error instanceof OutboundError) return error.message
  if (!(error instanceof Error)) return 'failed'
  return identifier(codeOf(error.cause)) ?? identifier(codeOf(error)) ?? identifier(error.name) ?? 'failed'
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : undefined
}
