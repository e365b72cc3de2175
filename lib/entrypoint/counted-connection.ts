import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What the connections of an entry point add to as their requests arrive and end. */
export interface Tally {
  requests: number
  errors: number
}

/** What has become of a request of HTTP/2 when its stream closes. */
export interface StreamEnd {
  /** 0 where no head went out. */
  readonly status: number
  /** Whether the whole response went out. */
  readonly isWhole: boolean
  /** Whether the server, or its parser, gave the stream up. */
  readonly isCut: boolean
}

/** What Node.js knows of a socket and doesn't show otherwise. */
interface Inner {
  readonly _handle?: Counters | null
  readonly _httpMessage?: ServerResponse | null
}

/** Of the connection itself, also where a parser, TLS or HTTP/2 reads and writes past the socket. */
interface Counters {
  readonly bytesRead?: number
  readonly bytesWritten?: number
  /** What was written and the system hasn't taken yet. */
  readonly writeQueueSize?: number
}

/** A connection that was accepted: its bytes, and its requests that aren't answered yet. */
export class CountedConnection {
  readonly #accepted: Socket
  readonly #tally: Tally
  /** Of HTTP/1, in the order of their requests; the first may have gone out since the last look. */
  readonly #unanswered: ServerResponse[] = []
  #streams = 0
  /** What requests are read from: over TLS, another socket. */
  #served: Socket
  #isOver = false
  #isCut = false
  #bytesRead = 0
  #bytesWritten = 0

  constructor(accepted: Socket, tally: Tally) {
    this.#accepted = accepted
    this.#served = accepted
    this.#tally = tally
    beforeDestroy(accepted, (error) => {
      this.#readCounters()
      this.#end(error)
    })
  }

  get bytesRead(): number {
    this.#readCounters()
    return this.#bytesRead
  }

  /** What the system has taken. */
  get bytesWritten(): number {
    this.#readCounters()
    return this.#bytesWritten
  }

  /** How many requests have arrived and aren't answered. */
  get currentRequests(): number {
    this.settle()
    const last = this.#handedOver
    return this.#unanswered.length + this.#streams + (last === undefined || isAnswered(last) ? 0 : 1)
  }

  /** Sets what requests are read from, where that isn't the socket that was accepted. */
  serveThrough(socket: Socket): void {
    if (this.#served === socket) return
    this.#served = socket
    beforeDestroy(socket, (error) => this.#end(error))
  }

  /** A request of HTTP/1 has arrived. */
  add(response: ServerResponse): void {
    this.#tally.requests++
    this.settle()
    this.#unanswered.push(response)
  }

  /** A request of HTTP/1 has arrived whose connection `node:http` hands over. */
  addHandedOver(): void {
    this.#tally.requests++
  }

  /** Judges the responses that have gone out since the last look, and lets go of them. */
  settle(): void {
    for (let [first] = this.#unanswered; first && isDetached(first); [first] = this.#unanswered) {
      this.#unanswered.shift()
      this.#judge(first)
    }
  }

  openStream(): void {
    this.#tally.requests++
    this.#streams++
  }

  closeStream({ status, isWhole, isCut }: StreamEnd): void {
    this.#streams--
    if (status >= 500 || (!isWhole && (isCut || this.#isCut))) this.#tally.errors++
  }

  /** A request couldn't be read, and is answered without the application. */
  refuse(): void {
    this.#tally.errors++
    // The answer goes out in the place of the response to a request whose body can't be read.
    const refused = this.#unanswered.findIndex(({ req, headersSent }) => !req.complete && !headersSent)
    if (refused >= 0) this.#unanswered.splice(refused, 1)
  }

  /** The response over a connection that was handed over; `undefined` where there is none. */
  get #handedOver(): ServerResponse | undefined {
    const { _httpMessage: response } = this.#served as Inner
    return response && !this.#unanswered.includes(response) ? response : undefined
  }

  #readCounters(): void {
    const { _handle: handle } = this.#accepted as Inner
    // A handle that was given away says nothing any more.
    const { bytesRead = 0, bytesWritten = 0, writeQueueSize = 0 } = handle ?? {}
    this.#bytesRead = Math.max(this.#bytesRead, bytesRead)
    this.#bytesWritten = Math.max(this.#bytesWritten, bytesWritten - writeQueueSize)
  }

  /** @param error what the connection is destroyed with; `null` where that is no error */
  #end(error: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isCut = !this.#served.readableEnded && !isOfConnection(error)
    const last = this.#handedOver
    for (const response of this.#unanswered.splice(0)) this.#judge(response)
    if (last !== undefined) this.#judge(last)
  }

  /** Counts a response that is an error: once it has gone out, or as its connection ends. */
  #judge(response: ServerResponse): void {
    const isFailure = response.headersSent && response.statusCode >= 500
    const isCut = !isAnswered(response) && (this.#isCut || response.destroyed)
    if (isFailure || isCut) this.#tally.errors++
  }
}

/** Whether its connection has let go of it, since all of it has gone out. */
function isDetached({ socket, writableFinished }: ServerResponse): boolean {
  return socket === null && writableFinished
}

/** Whether it has gone out, or the connection goes on in another protocol. */
function isAnswered({ statusCode, writableFinished }: ServerResponse): boolean {
  return writableFinished || statusCode === 101
}

/**
 * Calls a function as a socket is destroyed, by either side. Later, it isn't known any more what hadn't gone out, nor
 * which side came first: `node:http` destroys responses and requests in any case.
 */
function beforeDestroy(socket: Socket, act: (error: Error | null) => void): void {
  const destroy = socket._destroy.bind(socket)
  socket._destroy = (error, callback) => {
    act(error)
    destroy(error, callback)
  }
}

/** Whether an error is the client's or the network's: of reading, writing or TLS. */
function isOfConnection(error: Error | null): boolean {
  return error !== null && ('syscall' in error || 'library' in error)
}
