import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
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

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Serves no more than `max` requests of one connection while one before them is unanswered: further ones wait, and nothing
 * is read from the connection meanwhile. `node:http` reads on and serves all that comes.
 */
export class Pipelines {
  readonly #max: number
  readonly #serve: RequestListener
  readonly #bySocket = new WeakMap<Socket, Pipeline>()

  constructor(max: number, serve: RequestListener) {
    this.#max = max
    this.#serve = serve
  }

  /** @param response that waits behind another of its connection */
  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    let pipeline = this.#bySocket.get(socket)
    if (pipeline === undefined) {
      pipeline = new Pipeline(socket, this.#max, this.#serve)
      this.#bySocket.set(socket, pipeline)
    }
    pipeline.add({ request, response })
  }
}

/** The requests of a connection that came while one before them was unanswered. */
class Pipeline {
  readonly #socket: Socket
  readonly #max: number
  readonly #listener: RequestListener
  readonly #waiting: Waiting[] = []
  #served = 0

  constructor(socket: Socket, max: number, listener: RequestListener) {
    this.#socket = socket
    this.#max = max
    this.#listener = listener
  }

  add(waiting: Waiting): void {
    if (this.#served < this.#max && this.#waiting.length === 0) return this.#serve(waiting)
    this.#waiting.push(waiting)
    if (this.#waiting.length === 1) this.#stopReading()
  }

  #serve({ request, response }: Waiting): void {
    this.#served++
    response.once('close', () => {
      this.#served--
      this.#serveNext()
    })
    this.#listener(request, response as never)
  }

  #serveNext(): void {
    const next = this.#waiting.shift()
    if (next === undefined) return
    if (this.#waiting.length === 0) this.#readOn()
    if (this.#socket.destroyed) this.#waiting.length = 0
    else this.#serve(next)
  }

  #stopReading(): void {
    const socket = this.#socket
    socket.pause()
    // node:http resumes it whenever a body is read or a response is written.
    socket.resume = () => socket
  }

  #readOn(): void {
    const socket = this.#socket
    Reflect.deleteProperty(socket, 'resume')
    if (socket.listenerCount('data') > 0) socket.resume()
    // One that was handed over meanwhile keeps what comes in for what took it.
    else socket._read(0)
  }
}
