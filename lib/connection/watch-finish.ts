import type { IncomingMessage, ServerResponse } from 'node:http'

/** Returns a function that tells, once a response is closed, whether it was sent completely. */
export function watchFinish(raw: ServerResponse): () => boolean {
  // An application that mounts the server in one of its own may pass a response without a request.
  const req = raw.req as IncomingMessage | undefined
  let isFinished = false
  raw.prependOnceListener('finish', () => {
    const { socket } = raw
    // node:http emits this also for a response whose socket failed, or was destroyed, before the rest was sent.
    isFinished = req?.httpVersionMajor !== 1 || (socket?.destroyed === false && !socket.errored)
  })
  return () => isFinished && raw.writableFinished
}
