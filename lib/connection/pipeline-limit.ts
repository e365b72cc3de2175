import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Serves no more than `max` requests of one connection while one before them is unanswered: further ones wait, and nothing
 * is read from the connection meanwhile. `node:http` reads on and serves all that comes.
 */
export function limitPipelining(max: number, listener: RequestListener): RequestListener {
  const pipelines = new WeakMap<Socket, Pipeline>()
  return (request, response) => {
    // Its turn has come already, as that of nearly all: no other request of its connection is unanswered.
    if (response.socket !== null) return listener(request, response as never)
    const { socket } = request
    let pipeline = pipelines.get(socket)
    if (pipeline === undefined) pipelines.set(socket, (pipeline = new Pipeline(socket, max, listener)))
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
