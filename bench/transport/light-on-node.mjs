// The requests and responses of the transport on a server of node:http, by its options `IncomingMessage` and `ServerResponse`: parser,
// limits, timeouts and order stay those of node:http. Which members it asks of such classes isn't documented.

import { createServer } from 'node:http'
import { Clock } from './clock.mjs'
import { Incoming } from './incoming.mjs'
import { Outgoing } from './outgoing.mjs'

const clock = new Clock()
const duties = { checks: true }

/** What stands between the responses of a socket and the socket, once for all of them. */
class Place {
  duties = duties
  #keepAliveFields

  constructor(socket) {
    this.socket = socket
    const seconds = Math.floor(socket.server.keepAliveTimeout / 1000)
    this.#keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`
    socket.on('close', () => socket._httpMessage?.leave())
  }

  static of(socket) {
    return (socket.lightPlace ??= new Place(socket))
  }

  endOfHead(response, head) {
    const date = head.hasDate || !response.sendDate ? '' : `Date: ${clock.date}\r\n`
    if (!response.shouldKeepAlive) response._last = true
    if (head.hasConnection) return `${date}\r\n`
    return date + (response.shouldKeepAlive ? this.#keepAliveFields : 'Connection: close\r\n\r\n')
  }

  answered(response) {
    if (this.socket.writableLength === 0) response.settle()
    else this.socket.write('', () => response.settle())
  }

  stopReading() {
    this.socket.pause()
  }

  readOn() {
    if (this.socket.isPaused()) this.socket.resume()
  }

  cut() {
    this.socket.destroy()
  }

  cork() {}
  uncork() {}

  get destroyed() {
    return this.socket.destroyed
  }

  get errored() {
    return this.socket.errored
  }
}

class LightIncoming extends Incoming {
  _consuming = false
  _dumped = false

  constructor(socket) {
    super(Place.of(socket), { method: '', target: '', minor: 1, rawHeaders: undefined })
  }

  _addHeaderLines(lines) {
    if (this.complete) this.rawTrailers = lines
    else this.rawHeaders = lines
  }

  push(chunk) {
    if (chunk === null) this.finish(this.rawTrailers)
    else this.receive(chunk)
    return true
  }

  _dump() {
    this._dumped = true
    this.drop()
  }
}

// What node:http sets, it sets on the request itself; and it asks the stream that there isn't.
Object.defineProperty(LightIncoming.prototype, 'httpVersion', { value: '1.1', writable: true })
LightIncoming.prototype._readableState = { resumeScheduled: false }

class LightOutgoing extends Outgoing {
  _last = false
  #whenFinished

  constructor(request) {
    super(Place.of(request.socket), request, true)
  }

  /** For one that must wait for its turn, the measured requests don't: no pipelines here. */
  assignSocket(socket) {
    socket._httpMessage = this
  }

  detachSocket(socket) {
    socket._httpMessage = null
  }

  on(event, listener) {
    if (event !== 'finish' || this.#whenFinished !== undefined) return super.on(event, listener)
    this.#whenFinished = listener
    return this
  }

  settle() {
    super.settle()
    this._closed = this.closed
    this.#whenFinished()
  }

  get destroyed() {
    return super.destroyed
  }

  set destroyed(_) {}
}

export function createLightServer(serve) {
  return createServer({ IncomingMessage: LightIncoming, ServerResponse: LightOutgoing }, serve)
}
