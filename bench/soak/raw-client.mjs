// A connection that is written to byte by byte, and what comes back on it.

import { once } from 'node:events'
import { connect } from 'node:net'

export class RawClient {
  #socket
  #received = Buffer.alloc(0)

  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk) => (this.#received = Buffer.concat([this.#received, chunk])))
    /** Resolves when the connection has ended, from whichever side. */
    this.ended = new Promise((resolve) => this.#socket.once('close', resolve))
  }

  /** Waits until the system has taken it; not at all where the connection has ended. */
  async write(data) {
    if (this.#socket.destroyed || this.#socket.write(data)) return
    await Promise.race([once(this.#socket, 'drain').catch(() => {}), this.ended])
  }

  stopReading() {
    this.#socket.pause()
  }

  leave() {
    this.#socket.destroy()
  }

  /** Whether the last answer ends the connection: what was to follow it wasn't processed (RFC 9112, section 9.6). */
  get isToldToClose() {
    const text = this.#received.toString('latin1')
    return /\r\nconnection: close\r\n/i.test(text.slice(text.lastIndexOf('HTTP/1.1 ')))
  }

  /** The answers that came whole, in their order: `{ status, body }`. */
  get answers() {
    const answers = []
    let rest = this.#received
    for (;;) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return answers
      const head = rest.toString('latin1', 0, end)
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? NaN)
      // Only streams have none, and nobody asks for one of these here.
      if (Number.isNaN(length) || rest.length < end + 4 + length) return answers
      answers.push({ status: Number(head.slice(9, 12)), body: rest.toString('utf8', end + 4, end + 4 + length) })
      rest = rest.subarray(end + 4 + length)
    }
  }

  /** Waits for so many answers, or the end of the connection. */
  async read(count) {
    while (this.answers.length < count && !this.#socket.destroyed)
      await Promise.race([once(this.#socket, 'data').catch(() => {}), this.ended])
    return this.answers
  }
}
