// Compiled, never run: what must compile, and what must not.
import { createResourceGuard, fromNode, type AccessRequest, type Outcome, type Principal, type Problem, type Reason, type ResourceGuard, type ResourceGuardOptions } from '@resource-guard/core'
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Expectation, RuleSet } from '../src/claims/rule.js'
import { rfc9068 } from '../src/claims/rfc9068.js'
import type { Answer } from '../src/response/answers.js'
import { answers } from '../src/response/answers.js'

const resource = 'https://api.example.com'
const authorizationServers = ['https://login.example.com']
const issuer = 'https://login.example.com'
declare const guard: ResourceGuard
declare const principal: Principal

// A guard is made from one resource, from a template, or from several.
createResourceGuard({ resource, authorizationServers })
createResourceGuard({ resource: `${resource}/{tenant}`, authorizationServers: ({ tenant }) => [`https://login.example.com/${tenant}`], tenants: { tenant: async (value) => value !== '' } })
createResourceGuard({ resources: [{ resource }, { resource: `${resource}/b`, authorizationServers, clockTolerance: 0 }], authorizationServers })
createResourceGuard({ resource, authorizationServers: [{ issuer, typ: ['JWT', null], omits: ['jti'], algorithms: ['ES256'], alsoAccept: ['api://x'], scopeClaim: 'scp' }] })

// @ts-expect-error who issues tokens must be said
createResourceGuard({ resource })
// @ts-expect-error for whom they are must be said
createResourceGuard({ authorizationServers })
// @ts-expect-error a misspelt option
createResourceGuard({ resource, authorizationServers, audience: resource })
// @ts-expect-error a check cannot be turned off
createResourceGuard({ resource, authorizationServers: [{ issuer, typ: false }] })
// @ts-expect-error nor can these claims be left out
createResourceGuard({ resource, authorizationServers: [{ issuer, omits: ['aud'] }] })
// @ts-expect-error nor exp
createResourceGuard({ resource, authorizationServers: [{ issuer, omits: ['exp'] }] })
// @ts-expect-error a secret is no key of a resource server
createResourceGuard({ resource, authorizationServers: [{ issuer, algorithms: ['HS256'] }] })
// @ts-expect-error nor is nothing
createResourceGuard({ resource, authorizationServers: [{ issuer, algorithms: ['none'] }] })
// @ts-expect-error audiences are text, not patterns
createResourceGuard({ resource, authorizationServers: [{ issuer, alsoAccept: [/x/] }] })
// @ts-expect-error what is outside is refused or open, nothing else
createResourceGuard({ resource, authorizationServers, outside: true })
// @ts-expect-error a limit has a number
createResourceGuard({ resource, authorizationServers, limits: { tokenLength: false } })

// A request is a Web Request, or Node's.
export const web = (request: Request): Promise<Outcome> => guard.handle(request, { scopes: ['photos:read'] })
export const node = (request: IncomingMessage): AccessRequest => fromNode(request, request.url ?? '/')
export const http2 = (request: Http2ServerRequest): AccessRequest => fromNode(request, request.url)
void guard.handle(new Request(resource), { scopes: { anyOf: ['a', 'b'] } })
// @ts-expect-error one scope is a list of one
void guard.handle(new Request(resource), { scopes: 'photos:read' })
// @ts-expect-error the path that the router dispatches on has to be said
fromNode({} as IncomingMessage)

// What became of it has to be looked at: there is a principal only where it was granted.
export function decide(outcome: Outcome): string | number | undefined {
  // @ts-expect-error perhaps it was not
  void outcome.principal
  switch (outcome.kind) {
    case 'granted':
      return outcome.principal.subject
    case 'reply':
      return outcome.status
    case 'open':
      // @ts-expect-error there is nobody
      return outcome.principal
  }
}

// A principal is as it was granted.
// @ts-expect-error read-only
principal.subject = 'mallory'
// @ts-expect-error read-only
principal.scopes.push('admin')
// @ts-expect-error read-only
principal.claims['admin'] = true
// @ts-expect-error a subject may be missing
export const lengthOf = ({ subject }: Principal): number => subject.length

// Reasons can be switched over, and evidence is only that.
export const isTheirs = ({ reason, verified }: Problem): boolean => verified && (reason === 'token_expired' || reason === 'audience_mismatch')
// @ts-expect-error no such reason
export const isOld = ({ reason }: Problem): boolean => reason === 'expired'
export const options: ResourceGuardOptions = {
  resource, authorizationServers,
  onRefused: ({ reason }, { status, resource: at }) => void [reason satisfies Reason, status.toFixed(), at?.length],
  onGranted: ({ issuer: from, subject }, request) => void [from, subject, request.url],
}

// Whatever must be complete does not compile without a part of it.
const { aud: _aud, ...withoutAudience } = rfc9068
// @ts-expect-error no rule for the audience
export const rules: RuleSet = withoutAudience
const { token_expired: _expired, ...withoutOne } = answers
// @ts-expect-error a reason that the client is told nothing for
export const table: Readonly<Record<Reason, Answer>> = withoutOne
// @ts-expect-error nothing to hold tokens against
export const expectation: Expectation = { issuer }
