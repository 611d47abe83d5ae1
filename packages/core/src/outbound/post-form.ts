import { discard, mediaTypeOf, readBody } from './body.js'
import { OutboundFault, describeFailure } from './outbound-error.js'
import { forLog } from './url.js'

export interface FormRequest {
  readonly fetch: typeof fetch
  readonly headers: Readonly<Record<string, string>>
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** An HTTP answer as it came: nothing in it is judged yet. */
export interface FormAnswer {
  readonly url: URL
  readonly status: number
  /** The media type, in lower case. */
  readonly type: string
  /** Undefined where it is longer than `maxBytes`, and of every status but 200, where it is not read. */
  readonly body: Uint8Array | undefined
}

/**
 * POSTs a form, once, to this URL and nowhere else: a redirect is an answer like any other, because what is in the form is
 * for its first addressee. Rejects with an OutboundFault where no complete answer comes.
 */
export async function postForm(url: URL, form: URLSearchParams, { fetch, headers, maxBytes, signal }: FormRequest): Promise<FormAnswer> {
  try {
    signal.throwIfAborted()
    const response = await fetch(url.href, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      redirect: 'manual',
      signal,
    })
    const { status } = response
    if (status !== 200) discard(response)
    return { url, status, type: mediaTypeOf(response), body: status === 200 ? await readBody(response, maxBytes, signal) : undefined }
  } catch (error) {
    throw new OutboundFault(`${forLog(url)}: ${describeFailure(error)}`)
  }
}
