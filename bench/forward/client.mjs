// A connection of the load that stays open.

import { once } from 'node:events'
import { connect } from 'node:net'

class Client {
  #socket
  /** Called with what comes. */
  onData = (_data) => {}
  /** Called when the connection breaks, or is closed by the other side. */
  onError = (_error) => {}

  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.opened = once(this.#socket, 'connect')
    this.#socket.on('data', (data) => this.onData(data))
    this.#socket.on('error', (error) => this.onError(error))
    this.#socket.on('end', () => this.onError(new Error('the connection was closed')))
  }

  write(data) {
    this.#socket.write(data)
  }

  pause() {
    this.#socket.pause()
  }

  resume() {
    this.#socket.resume()
  }

  close() {
    this.#socket.destroy()
  }
}

export async function openPlain(port) {
  const client = new Client(port)
  await client.opened
  return client
}

/**
 * Sends a head, and resolves once that of the answer has come.
 *
 * @param receive called with all that comes behind it
 */
export async function openClient(port, head, status, receive = () => {}) {
  const client = await openPlain(port)
  client.write(head)
  await new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    client.onError = reject
    client.onData = (data) => {
      received = Buffer.concat([received, data])
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const answer = received.latin1Slice(0, end)
      if (!answer.startsWith(`HTTP/1.1 ${status} `)) reject(new Error(answer))
      client.onData = receive
      receive(received.subarray(end + 4))
      resolve()
    }
  })
  return client
}
