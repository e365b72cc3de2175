import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const queues = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Lets a response end with its connection also while it waits behind those of requests before it: of a pipeline,
 * `node:http` only closes the response whose turn it is.
 */
export function endWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const isQueued = response.socket === null
  if (!isQueued) return
  const queue = queues.get(socket) ?? openQueue(socket)
  queue.add(response)
  response.once('close', () => queue.delete(response))
}

/** Whether a response has ended, in its turn or with its connection. */
export function isClosed(response: ServerResponse): boolean {
  return response.closed || (response.destroyed && response.socket === null)
}

/** Whether no request that came after it over the same connection waits for its response. */
export function isLastInPipeline({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const last = [...(queues.get(socket) ?? [])].at(-1)
  return last === undefined || last === response
}

function openQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>()
  queues.set(socket, queue)
  socket.once('close', () => {
    for (const response of queue) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit('close')
    }
  })
  return queue
}
