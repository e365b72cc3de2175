import { maxHeaderSize, type ServerOptions } from 'node:http'

/** By HTTP/2's count, a field has 32 bytes more than its name and value (RFC 9113, section 6.5.2). */
const FIELD_OVERHEAD_BYTES = 32

/** How many fields there is room for beside `maxHeaderSize` bytes of names and values. */
const FIELDS = 1000

/** What a request's fields are held to, before and after its client has acknowledged the settings. */
export interface HeaderLimits {
  /** The names and values of a request, in bytes; a larger one is answered 431. */
  readonly maxBytes: number
  /** What clients are told, by HTTP/2's count; the stream of a request beyond it is reset. */
  readonly maxListSize: number
  /** No request within `maxListSize` has more fields. */
  readonly maxPairs: number
}

export function headerLimitsOf({ maxHeaderSize: maxBytes = maxHeaderSize }: ServerOptions): HeaderLimits {
  const maxListSize = maxBytes + FIELD_OVERHEAD_BYTES * FIELDS
  return { maxBytes, maxListSize, maxPairs: Math.ceil(maxListSize / FIELD_OVERHEAD_BYTES) }
}

/**
 * Compares the fields of a request with the limits.
 *
 * Node.js applies the limit it announces once the client has acknowledged it, and a client may leave that out.
 *
 * @param rawHeaders names and values in turn
 */
export function checkHeaderSize(rawHeaders: readonly string[], limits: HeaderLimits): 'fits' | 'refuse' | 'reset' {
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  if (bytes <= limits.maxBytes) return 'fits'
  return bytes + (rawHeaders.length / 2) * FIELD_OVERHEAD_BYTES <= limits.maxListSize ? 'refuse' : 'reset'
}
