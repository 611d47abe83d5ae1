// @ts-check
import { once } from 'node:events'
import { createServer } from 'node:net'

/** The port, or any free one if somebody else has it. */
export async function freePort(/** @type {number} */ preferred) {
  const probe = createServer()
  try {
    await once(probe.listen(preferred, '127.0.0.1'), 'listening')
  } catch {
    await once(probe.listen(0, '127.0.0.1'), 'listening')
  }
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  await once(probe.close(), 'close')
  return port
}
