// A connection of HTTP/2 that sends the frames it is given, obeys no limit and acknowledges nothing.

import { once } from 'node:events'
import { connect } from 'node:tls'
import { createFrameReader, preface } from '../http2-frames.mjs'

export class RawSession {
  #socket
  /** All that came: `{ type, flags, stream, payload }`. */
  frames = []

  constructor(socket) {
    this.#socket = socket
    socket.on(
      'data',
      createFrameReader((frame) => this.frames.push(frame)),
    )
    /** Resolves when the connection has ended, from whichever side. */
    this.ended = new Promise((resolve) => socket.once('close', resolve))
  }

  /** @param settings the payload of the first SETTINGS */
  static async open(port, settings) {
    const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false })
    socket.on('error', () => {})
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
    const session = new RawSession(socket)
    await session.write(preface(settings))
    return session
  }

  get isOpen() {
    return !this.#socket.destroyed
  }

  /** Waits until the system has taken it, a moment at most; not at all where the connection has ended. */
  async write(...frames) {
    if (!this.isOpen || this.#socket.write(Buffer.concat(frames))) return
    const patience = AbortSignal.timeout(100)
    await Promise.race([once(this.#socket, 'drain', { signal: patience }).catch(() => {}), this.ended])
  }

  /** How many frames of a type came. */
  count(type) {
    return this.frames.filter((frame) => frame.type === type).length
  }

  stopReading() {
    this.#socket.pause()
  }

  leave() {
    this.#socket.destroy()
  }
}
