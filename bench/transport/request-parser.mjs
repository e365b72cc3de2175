// A parser of requests in JavaScript: heads, and bodies by length or in chunks.

import { CR, hexValue, isValue, LF } from './grammar.mjs'
import { readHead, readLines } from './head.mjs'

/** What comes next. */
const HEAD = 0
const LENGTH = 1
const SIZE = 2
const CHUNK = 3
const CHUNK_END = 4
const TRAILERS = 5

/** Hexadecimal digits of a size: more than 4 GiB in one chunk is no size. */
const MAX_DIGITS = 8

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const extensions =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/

/** They would change what the body is, or where it goes. */
const noTrailer = new Set(['content-length', 'transfer-encoding', 'host'])

/** What no head may have, in whatever is there of one. */
const hopeless = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|(?:^|[^\r])\n|\r[^\n]/

/**
 * Tells a sink what it reads: `onHead(head)`, `onBody(bytes)`, `onEnd(rawTrailers)` and `onRefusal(status)`.
 *
 * `read` takes one step and returns where the next begins: the same offset where more bytes are needed. It keeps no bytes.
 */
export class RequestParser {
  #sink
  #limits
  #state = HEAD
  /** What is left of the body or the chunk, in bytes. */
  #left = 0
  /** Bytes of chunk extensions so far. */
  #extensions = 0

  /** @param limits `maxHeadBytes`, `maxFields` and `maxExtensionBytes` */
  constructor(sink, limits) {
    this.#sink = sink
    this.#limits = limits
  }

  /** Whether a request has begun that isn't complete. */
  get isInBody() {
    return this.#state !== HEAD
  }

  read(bytes, at) {
    switch (this.#state) {
      case HEAD:
        return this.#readHead(bytes, at)
      case LENGTH:
      case CHUNK:
        return this.#readBody(bytes, at)
      case SIZE:
        return this.#readSize(bytes, at)
      case CHUNK_END:
        return this.#readChunkEnd(bytes, at)
      default:
        return this.#readTrailers(bytes, at)
    }
  }

  #readHead(bytes, at) {
    // One empty line before a request is ignored (RFC 9112, section 2.2).
    const start = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at
    const end = bytes.indexOf(END_OF_HEAD, start)
    if (end === -1) return this.#readPartOfHead(bytes, at, start)
    if (end - start > this.#limits.maxHeadBytes) return this.#refuse(431, bytes)
    const head = readHead(bytes, start, end + 2, this.#limits.maxFields)
    if (typeof head === 'number') return this.#refuse(head, bytes)
    this.#left = head.length
    this.#state = head.isChunked ? SIZE : head.length > 0 ? LENGTH : HEAD
    this.#extensions = 0
    this.#sink.onHead(head)
    if (this.#state === HEAD) this.#sink.onEnd(noTrailers)
    return end + 4
  }

  #readPartOfHead(bytes, at, start) {
    if (bytes.length - start > this.#limits.maxHeadBytes) return this.#refuse(431, bytes)
    if (hopeless.test(bytes.latin1Slice(start))) return this.#refuse(400, bytes)
    return at
  }

  #readBody(bytes, at) {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    const isChunk = this.#state === CHUNK
    if (this.#left === 0) this.#state = isChunk ? CHUNK_END : HEAD
    this.#sink.onBody(bytes.subarray(at, end))
    if (this.#left === 0 && !isChunk) this.#sink.onEnd(noTrailers)
    return end
  }

  /** A size, extensions that nothing reads, and the end of the line (RFC 9112, section 7.1). */
  #readSize(bytes, start) {
    let at = start
    let size = 0
    for (; hexValue[bytes[at]] !== 255 && at < bytes.length; at++) size = size * 16 + hexValue[bytes[at]]
    if (at - start > MAX_DIGITS) return this.#refuse(400, bytes)
    if (at === bytes.length) return start
    if (at === start) return this.#refuse(400, bytes)
    const digitsEnd = at
    if (bytes[at] === 59) while (isValue[bytes[at]] === 1) at++
    if (at - digitsEnd + this.#extensions > this.#limits.maxExtensionBytes) return this.#refuse(413, bytes)
    if (at < bytes.length && bytes[at] !== CR) return this.#refuse(400, bytes)
    if (at + 1 >= bytes.length) return start
    if (bytes[at + 1] !== LF) return this.#refuse(400, bytes)
    if (at > digitsEnd && !extensions.test(bytes.latin1Slice(digitsEnd, at))) return this.#refuse(400, bytes)
    this.#extensions += at - digitsEnd
    this.#left = size
    this.#state = size === 0 ? TRAILERS : CHUNK
    return at + 2
  }

  #readChunkEnd(bytes, at) {
    if (bytes[at] !== CR || (at + 1 < bytes.length && bytes[at + 1] !== LF)) return this.#refuse(400, bytes)
    if (at + 1 === bytes.length) return at
    this.#state = SIZE
    return at + 2
  }

  #readTrailers(bytes, at) {
    if (bytes[at] === CR && at + 1 < bytes.length) {
      if (bytes[at + 1] !== LF) return this.#refuse(400, bytes)
      this.#state = HEAD
      this.#sink.onEnd(noTrailers)
      return at + 2
    }
    const end = bytes.indexOf(END_OF_HEAD, at)
    if (end === -1) return this.#readPartOfHead(bytes, at, at)
    const { maxHeadBytes, maxFields } = this.#limits
    if (end - at > maxHeadBytes) return this.#refuse(431, bytes)
    const rawTrailers = []
    const wrong = readLines(rawTrailers, bytes, at, end + 2, maxFields, bytes.latin1Slice(at, end), at)
    if (wrong !== 0) return this.#refuse(wrong, bytes)
    for (let i = 0; i < rawTrailers.length; i += 2)
      if (noTrailer.has(rawTrailers[i].toLowerCase())) return this.#refuse(400, bytes)
    this.#state = HEAD
    this.#sink.onEnd(rawTrailers)
    return end + 4
  }

  /** Nothing after it is read. */
  #refuse(status, bytes) {
    this.#sink.onRefusal(status)
    return bytes.length
  }
}

const noTrailers = Object.freeze([])
