// The requests and responses of the transport on a server of node:http, by its options `IncomingMessage` and `ServerResponse`: parser,
// limits, timeouts and order stay those of node:http. Which members it asks of such classes isn't documented.

import { createServer, IncomingMessage } from 'node:http'
import { Clock } from './clock.mjs'
import { Incoming } from './incoming.mjs'
import { Outgoing } from './outgoing.mjs'

const clock = new Clock()
const duties = { checks: true }

/** What stands between the responses of a socket and the socket, once for all of them. */
class Place {
  duties = duties
  /** The responses that wait for their turn. */
  queued = new Set()
  #socket
  #keepAliveFields

  constructor(socket) {
    this.#socket = socket
    const seconds = Math.floor(socket.server.keepAliveTimeout / 1000)
    this.#keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`
  }

  static of(socket) {
    if (socket.lightPlace === undefined) {
      const place = (socket.lightPlace = new Place(socket))
      socket.on('close', () => place.leave())
      socket.on('drain', () => place.current?.emit('drain'))
    }
    return socket.lightPlace
  }

  get socket() {
    return this.#socket
  }

  /** The response whose turn it is; after an upgrade, that may be one of node:http. */
  get current() {
    const response = this.#socket._httpMessage
    return response instanceof LightOutgoing ? response : undefined
  }

  /** The connection is gone. */
  leave() {
    for (const response of [this.current, ...this.queued]) response?.leave()
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

/** Keeps what a response sends before its turn: `node:http` has others go first. */
class QueuedPlace extends Place {
  #place
  #calls = []
  #isOpen = false

  constructor(place) {
    super(place.socket)
    this.#place = place
  }

  get socket() {
    return this.#isOpen ? this.#place.socket : this
  }

  get writableLength() {
    return this.#calls.length
  }

  get destroyed() {
    return this.#place.destroyed
  }

  write(...call) {
    this.#calls.push(call)
    return false
  }

  open() {
    this.#isOpen = true
    for (const call of this.#calls) this.socket.write(...call)
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

  /** Called where the connection is gone, and to end it. */
  destroy() {
    super.destroy()
    this.leave()
    return this
  }

  _dump() {
    this._dumped = true
    this.drop()
  }
}

// What node:http sets, it sets on the request itself; and it asks the stream that there isn't.
Object.defineProperty(LightIncoming.prototype, 'httpVersion', { value: '1.1', writable: true })
LightIncoming.prototype._readableState = { resumeScheduled: false }
// Node.js 24 calls methods by symbols of its own; without them, the first answer ends the process.
for (const symbol of Object.getOwnPropertySymbols(IncomingMessage.prototype)) LightIncoming.prototype[symbol] = () => {}

class LightOutgoing extends Outgoing {
  _last = false
  #whenFinished
  #queued

  constructor(request) {
    const place = Place.of(request.socket)
    const queued = request.socket._httpMessage ? new QueuedPlace(place) : undefined
    super(queued ?? place, request, true)
    this.#queued = queued
    if (queued !== undefined) place.queued.add(this)
  }

  assignSocket(socket) {
    socket._httpMessage = this
    if (this.#queued === undefined) return
    Place.of(socket).queued.delete(this)
    this.#queued.open()
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
    this.#whenFinished()
  }

  /** It is `node:http` that says so, on the next turn. */
  get _closed() {
    return true
  }

  get destroyed() {
    return super.destroyed
  }

  set destroyed(_) {}
}

export function createLightServer(serve) {
  return createServer({ IncomingMessage: LightIncoming, ServerResponse: LightOutgoing }, serve)
}
