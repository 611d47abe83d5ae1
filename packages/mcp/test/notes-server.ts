import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServerV2, requireScopes } from '@modelcontextprotocol/server'
import { principalKey, principalOf, requireScope, type ToolContext } from '@resource-guard/mcp'

// The same MCP server for both SDKs: tools that tell what they see, and tools that need `notes:write` in each way there is.

/** What a tool is handed besides its arguments, by either SDK. */
type Context = ToolContext & {
  readonly authInfo?: { readonly token: string } | undefined
  readonly http?: { readonly authInfo?: { readonly token: string } | undefined; readonly req?: Request | undefined } | undefined
  readonly requestInfo?: { readonly headers: unknown } | undefined
}

const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] })

const whoami = (_: unknown, context: unknown) => {
  const seen = context as Context
  return text({
    authInfo: seen.authInfo ?? seen.http?.authInfo,
    key: principalKey(principalOf(seen)),
    authorization: new Headers((seen.requestInfo?.headers as Record<string, string>) ?? seen.http?.req?.headers).get('authorization'),
  })
}

const write = () => text('written')

const writeIfAllowed = (_: unknown, context: unknown) => {
  requireScope(context as ToolContext, 'notes:write')
  return write()
}

/** Needs `notes:write` by the guard's own table. */
export const toolScopes = { write_by_table: ['notes:write'] }

export function notesV1(): McpServerV1 {
  const server = new McpServerV1({ name: 'notes', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Tells what it sees.' }, ((extra: unknown) => whoami(undefined, extra)) as never)
  server.registerTool('announce', { description: 'Notifies by the event stream.' }, () => {
    server.sendToolListChanged()
    return text('announced')
  })
  server.registerTool('write_by_table', { description: 'Needs notes:write.' }, write)
  server.registerTool('write_by_tool', { description: 'Asks for notes:write itself.' }, ((extra: unknown) => writeIfAllowed(undefined, extra)) as never)
  return server
}

export function notesV2(): McpServerV2 {
  const server = new McpServerV2({ name: 'notes', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Tells what it sees.' }, ((ctx: unknown) => whoami(undefined, ctx)) as never)
  server.registerTool('write_by_table', { description: 'Needs notes:write.' }, write)
  server.registerTool('write_by_tool', { description: 'Asks for notes:write itself.' }, ((ctx: unknown) => writeIfAllowed(undefined, ctx)) as never)
  server.registerTool('write_by_challenge', { description: 'Has the SDK ask for notes:write.', scopeChallenge: requireScopes('notes:write') }, write)
  return server
}
