// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'
import { McpServer as McpServerV1, ResourceTemplate as ResourceTemplateV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServerV2, ResourceTemplate as ResourceTemplateV2 } from '@modelcontextprotocol/server'
import { z } from 'zod'

// An MCP server with what the scenarios of the conformance suite ask for, as far as both SDKs let it be said in one way.

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA='
const text = (/** @type {string} */ value) => ({ type: 'text', text: value })
const image = { type: 'image', data: png, mimeType: 'image/png' }
const resource = (/** @type {string} */ uri, /** @type {string} */ mimeType, /** @type {string} */ value) => ({ type: 'resource', resource: { uri, mimeType, text: value } })
const tool = (/** @type {unknown[]} */ ...content) => () => ({ content })

/** @typedef {(method: string, params: object) => Promise<void>} Notify */

/** @param {any} server @param {any} ResourceTemplate @param {(context: any) => { notify: Notify, token: unknown }} read */
function fill(server, ResourceTemplate, read) {
  const simple = (/** @type {string} */ name, /** @type {unknown} */ handler) => server.registerTool(name, { description: name }, handler)
  simple('test_simple_text', tool(text('This is a simple text response for testing.')))
  simple('test_image_content', tool(image))
  simple('test_audio_content', tool({ type: 'audio', data: wav, mimeType: 'audio/wav' }))
  simple('test_embedded_resource', tool(resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')))
  simple('test_multiple_content_types', tool(text('Multiple content types test:'), image, resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}')))
  simple('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  simple('test_tool_with_logging', async (/** @type {any} */ context) => {
    const { notify } = read(context)
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await notify('notifications/message', { level: 'info', data })
      await sleep(50)
    }
    return { content: [text('logged')] }
  })
  simple('test_tool_with_progress', async (/** @type {any} */ context) => {
    const { notify, token } = read(context)
    for (const progress of [0, 50, 100]) {
      if (token !== undefined) await notify('notifications/progress', { progressToken: token, progress, total: 100 })
      await sleep(50)
    }
    return { content: [text('done')] }
  })

  const contents = (/** @type {URL} */ { href }, /** @type {object} */ more) => ({ contents: [{ uri: href, ...more }] })
  server.registerResource('static-text', 'test://static-text', { mimeType: 'text/plain' }, (/** @type {URL} */ uri) =>
    contents(uri, { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }))
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, (/** @type {URL} */ uri) => contents(uri, { mimeType: 'image/png', blob: png }))
  server.registerResource('template', new ResourceTemplate('test://template/{id}/data', { list: undefined }), { mimeType: 'application/json' },
    (/** @type {URL} */ uri, /** @type {{ id: string }} */ { id }) => contents(uri, { mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }))

  const user = (/** @type {unknown[]} */ ...content) => ({ messages: content.map((one) => ({ role: 'user', content: one })) })
  server.registerPrompt('test_simple_prompt', { description: 'simple' }, () => user(text('This is a simple prompt for testing.')))
  server.registerPrompt('test_prompt_with_arguments', { description: 'arguments', argsSchema: wrap({ arg1: z.string(), arg2: z.string() }) },
    (/** @type {{ arg1: string, arg2: string }} */ { arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)))
  server.registerPrompt('test_prompt_with_embedded_resource', { description: 'resource', argsSchema: wrap({ resourceUri: z.string() }) },
    (/** @type {{ resourceUri: string }} */ { resourceUri }) => user(resource(resourceUri, 'text/plain', 'Embedded resource content for testing.'), text('Please process the embedded resource above.')))
  server.registerPrompt('test_prompt_with_image', { description: 'image' }, () => user(image, text('Please analyze the image above.')))
  return server

  /** SDK v1 takes the members of an object, v2 the object. */
  function wrap(/** @type {Record<string, z.ZodType>} */ members) {
    return server instanceof McpServerV1 ? members : z.object(members)
  }
}

const info = { name: 'everything', version: '1.0.0' }
const capabilities = { logging: {} }

export const everythingV1 = () =>
  fill(new McpServerV1(info, { capabilities }), ResourceTemplateV1, ({ sendNotification, _meta }) => ({
    notify: (method, params) => sendNotification({ method, params }), token: _meta?.progressToken,
  }))

export const everythingV2 = () =>
  fill(new McpServerV2(info, { capabilities }), ResourceTemplateV2, ({ mcpReq }) => ({
    notify: (method, params) => mcpReq.notify({ method, params }), token: mcpReq._meta?.progressToken,
  }))
