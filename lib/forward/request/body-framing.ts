import type { Http2Stream } from 'node:http2'
import type { RequestCore } from '../../kit.ts'

/** How a message says where its body ends. `none` is one without a body, and without a word of it. */
export type BodyFraming =
  { readonly kind: 'none' } | { readonly kind: 'chunked' } | { readonly kind: 'length'; readonly length: number }

const none: BodyFraming = { kind: 'none' }
const chunked: BodyFraming = { kind: 'chunked' }

/** Returns the framing of a request (RFC 9112, section 6.3; RFC 9113, section 8.1). */
export function framingOf({ raw, method, changed }: RequestCore): BodyFraming {
  // What is asked in another way than by the client has no body of the client's.
  if (changed !== undefined && changed.method !== method) return none
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers
  if (coding !== undefined) return chunked
  if (length !== undefined) return { kind: 'length', length: Number(length) }
  const { stream } = raw as { readonly stream?: Http2Stream }
  return stream?.endAfterHeaders === false ? chunked : none
}

/** Whether a body may follow. */
export function hasBody(framing: BodyFraming): boolean {
  return framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0)
}
