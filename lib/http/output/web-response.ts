import { ResponseError } from '../../base/errors.ts'
import { isListField } from './list-field.ts'

// RFC 9110, section 7.6.1, and what no longer fits a body that fetch has decoded.
const fieldsOfConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const fieldsOfCoding = new Set(['content-encoding', 'content-length'])

/** A body as `fetch` takes it, with the type and length it has there. */
export interface WebBody {
  readonly content: string | ReadableStream
  /** `''` for none. */
  readonly type: string
  /** In bytes; `undefined` where it isn't known before the end. */
  readonly length?: number
}

/** Reads a Blob, FormData or URLSearchParams; `undefined` for any other value. */
export function readWebBody(value: object): WebBody | undefined {
  if (value instanceof Blob) return { content: value.stream(), type: value.type, length: value.size }
  if (value instanceof URLSearchParams)
    return { content: value.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' }
  if (!(value instanceof FormData)) return undefined
  const { headers, body } = new globalThis.Response(value)
  return { content: body as ReadableStream, type: headers.get('content-type') ?? '' }
}

/** By its tag, since polyfills and undici bring classes of their own. */
export function isWebResponse(value: object): value is globalThis.Response {
  return (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Response'
}

/**
 * The header fields of a web `Response`, as names and values in turn; of one that `fetch` gave without those that
 * belonged to its connection, and to a coding that `fetch` has taken away.
 *
 * @throws ResponseError for `Response.error()`, which stands for no answer at all
 */
function readWebHeaders(response: globalThis.Response): [string, string][] {
  if (response.type === 'error')
    throw new ResponseError('Response.error() stands for a network error and has no status: return another Response', {
      failure: 'ERR_TRIBIND_RESPONSE_NETWORK_ERROR',
    })
  const fields = [...response.headers]
  if (response.url === '') return fields
  const isDecoded = response.headers.has('content-encoding')
  return fields.filter(([name]) => !fieldsOfConnection.has(name) && !(isDecoded && fieldsOfCoding.has(name)))
}

/** What a web `Response` is written to. */
interface WebTarget {
  setStatus(status: number): void
  clear(): void
  addHeader(name: string, value: string): void
  setHeader(name: string, value: string): void
  stream(body: ReadableStream): void
}

/** Answers with a web `Response`, in place of what was written. */
export function writeWebResponse(target: WebTarget, response: globalThis.Response): void {
  const fields = readWebHeaders(response)
  target.setStatus(response.status)
  target.clear()
  for (const [name, value] of fields) {
    if (isListField(name)) target.addHeader(name, value)
    else target.setHeader(name, value)
  }
  if (response.body !== null) target.stream(response.body)
}
