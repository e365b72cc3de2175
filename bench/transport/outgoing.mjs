// A response as handlers see it: the members of ServerResponse that tribind uses. Head and body go out in one write.

import { EventEmitter } from 'node:events'
import { STATUS_CODES } from 'node:http'
import { createHead } from './outgoing-head.mjs'

const noBody = new Set([204, 304])

export class Outgoing {
  statusCode = 200
  statusMessage = undefined
  headersSent = false
  writableEnded = false
  writableFinished = false
  closed = false
  sendDate = true
  strictContentLength = false
  #connection
  /** What was set field by field, by names in lower case. */
  #fields
  /** The head that waits for the first bytes of the body. */
  #head
  #isChunked = false
  /** What was announced and is still to come, in bytes. */
  #left = Infinity

  constructor(connection, request, keepsAlive) {
    this.#connection = connection
    this.req = request
    this.shouldKeepAlive = keepsAlive
  }

  /** The connection stands in for the socket: what is corked there would go out in another way. */
  get socket() {
    return this.#connection
  }

  get destroyed() {
    return !this.writableFinished && (this.closed || this.#connection.socket.destroyed)
  }

  get writableLength() {
    return this.#connection.socket.writableLength
  }

  get writableNeedDrain() {
    return this.#connection.socket.writableNeedDrain
  }

  setHeader(name, value) {
    if (this.headersSent) throw new Error(`Cannot set "${name}" after the head was sent`)
    ;(this.#fields ??= new Map()).set(name.toLowerCase(), [name, value])
    return this
  }

  getHeader(name) {
    return this.#fields?.get(name.toLowerCase())?.[1]
  }

  getHeaderNames() {
    return this.#fields === undefined ? [] : [...this.#fields.keys()]
  }

  getRawHeaderNames() {
    return this.#fields === undefined ? [] : [...this.#fields.values()].map(([name]) => name)
  }

  hasHeader(name) {
    return this.#fields?.has(name.toLowerCase()) === true
  }

  removeHeader(name) {
    this.#fields?.delete(name.toLowerCase())
  }

  writeHead(status, reason, fields = typeof reason === 'string' ? undefined : reason) {
    if (this.headersSent) throw new Error('The head was sent before')
    this.statusCode = status
    const text = typeof reason === 'string' ? reason : (this.statusMessage ?? STATUS_CODES[status] ?? '')
    this.#head = createHead(status, text, fields, this.#fields, this.#connection.duties.checks)
    this.headersSent = true
    return this
  }

  writeContinue() {
    if (!this.destroyed) this.#connection.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
  }

  flushHeaders() {
    if (!this.headersSent) this.writeHead(this.statusCode)
    if (this.#head !== undefined && !this.destroyed) this.#connection.socket.write(this.#takeHead(undefined), 'latin1')
  }

  write(chunk, encoding, callback) {
    if (!this.headersSent) this.writeHead(this.statusCode)
    const done = typeof encoding === 'function' ? encoding : callback
    const hasRoom = this.destroyed ? false : this.#send(chunk, encoding, false)
    if (done !== undefined) process.nextTick(done)
    return hasRoom
  }

  end(chunk, encoding, callback) {
    if (this.writableEnded || this.destroyed) return this
    if (typeof chunk === 'function') callback = chunk
    const body = chunk === undefined || chunk === null || typeof chunk === 'function' ? '' : chunk
    if (!this.headersSent) this.writeHead(this.statusCode)
    if (this.#head !== undefined || body.length > 0) this.#send(body, encoding, true)
    if (this.#isChunked && this.#hasBody) this.#connection.socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1')
    if (this.#left > 0 && this.#left !== Infinity && this.#hasBody) this.#connection.cut()
    if (typeof callback === 'function') this.once('finish', callback)
    this.writableEnded = true
    this.#connection.answered(this)
    return this
  }

  #trailers = ''

  addTrailers(fields) {
    for (const [name, value] of Array.isArray(fields) ? fields : Object.entries(fields))
      this.#trailers += `${name}: ${value}\r\n`
  }

  destroy() {
    this.#connection.cut()
    return this
  }

  /** All of it has gone out. */
  settle() {
    this.writableFinished = true
    if (this._eventsCount > 0) process.nextTick(tellEnd, this)
    else this.closed = true
  }

  /** The connection is gone, or goes to something else. */
  leave() {
    if (this.closed) return
    this.closed = true
    this.emit('close')
  }

  get #hasBody() {
    return this.req.method !== 'HEAD' && !noBody.has(this.statusCode)
  }

  #send(chunk, encoding, isWhole) {
    const { socket } = this.#connection
    const isText = typeof chunk === 'string'
    const isLatin1 = isText && encoding === 'latin1'
    const length = !isText ? chunk.byteLength : isLatin1 ? chunk.length : Buffer.byteLength(chunk)
    // Text of as many bytes as characters is ASCII.
    const text = isText && length === chunk.length ? chunk : undefined
    const head = this.#head === undefined ? '' : this.#takeHead(isWhole ? length : undefined)
    if (!this.#hasBody || length === 0) return head === '' || socket.write(head, 'latin1')
    this.#count(length)
    const [before, after] = this.#isChunked ? [`${head}${length.toString(16)}\r\n`, '\r\n'] : [head, '']
    if (text !== undefined) return socket.write(before + text + after, 'latin1')
    socket.cork()
    if (before !== '') socket.write(before, 'latin1')
    const hasRoom = isText ? socket.write(chunk, 'utf8') : socket.write(chunk)
    if (after !== '') socket.write(after, 'latin1')
    socket.uncork()
    return hasRoom
  }

  /** Bytes beyond what was announced would be read as the next response. */
  #count(length) {
    this.#left -= length
    if (this.#left >= 0) return
    this.#connection.cut()
    throw Object.assign(new Error('The body is longer than its Content-Length'), {
      code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
    })
  }

  /** @param length of a body that is there as a whole, in bytes */
  #takeHead(length) {
    const head = this.#head
    this.#head = undefined
    let framing = ''
    if (head.length !== -1) this.#left = head.length
    else if (!head.hasCoding && !noBody.has(this.statusCode)) {
      if (length !== undefined) framing = `Content-Length: ${length}\r\n`
      else if (this.req.httpVersionMinor === 1) framing = 'Transfer-Encoding: chunked\r\n'
      else this.shouldKeepAlive = false
    }
    this.#isChunked = head.length === -1 && length === undefined && this.req.httpVersionMinor === 1 && this.#hasBody
    if (head.closes) this.shouldKeepAlive = false
    const connection = this.#connection.endOfHead(this, head)
    return head.text + framing + connection
  }
}

Object.setPrototypeOf(Outgoing.prototype, EventEmitter.prototype)

function tellEnd(response) {
  response.emit('finish')
  response.leave()
}
