// Compiled, never run: what must compile, and what must not.
import express from 'express'
import { createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/express'
import type { Principal, ResourceGuardOptions } from '@resource-guard/express'

declare const options: ResourceGuardOptions
const app = express()

app.use(resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }))
app.use(resourceGuard(options), resourceGuard(createResourceGuard(options)), resourceMetadata(options))
app.get('/photos', requireScope('photos:read', 'photos:list'), (req, res) => {
  const principal: Principal = principalOf(req)
  res.json(principal.subject ?? req.principal?.clientId)
})

app.get('/photos/:id', requireScope('photos:read'), (req, res) => {
  const id: string = req.params.id
  res.json([id, principalOf(req).variables['tenant']])
})

app.get('/me', (req, res) => {
  // @ts-expect-error nobody knows here whether a guard has run
  res.json(req.principal.subject)
  // @ts-expect-error a principal is read-only
  principalOf(req).scopes.push('photos:write')
})

// @ts-expect-error no scope
requireScope()
// @ts-expect-error a resource, and who issues tokens for it, must be said
resourceGuard({ resource: 'https://api.example.com' })
// @ts-expect-error a misspelt option
resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'], outsde: 'pass' })
// @ts-expect-error not one of the two
resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'], outside: 'allow' })
