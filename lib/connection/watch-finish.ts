import type { IncomingMessage, ServerResponse } from 'node:http'

/** Watches whether a response goes out whole; the function it gives tells, once it is closed. */
export function watchFinish(raw: ServerResponse): () => boolean {
  // Whoever mounts a server in one of their own may bring a response without a request.
  const req = raw.req as IncomingMessage | undefined
  let isFinished = false
  raw.prependOnceListener('finish', () => {
    const { socket } = raw
    // node:http says so too of a response whose socket failed, or was destroyed, with the rest of it.
    isFinished = req?.httpVersionMajor !== 1 || (socket?.destroyed === false && !socket.errored)
  })
  return () => isFinished && raw.writableFinished
}
