import type { ServerResponse } from 'node:http'
import type { ResponseHeaders } from './response-headers.ts'

/** A head that is written already. */
interface Head {
  readonly raw: ServerResponse
  readonly fields: ResponseHeaders | undefined
  /** Whether header fields were set on `raw` by others. */
  readonly wasLent: boolean
}

/**
 * Ends a response with its whole body, in one plain write wherever that can be.
 *
 * `end(body)` of `node:http` writes head and body and, after them, an empty chunk; the two go out through `writev`, which
 * allocates a buffer for them. Written between a `cork` and an `uncork` of ours, the same bytes are one write of one
 * string, and nothing is left for `end` to write: docs/performance.md says what that saves.
 *
 * @param head its fields go out in the encoding of the text that follows them, and they are latin1
 * @param length of the body in bytes
 */
export function endWithBody(head: Head, body: string | Buffer, length: number): void {
  const { raw } = head
  // As many bytes as characters are ASCII, the same in both encodings.
  const isAscii = body.length === length
  const content = isAscii || isAsciiHead(head) ? body : Buffer.from(body as string)
  const encoding = isAscii ? 'latin1' : 'utf8'
  const { socket, req } = raw as Partial<ServerResponse>
  // A response that waits behind others of its connection has no socket yet, one that isn't of node:http perhaps never;
  // and HTTP/2 has frames of its own.
  if (!socket || length === 0 || req?.httpVersionMajor !== 1) return void raw.end(content, encoding)
  socket.cork()
  raw.write(content, encoding)
  socket.uncork()
  raw.end()
}

function isAsciiHead({ raw, fields, wasLent }: Head): boolean {
  return !wasLent && raw.getHeaderNames().length === 0 && fields?.isAscii !== false
}
