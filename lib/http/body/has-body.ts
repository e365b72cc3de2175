import type { IncomingMessage } from 'node:http'
import type { Http2Stream } from 'node:http2'

/** Whether a request has a body: by its fields (RFC 9112, section 6.3), in HTTP/2 by its stream (RFC 9113, section 8.1). */
export function hasBody(raw: IncomingMessage & { readonly stream?: Http2Stream }): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = raw.headers
  if (Number(length ?? 0) > 0 || coding !== undefined) return true
  return length === undefined && raw.stream?.endAfterHeaders === false
}
