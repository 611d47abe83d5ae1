import { core } from './mutant.js'

/** @type {readonly import('./mutant.js').Mutant[]} */
export const adaptersMutants = [
  // The adapters
  {
    why: 'a tool that is named by no string is passed over',
    file: 'packages/mcp/src/tool-scopes.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: "(typeof tool === 'string' ?",
    replace: "(typeof tool !== 'undefined' ?",
  },
  {
    why: 'a function of the tenant can change which tenant it is',
    file: core('target'), tests: ['packages/core/test/resource-guard.test.ts'],
    find: 'const variables = Object.freeze({ ...given })',
    replace: 'const variables = given',
  },
  {
    why: 'handlers run for clients that have left',
    file: core('waiting'), tests: ['test/adapters/clients-that-leave.test.ts'],
    find: 'socket?.writable === false',
    replace: 'socket === null',
  },
  {
    why: 'a body flows past while its request is judged',
    file: core('waiting'), tests: ['test/adapters/clients-that-leave.test.ts'],
    find: '  request.pause?.()\n',
    replace: '',
  },
  {
    why: 'a handler runs for a request that was answered',
    file: 'packages/express/src/index.ts', tests: ['test/adapters/clients-that-leave.test.ts'],
    find: 'res.writableEnded || hasLeft(req)',
    replace: 'hasLeft(req)',
  },
  {
    why: 'Express judges another path than it serves',
    file: 'packages/express/src/index.ts', tests: ['packages/express/test/express.test.ts'],
    find: "req.baseUrl + (plain.test(req.url) ? req.url : req.path + (/\\?.*/s.exec(req.url)?.[0] ?? ''))",
    replace: 'req.originalUrl',
  },
  {
    why: 'Express goes on after a refusal',
    file: 'packages/express/src/index.ts', tests: ['packages/express/test/express.test.ts'],
    find: "if ('status' in passed) return send(res, passed)",
    replace: "if ('status' in passed) { send(res, passed); return next() }",
  },
  {
    why: "Express leaves another guard's principal on a request that is let through open",
    file: 'packages/express/src/index.ts', tests: ['packages/express/test/express.test.ts'],
    find: 'req.principal = passed.principal',
    replace: 'req.principal = passed.principal ?? req.principal',
  },
  {
    why: "Express takes what has no path in it for a path",
    file: 'packages/express/src/index.ts', tests: ['test/adapters/express.test.ts', 'packages/express/test/express.test.ts'],
    find: 'plain.test(req.url) ? req.url : ',
    replace: "req.url !== '' ? req.url : ",
  },
  {
    why: "a guard believes in another middleware's principal",
    file: core('passage'), tests: ['packages/express/test/express.test.ts'],
    find: 'if (attached !== passage.principal) {',
    replace: 'if (attached === undefined) {',
  },
  {
    why: 'a request that was let through open stays so where a scope is asked for',
    file: core('passage'), tests: ['packages/express/test/express.test.ts'],
    find: 'if (principal === undefined) return passThrough(guard, request, { scopes })',
    replace: 'if (principal === undefined) return kept',
  },
  {
    why: 'Fastify goes on while a refusal is sent',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: "if ('status' in passed) return send(reply, passed)",
    replace: "if ('status' in passed) return void send(reply, passed)",
  },
  {
    why: 'Fastify judges another path than it serves',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: ": raw.url ?? '/')",
    replace: ": (raw as { originalUrl?: string }).originalUrl ?? raw.url ?? '/')",
  },
  {
    why: 'Hono drops the challenges of other middleware',
    file: 'packages/hono/src/index.ts', tests: ['packages/hono/test/hono.test.ts'],
    find: '{ append: isListHeader(name) }',
    replace: '{ append: false }',
  },
  {
    why: 'a fetch handler runs without a principal',
    file: 'packages/fetch/src/index.ts', tests: ['packages/fetch/test/fetch.test.ts'],
    find: "if ('status' in passed) return respond(passed)\n      request",
    replace: "if ('status' in passed && passed.status === 200) return respond(passed)\n      request",
  },
  {
    why: 'an MCP guard knows no session but those that it has seen opened itself',
    file: 'packages/mcp/src/mcp-guard.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: 'const sessions = sessionsAt.get(resource) ?? createSessions(',
    replace: 'const sessions = createSessions(',
  },
  {
    why: 'a forged principal stays on a request that Fastify lets through open',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: 'incoming.principal = passed.principal\n',
    replace: 'incoming.principal = passed.principal ?? incoming.principal\n',
  },
  {
    why: 'a misspelt scope of a route is no scope',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: "if ('scopes' in config)",
    replace: "if ('scopess' in config)",
  },
  {
    why: 'a session that replaces a stale one is nobody\'s',
    file: 'packages/mcp/src/mcp-guard.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: '?.includes(id)',
    replace: '',
  },
  {
    why: 'a tool that is called as a notification needs no scope',
    file: 'packages/mcp/src/tool-scopes.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: "message.method === 'tools/call'",
    replace: "message.method === 'tools/call' && 'id' in message",
  },
  {
    why: 'a session in a flat list of headers is not seen',
    file: 'packages/mcp/src/node-message.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: 'index % 2 === 0 ?',
    replace: 'index < 0 ?',
  },
  {
    why: 'a client that sends a body that is too large never hears the answer',
    file: 'packages/mcp/src/node-message.ts', tests: ['packages/mcp/test/protect-mcp.test.ts'],
    find: '    req.resume()\n',
    replace: '',
  },
  {
    why: 'Fastify runs the handler of a tenant for a path that names none',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: "name !== '*' && value === ''",
    replace: "name === '' && value === ''",
  },
  {
    why: 'any word makes a route of Fastify public',
    file: 'packages/fastify/src/index.ts', tests: ['packages/fastify/test/fastify.test.ts'],
    find: "typeof open !== 'boolean'",
    replace: "typeof open === 'number'",
  },
  {
    why: "a session whose id is in a list is nobody's",
    file: 'packages/mcp/src/node-message.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: 'for (const one of [id].flat()) if (one !== undefined)',
    replace: "for (const one of [id]) if (typeof one === 'string')",
  },
  {
    why: 'a tool whose name is spelt wrongly is open',
    file: 'packages/mcp/src/tool-scopes.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: " ?? table.get('*')",
    replace: '',
  },
  {
    why: 'a blocked request is shown with its token',
    file: 'packages/mcp/src/mcp-guard.ts', tests: ['packages/mcp/test/adapters.test.ts'],
    find: 'onBlocked?.(reason, printable(request))',
    replace: 'onBlocked?.(reason, request)',
  },
]
