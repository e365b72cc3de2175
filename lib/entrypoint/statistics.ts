import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CountedConnection, type Tally } from './counted-connection.ts'
import { sweepRegularly } from './sweep.ts'

/** What an entry point has done. No figure goes down but those that begin with `current`. */
export interface Stats {
  /** Connections accepted, with those refused by `maxConnections`. */
  readonly totalConns: number
  readonly currentConns: number
  /**
   * Requests answered 5xx or cut short by the server, requests that can't be read, and TLS handshakes that failed. Clients
   * that leave don't count.
   */
  readonly totalErrs: number
  /** Of the connections, under TLS. */
  readonly inputBytes: number
  readonly outputBytes: number
  readonly totalRequests: number
  /** Requests that aren't answered yet. */
  readonly currentRequests: number
}

/** Over TLS, the socket that was accepted lies beneath the one that requests are read from. */
interface Inner {
  readonly _parent?: Socket | null
}

/** Counts what an entry point does at the sockets that it accepts, for as long as its server lives. */
export class Statistics {
  readonly #connections = new Map<unknown, CountedConnection>()
  readonly #tally: Tally = { requests: 0, errors: 0 }
  #totalConns = 0
  /** Of connections that have ended. */
  #bytesRead = 0
  #bytesWritten = 0

  /** Counts the connections of a server, and what doesn't reach its listeners. */
  watch(server: Server): void {
    server.on('connection', (socket) => this.#accept(socket))
    server.on('drop', () => this.#totalConns++)
    server.on('dropRequest', () => {
      this.#tally.requests++
      // node:http answers 503.
      this.#tally.errors++
    })
    server.on('tlsClientError', (_error: Error, socket: Socket & Inner) => {
      // A client that connects and leaves, to see whether the port is open, has begun no handshake.
      if (socket._parent?.bytesRead !== 0) this.#tally.errors++
    })
    // The responses of idle connections aren't to be kept until their next request.
    sweepRegularly(server, () => {
      for (const connection of this.#connections.values()) connection.settle()
    })
  }

  /** The connection that a socket belongs to; `undefined` for one that was accepted before there were statistics. */
  connectionOf(socket: Duplex): CountedConnection | undefined {
    const connection = this.#connections.get((socket as Inner)._parent ?? socket)
    connection?.serveThrough(socket as Socket)
    return connection
  }

  /** Counts a request. Those of HTTP/2 are counted by their session. */
  arrived(raw: IncomingMessage, response: ServerResponse): void {
    if (!('stream' in raw)) this.connectionOf(raw.socket)?.add(response)
  }

  /** Returns a copy of what there is by now. */
  read(): Stats {
    let inputBytes = this.#bytesRead
    let outputBytes = this.#bytesWritten
    let currentRequests = 0
    for (const connection of this.#connections.values()) {
      inputBytes += connection.bytesRead
      outputBytes += connection.bytesWritten
      currentRequests += connection.currentRequests
    }
    const { requests: totalRequests, errors: totalErrs } = this.#tally
    const totalConns = this.#totalConns
    const currentConns = this.#connections.size
    return { totalConns, currentConns, totalErrs, inputBytes, outputBytes, totalRequests, currentRequests }
  }

  #accept(socket: Socket): void {
    // A connection that was given back to the server after a refused upgrade comes in once more.
    if (this.#connections.has(socket)) return
    this.#totalConns++
    const connection = new CountedConnection(socket, this.#tally)
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      this.#bytesRead += connection.bytesRead
      this.#bytesWritten += connection.bytesWritten
    })
  }
}
