import type { ResourceGuardOptions } from '@resource-guard/core'
import { runCase, type Guarded, type ResourceCase } from './case.js'
import { parseBody, type Expectation, type Served } from './expectation.js'
import { fetchFromAll, START, theIssuers, type IssuerName, type Issuers } from './issuers.js'
import { setupOf, type SetupName } from './setups.js'
import { open, send, type Answer, type Connection, type HttpRequest } from './wire.js'

/** A server that listens on 127.0.0.1. */
export interface Listening {
  readonly port: number
  /** Stops listening and ends open connections; resolves when the port is free. */
  close(): Promise<void>
}

/**
 * An adapter under test: this small application, built on its framework, behind the guard.
 *
 * | route | answer |
 * |---|---|
 * | `GET /`, `GET /photos`, `POST /photos`, `GET /admin/photos`, `GET /public/photos` | 200 with the JSON `{ route, principal }` |
 * | `GET /photos/scoped` | the same; needs the scopes `photos:read` and `photos:write`, in the framework's idiom for route scopes |
 * | `GET /t/:tenant/photos` | 200 with `{ route, tenant, principal }` |
 * | anything else | 404, by the application |
 *
 * `route` is the route as written above (`'/t/:tenant/photos'`), `tenant` is the router's own parameter, and `principal` is null where there is
 * none. HEAD is answered as the framework answers it for a GET route. In front of the guard, a request with the header `x-beside`
 * has these set on its answer, as other middleware might: `WWW-Authenticate: Basic realm="beside"`,
 * `Access-Control-Allow-Origin: https://app.example.com`, `Access-Control-Expose-Headers: X-Total`.
 */
export interface AdapterUnderTest {
  /** Starts the application on a free port of 127.0.0.1, guarded with these options. */
  listen(options: ResourceGuardOptions): Promise<Listening>
}

/** The application, running, guarded as the row's setup says. */
export interface Running extends Guarded {
  readonly issuers: Issuers
  /** The URLs that the guard has fetched so far. */
  readonly fetched: readonly string[]
  /** Moves the guard's clock on, in seconds. */
  wait(seconds: number): void
  /** Sends one more request, as a row would, and judges the answer. */
  check(row: Partial<ResourceCase> & { readonly expect: Expectation; readonly resource?: string }): Promise<Answer>
  /** A connection that stays open. */
  connect(): Connection
}

/** A case that needs the fixed application. */
export interface AppCase extends ResourceCase {
  /** Default `single`. */
  readonly setup?: SetupName
  /** The resource that the request is for, where it is not the setup's own. */
  readonly resource?: string
  /** Who issues the token, where it is not the setup's own. */
  readonly issuer?: IssuerName
}

/** A case that takes more than one request. */
export interface AppStory extends Pick<AppCase, 'name' | 'ref' | 'setup'> {
  run(on: Running): Promise<void>
}

export async function runOn(app: AdapterUnderTest, row: AppCase | AppStory): Promise<void> {
  const setup = setupOf(row.setup ?? 'single')
  const issuers = await theIssuers()
  const fetched: string[] = []
  let seconds = START
  const server = await app.listen({
    ...setup.options(issuers),
    now: () => seconds * 1000,
    fetch: fetchFromAll(issuers, (url) => fetched.push(url)),
  })
  const issuer = issuers[(('issuer' in row ? row.issuer : undefined) ?? setup.issuer ?? 'main') as IssuerName]
  const resource = ('resource' in row ? row.resource : undefined) ?? setup.resource
  const on: Running = {
    issuers, issuer, resource, fetched, read,
    target: setup.target ?? '/photos',
    send: (request) => send(server.port, request),
    connect: () => open(server.port),
    wait: (more) => {
      seconds += more
    },
    check: async (part) => {
      const answers: Answer[] = []
      const there = { ...on, resource: part.resource ?? resource, send: async (request: HttpRequest) => {
        const answer = await on.send(request)
        answers.push(answer)
        return answer
      } }
      await runCase({ name: row.name, ref: row.ref, ...part }, there)
      return answers[0] as Answer
    },
  }
  try {
    await ('run' in row ? row.run(on) : runCase(row, on))
  } finally {
    await server.close()
  }
}

const read = (answer: Answer): Served => parseBody(answer) as unknown as Served

