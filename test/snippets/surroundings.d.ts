// What snippets of the documentation take from an application that is not shown.
import type { Express } from 'express'
import type { FastifyInstance } from 'fastify'
import type { McpServer } from '@modelcontextprotocol/server'
import type { ResourceGuard, ResourceGuardOptions } from '@resource-guard/core'
import type { McpOptions } from '@resource-guard/mcp'

declare global {
  const app: Express & FastifyInstance
  const server: McpServer
  const guard: ResourceGuard
  const guarded: (handler: (request: Request) => Response, route: { readonly scope: string }) => (request: Request) => Promise<Response>
  const options: ResourceGuardOptions & McpOptions
  const store: NonNullable<ResourceGuardOptions['store']>
  const request: Request
  const log: { info(entry: object): void }
  const tenants: ReadonlySet<string>
  const factory: () => McpServer
  const config: { readonly inputSchema: import('zod').ZodObject<{ task: import('zod').ZodString }> }
  const tasks: ReadonlyMap<string, { readonly owner: string }>
  const stop: (task: string) => { content: [] }
  const photosOf: (subject: string | undefined) => readonly string[]
  const resource: string
  const authorizationServers: readonly string[]
  const clientId: string
  const clientSecret: string
  const issuer: string
  const jti: string
  const sub: string
  const sid: string
  const issuedBefore: number
  const resourceGuard: typeof import('@resource-guard/express').resourceGuard
  const createResourceGuard: typeof import('@resource-guard/core').createResourceGuard
  const createMcpHandler: typeof import('@modelcontextprotocol/server').createMcpHandler
  const it: typeof import('vitest').it
  const expect: typeof import('vitest').expect
}
