// The parser of node:http as WebAssembly, as undici ships it, behind the interface of `RequestParser`.

import { createRequire } from 'node:module'
import { Head, interpretFields } from './head.mjs'

const require = createRequire(import.meta.url)
const REQUEST = 1
const PAUSED = 21

/** The parser whose bytes are read. */
let current

const env = {
  wasm_on_message_begin: () => 0,
  wasm_on_url: (_, at, length) => current.onTarget(at, length),
  wasm_on_status: () => 0,
  wasm_on_header_field: (_, at, length) => current.onName(at, length),
  wasm_on_header_value: (_, at, length) => current.onValue(at, length),
  wasm_on_headers_complete: (_, _status, upgrade, keepsAlive) => current.onHeaders(upgrade, keepsAlive),
  wasm_on_body: (_, at, length) => current.onBody(at, length),
  wasm_on_message_complete: () => PAUSED,
}

const { exports: wasm } = new WebAssembly.Instance(
  new WebAssembly.Module(require('undici/lib/llhttp/llhttp_simd-wasm.js')),
  { env },
)
const { METHODS } = require('undici/lib/llhttp/constants.js')
const methodNames = Object.fromEntries(Object.entries(METHODS).map(([name, code]) => [code, name]))

/** What all parsers read from: one is at work at a time. */
const CAPACITY = 64 * 1024
const input = wasm.malloc(CAPACITY)
let memory = new Uint8Array(wasm.memory.buffer, input, CAPACITY)

export class LlhttpParser {
  #sink
  #limits
  #pointer = wasm.llhttp_alloc(REQUEST)
  #bytes
  /** Where in the bytes the copy in the memory of WebAssembly begins. */
  #origin = 0
  #text = ''
  #target = ''
  #raw = []
  #isValue = false
  #isSpent = false
  /** Of target, names and values so far, as node:http counts them. */
  #headBytes = 0
  #isTooLong = false
  #head
  #isInBody = false
  #body = []

  constructor(sink, limits) {
    this.#sink = sink
    this.#limits = limits
  }

  get isInBody() {
    return this.#isInBody
  }

  free() {
    wasm.llhttp_free(this.#pointer)
  }

  read(bytes, at) {
    const end = Math.min(bytes.length, at + CAPACITY)
    if (memory.length === 0) memory = new Uint8Array(wasm.memory.buffer, input, CAPACITY)
    memory.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    this.#bytes = bytes
    this.#origin = at - input
    this.#text = this.#isInBody ? '' : bytes.latin1Slice(at, Math.min(end, at + this.#limits.maxHeadBytes))
    current = this
    const code = wasm.llhttp_execute(this.#pointer, input, end - at)
    current = undefined
    const isOver = code === PAUSED
    const stop = isOver ? wasm.llhttp_get_error_pos(this.#pointer) + this.#origin : end
    if (isOver) this.#resume()
    this.#tell(isOver, code)
    this.#bytes = undefined
    return code === 0 || isOver ? stop : bytes.length
  }

  #resume() {
    if (!this.#isSpent) return wasm.llhttp_resume(this.#pointer)
    this.#isSpent = false
    this.free()
    this.#pointer = wasm.llhttp_alloc(REQUEST)
  }

  #tell(isOver, code) {
    if (this.#head !== undefined) {
      const head = this.#head
      this.#head = undefined
      this.#isInBody = true
      const refusal = head.rawHeaders.length > 2 * this.#limits.maxFields ? 431 : interpretFields(head)
      if (refusal !== 0) return this.#sink.onRefusal(refusal)
      this.#sink.onHead(head)
    }
    for (const chunk of this.#body) this.#sink.onBody(chunk)
    this.#body.length = 0
    if (code !== 0 && !isOver) return this.#sink.onRefusal(this.#isTooLong ? 431 : 400)
    if (!isOver) return
    this.#headBytes = 0
    const trailers = this.#raw
    this.#raw = []
    this.#isInBody = false
    this.#sink.onEnd(trailers)
  }

  onTarget(at, length) {
    this.#target += this.#textAt(at, length)
    return this.#count(length)
  }

  onName(at, length) {
    if (this.#isValue || this.#raw.length === 0) this.#raw.push('')
    this.#isValue = false
    this.#raw[this.#raw.length - 1] += this.#textAt(at, length)
    return this.#count(length)
  }

  onValue(at, length) {
    if (!this.#isValue) this.#raw.push('')
    this.#isValue = true
    this.#raw[this.#raw.length - 1] += this.#textAt(at, length)
    return this.#count(length)
  }

  onHeaders(upgrade, keepsAlive) {
    const head = new Head()
    head.method = methodNames[wasm.llhttp_get_method(this.#pointer)]
    head.target = this.#target
    head.minor = wasm.llhttp_get_http_minor(this.#pointer)
    head.rawHeaders = this.#raw
    for (let i = 1; i < head.rawHeaders.length; i += 2) head.rawHeaders[i] = head.rawHeaders[i].trimEnd()
    head.keepsAlive = keepsAlive === 1
    this.#head = head
    this.#target = ''
    this.#raw = []
    this.#isValue = false
    // It reads nothing more after a request for another protocol, taken or not: undici exports no way on.
    this.#isSpent = upgrade === 1
    return 0
  }

  onBody(at, length) {
    const start = at + this.#origin
    this.#body.push(this.#bytes.subarray(start, start + length))
    return 0
  }

  /** Anything but 0 ends the reading. */
  #count(length) {
    this.#headBytes += length
    this.#isTooLong = this.#headBytes > this.#limits.maxHeadBytes
    return this.#isTooLong ? -1 : 0
  }

  #textAt(at, length) {
    const start = at - input
    if (start + length <= this.#text.length) return this.#text.slice(start, start + length)
    return this.#bytes.latin1Slice(at + this.#origin, at + this.#origin + length)
  }
}
