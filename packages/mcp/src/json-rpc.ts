import type { Reply } from '@resource-guard/core'

/** An error that MCP clients recognise (JSON-RPC 2.0 §5.1), for what goes wrong before the server has read the request. */
export const jsonRpcError = (status: number, code: number, message: string): Reply => ({
  status,
  headers: [['content-type', 'application/json'], ['cache-control', 'no-store']],
  body: JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }),
})
