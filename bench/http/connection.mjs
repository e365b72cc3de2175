// One keep-alive connection of the load: a request, its whole answer, the next request; no pipelining.

import { once } from 'node:events'
import { connect } from 'node:net'

const contentLengthField = /\r\ncontent-length: *(\d+)/i

/** Resolves, once it is open, to a connection to `port` of this machine. */
export async function openConnection(port) {
  const connection = new Connection(port)
  await connection.opened
  return connection
}

class Connection {
  #socket
  #received = ''

  /** Called with the status of each answer when it has come whole. */
  onAnswer = (_status) => {}

  /** Called when the connection breaks, also on an answer that isn't understood. */
  onError = (_error) => {}

  constructor(port) {
    // A read buffer of our own spares the streams machinery, a good part of the cost of an answer.
    const onread = {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback: (size, buffer) => this.#receive(buffer.latin1Slice(0, size)),
    }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.opened = once(this.#socket, 'connect')
    this.#socket.on('error', (error) => this.onError(error))
    this.#socket.on('end', () => this.onError(new Error('the server closed the connection')))
  }

  send(request) {
    this.#socket.write(request, 'latin1')
  }

  close() {
    this.#socket.destroy()
  }

  #receive(text) {
    this.#received = this.#received === '' ? text : this.#received + text
    const headLength = this.#received.indexOf('\r\n\r\n') + 4
    if (headLength === 3) return
    const field = contentLengthField.exec(this.#received)
    if (!field || field.index > headLength) return this.onError(new Error('an answer without content-length'))
    if (this.#received.length < headLength + Number(field[1])) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.onAnswer(status)
  }
}
