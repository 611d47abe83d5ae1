import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Listening } from '@resource-guard/testing'

/** Starts a server on a free port of 127.0.0.1. */
export async function listening(server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

/** What other middleware sets before the guard runs, for a request with `x-beside`. */
export const beside = {
  'WWW-Authenticate': 'Basic realm="beside"',
  'Access-Control-Allow-Origin': 'https://app.example.com',
  'Access-Control-Expose-Headers': 'X-Total',
} as const
