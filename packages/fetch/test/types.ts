// Compiled, never run: what must compile, and what must not.
import { createResourceGuard, principalOf, requireScope, resourceGuard, resourceMetadata } from '@resource-guard/fetch'
import type { Principal, ResourceGuardOptions } from '@resource-guard/fetch'

const options = { resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'] }
declare const unseen: ResourceGuardOptions
const guarded = resourceGuard(options)
const passing = resourceGuard({ ...options, outside: 'pass' })

// Where the guard is known to have run, there is somebody.
export default { fetch: guarded((request, principal) => Response.json([principal.subject, principalOf(request).subject])) } satisfies {
  fetch: (request: Request) => Promise<Response>
}
export const withScope: (request: Request) => Promise<Response> = passing((_request, principal) => Response.json(principal.subject), { scope: 'photos:read' })
passing((_request, principal) => Response.json(principal?.subject))
passing(requireScope('photos:read', (_request, principal) => Response.json(principal.subject)))
guarded(requireScope(['photos:read', 'photos:list'], async (_request, principal) => Response.json(principal.subject)))
resourceGuard(unseen)((_request, principal) => Response.json(principal?.subject))
// @ts-expect-error there may be nobody
passing((_request, principal) => Response.json(principal.subject))
// @ts-expect-error there may be nobody
resourceGuard({ ...options, preflight: 'pass' })((_request, principal) => Response.json(principal.subject))
// @ts-expect-error there may be nobody
resourceGuard(unseen)((_request, principal) => Response.json(principal.subject))
// @ts-expect-error there may be nobody
resourceGuard(createResourceGuard(options))((_request, principal) => Response.json(principal.subject))

// Workers: env and ctx.
interface Env { photos: string }
interface Ctx { waitUntil(work: Promise<unknown>): void }
export const worker: { fetch(request: Request, env: Env, ctx: Ctx): Promise<Response> } = {
  fetch: guarded((_request, principal, env: Env, ctx: Ctx) => {
    ctx.waitUntil(Promise.resolve())
    return Response.json([principal.subject, env.photos])
  }),
}
// @ts-expect-error the handler's env has to be passed
void guarded((_request, _principal, env: Env) => Response.json(env.photos))(new Request('http://localhost'))

// Next.js: its own request, and params.
class NextRequest extends Request { readonly nextUrl = new URL('http://localhost') }
interface Context { params: Promise<{ id: string }> }
export const GET: (request: NextRequest, context: Context) => Promise<Response> = guarded(
  async (request: NextRequest, principal: Principal, { params }: Context) => Response.json([request.nextUrl.pathname, principal.subject, (await params).id]),
  { scope: 'photos:read' },
)
export const metadata: (request: NextRequest) => Promise<Response> = resourceMetadata(options)

// @ts-expect-error a handler answers
guarded(() => {})
// @ts-expect-error scopes, if a route is described
guarded(() => new Response(), { scopes: ['photos:read'] })
// @ts-expect-error no scope
requireScope(() => new Response())
// @ts-expect-error a resource, and who issues tokens for it, must be said
resourceGuard({ resource: 'https://api.example.com' })
// @ts-expect-error a misspelt option
resourceGuard({ resource: 'https://api.example.com', authorizationServers: ['https://login.example.com'], outsde: 'pass' })
