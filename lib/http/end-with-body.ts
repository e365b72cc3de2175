import type { ServerResponse } from 'node:http'

/**
 * Ends a response with its whole body, in one plain write wherever that can be.
 *
 * `end(body)` of `node:http` writes head and body and, after them, an empty chunk; the two go out through `writev`, which
 * allocates a buffer for them. Written between a `cork` and an `uncork` of ours, the same bytes are one write of one
 * string, and nothing is left for `end` to write: docs/performance.md says what that saves.
 *
 * @param length of the body in bytes
 */
export function endWithBody(raw: ServerResponse, body: string | Buffer, length: number): void {
  // The head goes out in the encoding of the text that follows it, and header fields are latin1. As many bytes as
  // characters are ASCII, the same in both.
  const content = body.length === length ? body : Buffer.from(body as string)
  const { socket, req } = raw as Partial<ServerResponse>
  // A response that waits behind others of its connection has no socket yet, one that isn't of node:http perhaps never;
  // and HTTP/2 has frames of its own.
  if (!socket || length === 0 || req?.httpVersionMajor !== 1) return void raw.end(content, 'latin1')
  socket.cork()
  raw.write(content, 'latin1')
  socket.uncork()
  raw.end()
}
