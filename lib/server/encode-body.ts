import { types } from 'node:util'
import { ConfigError } from '../base/errors.ts'
import { isPlain } from '../base/is-plain.ts'
import { printValue } from '../options/print-value.ts'

/** A body as `fetch` takes it; a plain object or an array goes out as JSON. */
export type InjectBody = string | Uint8Array | URLSearchParams | FormData | Blob | object

type FetchBody = ConstructorParameters<typeof Response>[0]

/** A body as it goes out. */
export interface EncodedBody {
  /** The content type that belongs to it; `undefined` for bytes. */
  readonly type: string | undefined
  readonly bytes: Uint8Array
}

/**
 * Encodes a body as `fetch` does, and a plain object or an array as JSON.
 *
 * @throws ConfigError for any other value
 */
export async function encodeBody(body: InjectBody): Promise<EncodedBody> {
  if (typeof body === 'string') return { type: 'text/plain;charset=UTF-8', bytes: Buffer.from(body) }
  if (body instanceof Uint8Array) return { type: undefined, bytes: body }
  if (Array.isArray(body) || (typeof body === 'object' && body !== null && isPlain(body))) return encodeJson(body)
  if (!isForFetch(body)) {
    throw new ConfigError(
      `option "body" must be text, bytes, a Blob, URLSearchParams, FormData, a plain object or an array, got ${printValue(body)}`,
      { failure: 'ERR_TRIBIND_OPTION_VALUE' },
    )
  }
  // A Response encodes what fetch would send, the boundary of a multipart form included.
  const response = new globalThis.Response(body)
  return { type: response.headers.get('content-type') ?? undefined, bytes: Buffer.from(await response.arrayBuffer()) }
}

export function encodeJson(value: unknown): EncodedBody {
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify(value)) }
}

function isForFetch(body: unknown): body is FetchBody {
  if (ArrayBuffer.isView(body) || types.isAnyArrayBuffer(body)) return true
  return body instanceof URLSearchParams || body instanceof FormData || body instanceof Blob
}
