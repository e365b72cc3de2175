// A request as handlers see it: the members of IncomingMessage that tribind reads, without a stream behind them.

import { EventEmitter } from 'node:events'
import { mergeFields } from './merge-fields.mjs'

/** How much of a body waits before nothing more is read from the connection, in bytes. */
const MAX_WAITING = 64 * 1024

export class Incoming {
  readableEnded = false
  readableDidRead = false
  /** Whether what comes is told at once; `null` until something listens. */
  readableFlowing = null
  complete = false
  rawTrailers = noTrailers
  #connection
  #waiting
  #waitingBytes = 0
  #headers

  /** @param connection the one it came over */
  constructor(connection, head) {
    this.#connection = connection
    this.method = head.method
    this.url = head.target
    this.httpVersionMinor = head.minor
    this.rawHeaders = head.rawHeaders
  }

  get socket() {
    return this.#connection.socket
  }

  get httpVersion() {
    return this.httpVersionMinor === 1 ? '1.1' : '1.0'
  }

  get headers() {
    return (this.#headers ??= mergeFields(this.rawHeaders))
  }

  get trailers() {
    return mergeFields(this.rawTrailers)
  }

  get destroyed() {
    return this.#connection.socket.destroyed || (this.readableEnded && this.complete)
  }

  on(event, listener) {
    EventEmitter.prototype.on.call(this, event, listener)
    if (event === 'data' && this.readableFlowing !== false) this.resume()
    return this
  }

  pause() {
    this.readableFlowing = false
    return this
  }

  /** Tells what waits on the next turn, as a Readable does. */
  resume() {
    if (this.readableFlowing === true) return this
    this.readableFlowing = true
    this.readableDidRead = true
    // The hook by which a 100 is sent, of tribind or of the transport.
    if (Object.hasOwn(this, '_read')) this._read(0)
    if (this.#waiting !== undefined || this.complete) process.nextTick(flow, this)
    return this
  }

  /** Returns what waits; `null` for nothing. */
  read() {
    if (this.#waiting === undefined) return null
    this.readableDidRead = true
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = undefined
    this.#waitingBytes = 0
    return bytes
  }

  _read() {}

  destroy() {
    this.#connection.cut()
    return this
  }

  receive(chunk) {
    if (this.readableFlowing === true && this.#waiting === undefined) return this.emit('data', chunk)
    ;(this.#waiting ??= []).push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes > MAX_WAITING) this.#connection.stopReading()
  }

  finish(rawTrailers) {
    this.complete = true
    this.rawTrailers = rawTrailers
    if (this.readableFlowing === true && this.#waiting === undefined) this.#end()
  }

  /** Drops what nothing has read, once the response has ended. */
  drop() {
    if (this.readableEnded) return
    this.#waiting = undefined
    this.#waitingBytes = 0
    // What was to be sent a 100 isn't sent any more.
    if (Object.hasOwn(this, '_read')) delete this._read
    if (this.complete && !(this._eventsCount > 0)) this.readableEnded = true
    else if (this.readableFlowing !== true) this.resume()
  }

  flow() {
    while (this.readableFlowing === true && this.#waiting?.length > 0) this.emit('data', this.#waiting.shift())
    if (this.readableFlowing !== true) return
    this.#waiting = undefined
    this.#waitingBytes = 0
    if (this.complete) this.#end()
    else this.#connection.readOn()
  }

  /** The connection has ended, perhaps in the midst of it. */
  leave() {
    if (!this.complete) {
      this.aborted = true
      this.emit('aborted')
    }
    if (!this.readableEnded) this.emit('close')
  }

  #end() {
    if (this.readableEnded) return
    this.readableEnded = true
    this.emit('end')
    this.emit('close')
  }
}

function flow(request) {
  request.flow()
}

const noTrailers = Object.freeze([])

// Not by a constructor of EventEmitter: most requests have no listener.
Object.setPrototypeOf(Incoming.prototype, EventEmitter.prototype)
Object.assign(Incoming.prototype, { httpVersionMajor: 1, aborted: false, addListener: Incoming.prototype.on })
