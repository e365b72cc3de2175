// One connection: its parser, one request at a time, and what becomes of it between them.

import { STATUS_CODES } from 'node:http'
import { ANSWER, FIRST_HEAD, HANDED_OVER, IDLE, IN_BODY, IN_HEAD, LINGERING } from './phases.mjs'

/** How much of further requests is kept while one is answered, before nothing more is read. */
const MAX_UNREAD = 64 * 1024

export class Connection {
  socket
  duties
  /** Those on the socket. */
  listeners
  onClose
  phase = FIRST_HEAD
  since
  /** When the head of the request in progress began. */
  beganAt
  /** What the client had sent and taken at the last look, and since when nothing has changed. */
  progress = -1
  standsSince = 0
  isHalfClosed = false
  #transport
  #parser
  #unread
  #request
  #response
  #isReading = false
  #isPaused = false
  #bodyBytes = 0
  #served = 0
  #isRefused = false

  constructor(transport, socket) {
    this.#transport = transport
    this.duties = transport.duties
    this.socket = socket
    this.since = this.beganAt = transport.clock.now
    this.#parser = transport.createParser(this)
  }

  receive(chunk) {
    if (this.#isRefused) return
    let bytes = chunk
    if (this.#unread !== undefined) bytes = Buffer.concat([this.#unread, chunk])
    if (this.phase <= IDLE) this.#enter(IN_HEAD)
    this.#readAll(bytes)
    if (this.#unread !== undefined && this.#unread.length > MAX_UNREAD) this.stopReading()
  }

  #readAll(bytes) {
    this.#isReading = true
    let at = 0
    while (at < bytes.length && this.#mayRead) {
      const next = this.#parser.read(bytes, at)
      if (next === at) break
      at = next
    }
    this.#isReading = false
    this.#unread = at === bytes.length ? undefined : at === 0 ? bytes : bytes.subarray(at)
    if (this.phase === HANDED_OVER) this.#handOver()
    else if (this.#unread !== undefined) this.#keepUnread()
  }

  #keepUnread() {
    if (!this.duties.pipelining && this.phase === ANSWER) return this.cut()
    if (this.#transport.readsIntoOneBuffer) this.#unread = Buffer.from(this.#unread)
  }

  /** The next request waits until this one is answered. */
  get #mayRead() {
    return this.phase < ANSWER && !this.socket.destroyed && this.socket.writable
  }

  #enter(phase) {
    this.phase = phase
    const { now } = this.#transport.clock
    this.since = now
    if (phase === IN_HEAD) this.beganAt = now
  }

  onHead(head) {
    this.phase = IN_BODY
    this.#bodyBytes = 0
    const transport = this.#transport
    const { duties } = this
    if (head.isChunked && !duties.chunked) return this.onRefusal(501)
    if (duties.limits && head.length > transport.limits.maxBodyBytes) return this.onRefusal(413)
    const { Incoming, Outgoing } = transport.classes
    const request = new Incoming(this, head)
    const keepsAlive = head.keepsAlive && head.method !== 'CONNECT' && !this.#isLast()
    const response = new Outgoing(this, request, keepsAlive)
    this.#request = request
    this.#response = response
    if (head.awaitsContinue && duties.continue) deferContinue(request, response)
    request.complete = head.length < 1 && !head.isChunked
    if (head.asksForUpgrade && request.complete && duties.upgrade && transport.upgrade !== undefined)
      this.phase = HANDED_OVER
    else transport.serve(request, response)
  }

  #isLast() {
    const { isClosing, limits } = this.#transport
    return isClosing || (this.duties.limits && ++this.#served === limits.maxRequestsPerSocket)
  }

  onBody(chunk) {
    if (this.duties.limits) {
      this.#bodyBytes += chunk.length
      if (this.#bodyBytes > this.#transport.limits.maxBodyBytes) return this.onRefusal(413)
    }
    this.#request.receive(this.#transport.readsIntoOneBuffer ? Buffer.from(chunk) : chunk)
  }

  onEnd(rawTrailers) {
    const request = this.#request
    if (this.#isRefused || request === undefined || this.phase === HANDED_OVER) return
    this.#enter(ANSWER)
    request.finish(rawTrailers)
    this.#proceed()
  }

  /** A request that can't be read, or doesn't come in time. Requests before it are answered: one is read at a time. */
  onRefusal(status) {
    this.#isRefused = true
    const response = this.#response
    this.#enter(LINGERING)
    if (response?.headersSent && !response.writableEnded) return this.cut()
    const text = STATUS_CODES[status]
    this.socket.end(
      `HTTP/1.1 ${status} ${text}\r\nDate: ${this.#transport.clock.date}\r\nConnection: close\r\n` +
        `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      'latin1',
    )
    this.#leave()
  }

  /** What goes between the fields of a response and its body. */
  endOfHead(response, head) {
    if (this.#transport.isClosing) response.shouldKeepAlive = false
    if (!this.duties.fields) return '\r\n'
    const date = head.hasDate || !response.sendDate ? '' : `Date: ${this.#transport.clock.date}\r\n`
    if (head.hasConnection) return `${date}\r\n`
    return date + (response.shouldKeepAlive ? this.#transport.keepAliveFields : 'Connection: close\r\n\r\n')
  }

  /** The whole response was written. */
  answered(response) {
    if (response !== this.#response) return
    if (this.socket.writableLength === 0) this.finishResponse(response)
    else this.socket.write('', () => this.finishResponse(response))
  }

  /** It has gone out. */
  finishResponse(response) {
    if (response !== this.#response || this.socket.destroyed) return
    response.settle()
    this.#request.drop()
    this.#proceed()
  }

  /** Goes on where both the request and its response are over. */
  #proceed() {
    const response = this.#response
    if (this.phase !== ANSWER || response === undefined || !response.writableFinished) return
    this.#request = this.#response = undefined
    const isLast = this.#unread === undefined && (this.isHalfClosed || this.#transport.isClosing) && !this.#isReading
    if (!response.shouldKeepAlive || isLast) return this.#end()
    this.#enter(IDLE)
    this.readOn()
    if (this.#unread === undefined || this.#isReading) return
    this.#enter(IN_HEAD)
    // Not deeper and deeper into the stack with each request of a pipeline.
    setImmediate(readNext, this)
  }

  readUnread() {
    const bytes = this.#unread
    if (bytes === undefined || this.#isReading || this.phase >= ANSWER) return
    this.#unread = undefined
    this.#readAll(bytes)
    if (this.isHalfClosed) this.halfClose()
  }

  #end() {
    this.#enter(LINGERING)
    this.socket.end()
    this.#isRefused = true
    // What comes and is never read would make the system reset the connection before the client has the answer.
    this.readOn()
  }

  /** For another protocol. */
  #handOver() {
    const head = this.#unread ?? Buffer.alloc(0)
    this.#unread = undefined
    this.#parser.free?.()
    this.#transport.letGo(this)
    this.#transport.upgrade(this.#request, this.socket, head)
  }

  drain() {
    this.#response?.emit('drain')
  }

  stopReading() {
    if (this.#isPaused) return
    this.#isPaused = true
    this.socket.pause()
  }

  readOn() {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.socket.resume()
  }

  /** The client has closed its side. */
  halfClose() {
    this.isHalfClosed = true
    if (this.phase >= ANSWER) return
    if (this.phase === IN_BODY) return this.cut()
    if (this.phase === IN_HEAD) return this.onRefusal(400)
    this.socket.end()
  }

  cut() {
    this.socket.destroy()
  }

  /** The connection is gone. */
  close() {
    this.#parser.free?.()
    this.#leave()
  }

  #leave() {
    const request = this.#request
    const response = this.#response
    this.#request = this.#response = undefined
    request?.leave()
    response?.leave()
  }

  get keepAliveTimeout() {
    return this.#transport.limits.keepAliveTimeout
  }

  // Where the response is taken for one with a socket.
  cork() {}
  uncork() {}

  get destroyed() {
    return this.socket.destroyed
  }

  get errored() {
    return this.socket.errored
  }
}

function readNext(connection) {
  connection.readUnread()
}

/** Sends 100 when the body is first asked for. */
function deferContinue(request, response) {
  request._read = () => {
    delete request._read
    if (!response.headersSent) response.writeContinue()
  }
}
