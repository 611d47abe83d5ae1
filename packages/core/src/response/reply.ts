/** A complete HTTP answer, for an adapter to send as it is. */
export interface Reply {
  readonly status: number
  /** Names are lower-case. Those that `isListHeader` names are added to the application's own, the rest are set. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /**
   * What to send; empty for HEAD, 204 and 304. There is no body then, not even an empty one: of 204 and 304 `new Response('')`
   * throws (Fetch, "initialize a response"), so make it `new Response(body || null, …)`.
   */
  readonly body: string
}

/** True for the headers of a Reply that an adapter must add to what the application has already set (RFC 9110 §5.3). */
export const isListHeader = (name: string): boolean =>
  name === 'www-authenticate' || name === 'access-control-expose-headers'
