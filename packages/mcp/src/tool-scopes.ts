import { checkObject, checkScopes } from '@resource-guard/core'

/** The scopes that each listed tool needs, and under `*` those of every other. */
export type ToolScopes = ReadonlyMap<string, readonly string[]>

/** Throws a ConfigurationError. */
export function checkToolScopes(option: string, table: unknown): ToolScopes {
  checkObject(option, table, undefined, ", like { delete_file: ['files:write'] }")
  return new Map(Object.entries(table).map(([tool, scopes]) => [tool, checkScopes(`${option}["${tool}"]`, scopes)]))
}

/**
 * Every scope that the calls in a JSON-RPC message, or in a batch of them, need by the table. A method or a name that is no string needs all of
 * them: a server may take `["delete_file"]` for `delete_file`.
 */
export function scopesFor(table: ToolScopes, body: unknown): readonly string[] {
  const tools = [body].flat().flatMap((message) => (isCall(message) ? [message.params?.name] : []))
  return [...new Set(tools.flatMap((tool) => (typeof tool === 'string' ? table.get(tool) ?? table.get('*') ?? [] : [...table.values()].flat())))]
}

const isCall = (message: unknown): message is { readonly params?: { readonly name?: unknown } | null } =>
  typeof message === 'object' && message !== null && 'method' in message && (message.method === 'tools/call' || typeof message.method !== 'string')
