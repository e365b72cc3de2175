import type { OutgoingHttpHeaders } from 'node:http'
import { ConfigError } from '../base/errors.ts'
import type { InjectOptions } from '../server/inject.ts'

/** A body as `fetch` takes it, sent with the content type that `fetch` would give it. */
export type TestBody = string | Uint8Array | URLSearchParams | FormData | Blob

/** What a request of a test client brings besides its method and path; of `json`, `form` and `body`, one at most. */
export interface TestRequestOptions {
  headers?: OutgoingHttpHeaders
  /** Any value, sent as `application/json`. */
  json?: unknown
  /** Fields, sent as `application/x-www-form-urlencoded`; one with an array is sent once for each of its values. */
  form?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  body?: TestBody
  /** How many redirects are followed; the one after them is the answer. Default 0, or what the client was told. */
  redirects?: number
  /** Aborted, the client goes away in the midst of the request, which rejects with the signal's reason. */
  signal?: AbortSignal
}

/** @throws ConfigError where more than one of `json`, `form` and `body` is given */
export async function encodeRequest(
  method: string,
  url: string,
  { headers, signal, ...options }: TestRequestOptions,
): Promise<Encoded> {
  const [type, body] = await encodeBody(options)
  return { method, url, headers: { ...(type !== undefined && { 'content-type': type }), ...headers }, body, signal }
}

/** A request that can be sent again. */
export interface Encoded extends Omit<InjectOptions, 'body'> {
  readonly method: string
  readonly url: string
  readonly headers: OutgoingHttpHeaders
  readonly body: Uint8Array | undefined
}

async function encodeBody({ json, form, body }: TestRequestOptions): Promise<[string | undefined, Buffer?]> {
  const given = Object.entries({ json, form, body }).filter(([, value]) => value !== undefined)
  if (given.length === 0) return [undefined]
  if (given.length > 1)
    throw new ConfigError(`a request has one body, not ${given.map(([name]) => name).join(' and ')}`)
  if (json !== undefined) return ['application/json', Buffer.from(JSON.stringify(json))]
  // A Response encodes what fetch would send, the boundary of a multipart form included.
  const response = new Response(form === undefined ? body : encodeForm(form))
  return [response.headers.get('content-type') ?? undefined, Buffer.from(await response.arrayBuffer())]
}

function encodeForm(form: NonNullable<TestRequestOptions['form']>): URLSearchParams {
  const entries = Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  return new URLSearchParams(entries as [string, string][])
}
