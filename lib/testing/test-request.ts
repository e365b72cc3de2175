import type { OutgoingHttpHeaders } from 'node:http'
import { ConfigError } from '../base/errors.ts'
import { encodeBody, encodeJson, type EncodedBody, type InjectBody } from '../server/encode-body.ts'
import type { InjectOptions, InjectResult } from '../server/inject.ts'

/** A body as `fetch` takes it, with the content type that `fetch` sends; a plain object or an array goes out as JSON. */
export type TestBody = InjectBody

/** What a request of a test client has besides its method and path; at most one of `json`, `form` and `body`. */
export interface TestRequestOptions {
  headers?: OutgoingHttpHeaders
  /** Any value, sent as `application/json`. */
  json?: unknown
  /** Fields, sent as `application/x-www-form-urlencoded`; one with an array is sent once for each of its values. */
  form?: Readonly<Record<string, string | number | boolean | readonly string[]>>
  body?: TestBody
  /** How many redirects to follow; the result is the response after them. Default: that of the client. */
  redirects?: number
  /** Disconnects the client when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
}

/** A request that can be sent again. */
export interface PreparedRequest extends Omit<InjectOptions, 'body'> {
  readonly method: string
  readonly url: string
  readonly headers: OutgoingHttpHeaders
  readonly body: Uint8Array | undefined
}

/** @throws ConfigError where more than one of `json`, `form` and `body` is given */
export async function prepareRequest(
  method: string,
  url: string,
  { headers, signal, ...options }: TestRequestOptions,
): Promise<PreparedRequest> {
  const { type, bytes } = (await encode(options)) ?? {}
  const typed = { ...(type !== undefined && { 'content-type': type }), ...headers }
  return { method, url, headers: typed, body: bytes, signal }
}

async function encode({ json, form, body }: TestRequestOptions): Promise<EncodedBody | undefined> {
  const given = Object.entries({ json, form, body }).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw new ConfigError(`a request has one body, not ${given.map(([name]) => name).join(' and ')}`, {
      failure: 'ERR_TRIBIND_OPTION_CONFLICT',
    })
  if (json !== undefined) return encodeJson(json)
  if (form !== undefined) return encodeBody(encodeForm(form))
  return body === undefined ? undefined : encodeBody(body)
}

function encodeForm(form: NonNullable<TestRequestOptions['form']>): URLSearchParams {
  const entries = Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  return new URLSearchParams(entries as [string, string][])
}

const redirects = new Set([301, 302, 303, 307, 308])

/**
 * Returns the request that a browser makes after a redirect; `undefined` for other responses, and for a redirect to
 * another host.
 *
 * @param isSecure whether the request came over https
 */
export function followRedirect(
  request: PreparedRequest,
  { status, headers }: InjectResult,
  isSecure: boolean,
): PreparedRequest | undefined {
  const { location } = headers
  if (!redirects.has(status) || location === undefined) return undefined
  const origin = `${isSecure ? 'https' : 'http'}://${String(request.headers.host)}`
  const target = new URL(location, origin + request.url)
  if (target.origin !== new URL(origin).origin) return undefined
  const url = target.pathname + target.search
  return becomesGet(status, request.method) ? { ...withoutBody(request), method: 'GET', url } : { ...request, url }
}

/** RFC 9110, section 15.4: a 303 asks for another page by GET; after a 301 or 302, browsers make a POST a GET. */
function becomesGet(status: number, method: string): boolean {
  return (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
}

function withoutBody(request: PreparedRequest): PreparedRequest {
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith('content-'))
  return { ...request, headers: Object.fromEntries(headers), body: undefined }
}
