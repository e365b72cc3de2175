import type { IncomingMessage, ServerResponse } from 'node:http'

/** Watches whether a response goes out whole; the function it gives tells, once it is closed. */
export function watchFinish(raw: ServerResponse): () => boolean {
  // Whoever mounts a server in one of their own may bring a response without a request.
  const req = raw.req as IncomingMessage | undefined
  let isFinished = false
  raw.prependOnceListener('finish', () => {
    // node:http says so too of a response whose socket was destroyed with the rest of it.
    isFinished = req?.httpVersionMajor !== 1 || raw.socket?.destroyed === false
  })
  return () => isFinished && raw.writableFinished
}
