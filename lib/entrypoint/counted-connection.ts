import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { takenBytes } from './sent-bytes.ts'

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
  /** The response whose turn it is. */
  readonly _httpMessage?: ServerResponse | null
  /** Over TLS, the socket that was accepted. */
  readonly _parent?: Socket | null
}

const connections = new WeakMap<Duplex, CountedConnection>()

/** The responses of HTTP/1 that were counted as errors, or whose requests were. */
const counted = new WeakSet<ServerResponse>()

/** A connection that was accepted: its bytes, and its requests that aren't answered yet. */
export class CountedConnection {
  readonly #accepted: Socket
  readonly #tally: Tally
  /** Those of HTTP/1 that had to wait for their turn; the first may have gone out since. */
  readonly #queue: ServerResponse[] = []
  #streams = 0
  /** What requests are read from: over TLS, another socket. */
  #served: Socket
  #isOver = false
  #isCut = false
  #bytesRead = 0
  #bytesWritten = 0

  /** Returns the connection that a socket belongs to; `undefined` where it isn't counted. */
  static of(socket: Duplex): CountedConnection | undefined {
    return connections.get((socket as Inner)._parent ?? socket)
  }

  /** @param ended called when the connection ends, with its last figures there */
  constructor(accepted: Socket, tally: Tally, ended: (connection: CountedConnection) => void) {
    connections.set(accepted, this)
    this.#accepted = accepted
    this.#served = accepted
    this.#tally = tally
    beforeDestroy(accepted, (error) => {
      this.#readCounters()
      this.#end(error)
      ended(this)
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
    let count = this.#streams
    for (const response of this.#unanswered) if (!isAnswered(response)) count++
    return count
  }

  /** Sets what requests are read from, where that isn't the socket that was accepted. */
  serveThrough(socket: Socket): void {
    if (this.#served === socket) return
    this.#served = socket
    beforeDestroy(socket, (error) => this.#end(error))
  }

  /** A request of HTTP/1 has arrived whose response has to wait for its turn. */
  enqueue(response: ServerResponse): void {
    this.#dropAnswered()
    this.#queue.push(response)
  }

  openStream(): void {
    this.#tally.requests++
    this.#streams++
  }

  closeStream({ status, isWhole, isCut }: StreamEnd): void {
    this.#streams--
    if (status >= 500 || (!isWhole && (isCut || this.#isCut))) this.#tally.errors++
  }

  /** A request can't be read, and is refused without a response of its own. */
  refuse(): void {
    this.#tally.errors++
    const { _httpMessage: current } = this.#served as Inner
    // The refusal goes out in the place of the response to a request whose body can't be read.
    if (current && !current.req.complete) counted.add(current)
  }

  /** A request of HTTP/1 has become an error; further ones of the same request don't count. */
  fail(response: ServerResponse): void {
    if (!counted.has(response)) this.#tally.errors++
    counted.add(response)
  }

  /** The responses of HTTP/1 that are due. */
  get #unanswered(): Iterable<ServerResponse> {
    this.#dropAnswered()
    const { _httpMessage: current } = this.#served as Inner
    return new Set(current ? [current, ...this.#queue] : this.#queue)
  }

  #dropAnswered(): void {
    while (this.#queue[0]?.writableFinished === true) this.#queue.shift()
  }

  #readCounters(): void {
    // Once its handle was given away, a socket says nothing of it any more.
    this.#bytesRead = Math.max(this.#bytesRead, this.#accepted.bytesRead)
    this.#bytesWritten = Math.max(this.#bytesWritten, takenBytes(this.#accepted))
  }

  /** @param error what the connection is destroyed with; `null` where that is no error */
  #end(error: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isCut = !this.#served.readableEnded && !isOfConnection(error)
    for (const response of this.#unanswered) {
      const isCut = !isAnswered(response) && (this.#isCut || response.destroyed)
      if (isCut || isFailure(response)) this.fail(response)
    }
    this.#queue.length = 0
  }
}

/** Whether it has gone out, or the connection goes on in another protocol. */
function isAnswered({ statusCode, writableFinished }: ServerResponse): boolean {
  return writableFinished || statusCode === 101
}

/** Whether it is an answer 5xx. */
function isFailure({ headersSent, statusCode }: ServerResponse): boolean {
  return headersSent && statusCode >= 500
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
