export { asResourceGuard, createResourceGuard } from './resource-guard.js'
export type { Grant, Outcome, ResourceGuard, Route } from './resource-guard.js'
export type {
  AuthorizationServer,
  AuthorizationServersFor,
  GuardOptions,
  Limits,
  OmittableClaim,
  RefusalContext,
  ResourceGuardOptions,
  ResourceOptions,
  SeveralResourcesOptions,
  SingleResourceOptions,
  Tenants,
  Variables,
} from './options.js'
export { checkScopes } from './claims/scope.js'
export type { NeededScopes } from './claims/scope.js'
export { checkObject, ConfigurationError } from './configuration-error.js'
export { passFurther, passThrough, principalIn } from './passage.js'
export type { Passage, PrincipalUnder } from './passage.js'
export type { Introspection } from './configuration/introspection.js'
export type { IsRevoked, Revocation } from './revocation.js'
export type { Principal } from './principal.js'
export { fromNode, printable } from './request/access-request.js'
export type { AccessRequest, NodeRequest } from './request/access-request.js'
export type { Evidence, Problem, Reason } from './response/problem.js'
export { isListHeader } from './response/reply.js'
export type { Reply } from './response/reply.js'
export { memoryStore } from './store/memory.js'
export type { MemoryStoreOptions } from './store/memory.js'
export type { Store } from './store/store.js'
export { StoreError } from './store/store-error.js'
export type { Algorithm } from './token/algorithms.js'
export type { KeyHealth, KeyPolicy } from './token/keys.js'
export { hasLeft, whileHeld } from './waiting.js'
export type { WaitingRequest } from './waiting.js'
