import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CountedConnection, type Tally } from './counted-connection.ts'

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

/** Of an entry point that has done nothing. */
export const noStats: Stats = {
  totalConns: 0,
  currentConns: 0,
  totalErrs: 0,
  inputBytes: 0,
  outputBytes: 0,
  totalRequests: 0,
  currentRequests: 0,
}

/** Over TLS, the socket that was accepted lies beneath the one that requests are read from. */
interface Inner {
  readonly _parent?: Socket | null
}

/** Counts what an entry point does at the sockets that it accepts, for as long as its server lives. */
export class Statistics {
  readonly #connections = new Set<CountedConnection>()
  readonly #tally: Tally = { requests: 0, errors: 0 }
  #totalConns = 0
  /** Of connections that have ended. */
  #bytesRead = 0
  #bytesWritten = 0

  /** Counts the connections of a server, and what doesn't reach its listeners. */
  watch(server: Server): void {
    server.on('connection', (socket) => this.#accept(socket))
    server.on('drop', () => this.#totalConns++)
    server.on('dropRequest', () => this.#tally.requests++)
    if (server.listenerCount('secureConnection') > 0) this.#watchTls(server)
  }

  #watchTls(server: Server): void {
    server.on('secureConnection', (socket: Socket) => CountedConnection.of(socket)?.serveThrough(socket))
    server.on('tlsClientError', (_error: Error, socket: Socket & Inner) => {
      // A client that connects and leaves, to see whether the port is open, has begun no handshake.
      if (socket._parent?.bytesRead !== 0) this.#tally.errors++
    })
  }

  /** Returns the connection that a socket belongs to; `undefined` for one that was accepted before there were statistics. */
  connectionOf(socket: Socket): CountedConnection | undefined {
    return CountedConnection.of(socket)
  }

  /** A request has come in. */
  arrived(raw: IncomingMessage, response: ServerResponse): void {
    // Those of HTTP/2 are counted by their session.
    if ('stream' in raw) return
    this.#tally.requests++
    if (response.socket === null) CountedConnection.of(raw.socket)?.enqueue(response)
  }

  /** A request has come in whose connection `node:http` hands over, or doesn't read. */
  arrivedForUpgrade(): void {
    this.#tally.requests++
  }

  /** A connection has failed whose requests `node:http` doesn't read. */
  failed(): void {
    this.#tally.errors++
  }

  /** Returns a copy of what there is by now. */
  read(): Stats {
    let inputBytes = this.#bytesRead
    let outputBytes = this.#bytesWritten
    let currentRequests = 0
    for (const connection of this.#connections) {
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
    if (CountedConnection.of(socket) !== undefined) return
    this.#totalConns++
    this.#connections.add(new CountedConnection(socket, this.#tally, (connection) => this.#forget(connection)))
  }

  #forget(connection: CountedConnection): void {
    this.#connections.delete(connection)
    this.#bytesRead += connection.bytesRead
    this.#bytesWritten += connection.bytesWritten
  }
}
