import type { AccessRequest } from './access-request.js'

/** A CORS preflight as browsers send it: never with credentials (Fetch, "CORS-preflight request"). */
export const isPreflight = ({ method, headers }: AccessRequest): boolean =>
  method === 'OPTIONS' &&
  headers.get('origin') !== null &&
  headers.get('access-control-request-method') !== null &&
  headers.get('authorization') === null
