// HTTP/1.1 over node:net. What a server must do beyond reading requests and writing responses can be switched off, one by one.

import { createServer } from 'node:net'
import { Clock } from './clock.mjs'
import { Connection } from './connection.mjs'
import { expire } from './expiry.mjs'
import { Incoming } from './incoming.mjs'
import { NodeIncoming, NodeOutgoing } from './nodes-classes.mjs'
import { Outgoing } from './outgoing.mjs'
import { FIRST_HEAD, IDLE } from './phases.mjs'
import { RequestParser } from './request-parser.mjs'
import { readIntoOneBuffer } from './one-buffer.mjs'

/** What each switch is for; all are on by default. */
export const duties = {
  limits: 'the size of bodies, the number of requests of a connection',
  timeouts: 'for a head, a request, the next request, and silence',
  pipelining: 'requests that come while another is answered wait for it',
  chunked: 'bodies in chunks, and trailers',
  continue: '100 when a body that is announced is asked for',
  upgrade: 'connections that are handed over',
  halfOpen: 'answers to clients that have closed their side',
  stop: 'connections that end with their responses when the server stops',
  fields: 'Date, Connection and Keep-Alive',
  checks: 'of the names and values that go out',
}

/** As tribind has them (docs/limits.md); times in milliseconds. */
const defaultLimits = {
  maxHeadBytes: 16 * 1024,
  maxFields: 1000,
  maxExtensionBytes: 16 * 1024,
  maxBodyBytes: 64 * 1024 * 1024,
  maxRequestsPerSocket: 0,
  headersTimeout: 20_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 72_000,
  timeout: 300_000,
  halfClosedTimeout: 500,
  checkingInterval: 500,
}

export class Transport {
  clock = new Clock()
  isClosing = false
  duties
  limits
  serve
  upgrade
  keepAliveFields
  /** Of requests and responses. */
  classes
  #Parser
  #server
  #connections = new Set()
  #isTracked
  #sweeping

  /**
   * @param serve called with each request and its response
   * @param options `without`: duties to leave out; `Parser`; `upgrade(request, socket, head)`; `readsIntoOneBuffer`;
   * `hasNodesClasses`, for requests and responses of node:http; and limits
   */
  constructor(
    serve,
    {
      without = [],
      Parser = RequestParser,
      upgrade,
      readsIntoOneBuffer = false,
      hasNodesClasses = false,
      ...limits
    } = {},
  ) {
    this.serve = serve
    this.upgrade = upgrade
    this.duties = Object.fromEntries(Object.keys(duties).map((name) => [name, !without.includes(name)]))
    this.limits = { ...defaultLimits, ...limits }
    this.classes = hasNodesClasses ? { Incoming: NodeIncoming, Outgoing: NodeOutgoing } : { Incoming, Outgoing }
    this.#Parser = Parser
    const seconds = Math.floor(this.limits.keepAliveTimeout / 1000)
    this.keepAliveFields = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`
    this.readsIntoOneBuffer = readsIntoOneBuffer
    this.#isTracked = this.duties.timeouts || this.duties.stop
    this.#server = createServer(
      { noDelay: true, allowHalfOpen: this.duties.halfOpen, pauseOnConnect: readsIntoOneBuffer },
      (socket) => (readsIntoOneBuffer ? readIntoOneBuffer(this, socket) : this.#accept(socket)),
    )
  }

  createParser(connection) {
    return new this.#Parser(connection, this.limits)
  }

  /** Resolves to the port. */
  listen(port = 0, host = '127.0.0.1') {
    if (this.duties.timeouts) this.#sweeping = setInterval(() => this.#sweep(), this.limits.checkingInterval).unref()
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: 4096 }, () => resolve(this.#server.address().port))
    })
  }

  /** Ends idle connections at once, others with their responses; resolves to how many were cut after `timeoutMs`. */
  async close(timeoutMs = 10_000) {
    this.isClosing = true
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const connection of this.#connections) {
      const isSilent = connection.phase === FIRST_HEAD && connection.socket.bytesRead === 0
      if (connection.phase === IDLE || isSilent) connection.cut()
    }
    let cut = 0
    const timer = setTimeout(() => {
      cut = this.#connections.size
      for (const connection of this.#connections) connection.cut()
    }, timeoutMs)
    await closed
    clearTimeout(timer)
    clearInterval(this.#sweeping)
    return cut
  }

  #accept(socket) {
    const connection = this.open(socket)
    const listeners = {
      data: (chunk) => connection.receive(chunk),
      end: () => connection.halfClose(),
      drain: () => connection.drain(),
      error: ignore,
    }
    connection.listeners = listeners
    for (const event in listeners) socket.on(event, listeners[event])
  }

  /** Makes a connection of a socket, whose events are for others to tell. */
  open(socket) {
    const connection = new Connection(this, socket)
    if (this.#isTracked) this.#connections.add(connection)
    connection.onClose = () => {
      this.#connections.delete(connection)
      connection.close()
    }
    socket.on('close', connection.onClose)
    return connection
  }

  /** Lets go of a socket that others take. */
  letGo(connection) {
    const { socket, listeners, onClose } = connection
    this.#connections.delete(connection)
    for (const event in listeners) socket.off(event, listeners[event])
    socket.off('close', onClose)
  }

  #sweep() {
    const now = (this.clock.now = performance.now())
    for (const connection of this.#connections) expire(connection, now, this.limits)
  }
}

function ignore() {}
