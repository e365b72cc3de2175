import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { speaksTls } from './http-server.ts'
import { takenBytes, unsentBytes } from './sent-bytes.ts'
import type { SessionServer } from './http2/http2-server.ts'
import { sweepRegularly } from './sweep.ts'

// How long a client that was just answered, or has just connected, may take for the request it is about to send.
const LAST_REQUEST_MS = 50

/** How long a client of HTTP/2 may leave its connection open once its session has ended, in milliseconds. */
const LINGER_MS = 1000

/** All connections that a server has accepted, also those that `node:http` has handed over, such as WebSockets. */
export class Connections {
  readonly #accepted: OpenSockets
  /** What requests are read from: over TLS, another socket, which is there after the handshake. */
  readonly #served: OpenSockets
  readonly #server: Server & SessionServer
  readonly #stalled: StalledClients
  /** The next look for clients that have closed their side. */
  #nextLook: NodeJS.Timeout | undefined
  readonly #clientSendsFirst: boolean
  #sparesNew = false

  /**
   * @param halfClosedMs how long nothing may be sent to a client that has closed its side; 0 for no limit of its own
   * @param clientSendsFirst whether a connection on which nothing has come is idle
   */
  constructor(server: Server, halfClosedMs = 0, clientSendsFirst = true) {
    this.#server = server
    this.#clientSendsFirst = clientSendsFirst
    this.#accepted = new OpenSockets(server, 'connection')
    this.#served = speaksTls(server) ? new OpenSockets(server, 'secureConnection') : this.#accepted
    this.#stalled = new StalledClients(server, halfClosedMs)
    sweepRegularly(server, () => {
      this.#accepted.dropClosed()
      this.#stalled.sweep(this.#served)
    })
    if (halfClosedMs > 0) onHalfClose(server, () => this.#watchHalfClosed(halfClosedMs / 2))
  }

  /**
   * Takes no new ones, closes the idle ones and resolves when the others have ended.
   *
   * @param sparesNew whether those that haven't sent anything yet may send a request
   * @param idleMs how long idle ones of HTTP/1.1 stay open: a request may be on its way there
   * @returns how many hadn't by `timeoutMs` and were cut: half a request, or a client that doesn't read, can't hold it up
   */
  async close(timeoutMs: number, sparesNew = false, idleMs = 0): Promise<number> {
    this.#sparesNew = sparesNew
    let cut = 0
    const timer = setTimeout(() => (cut = this.#cut()), timeoutMs)
    // Again and again: a busy one may become idle, kept alive by a head that went out before.
    const idleUntil = performance.now() + idleMs
    const sweep = setInterval(() => {
      if (performance.now() >= idleUntil) this.#closeIdle()
      else this.#server.announceEnd?.()
    }, LAST_REQUEST_MS)
    await this.#stopListening()
    clearInterval(sweep)
    clearTimeout(timer)
    // Ends the timer by which node:http looks for slow clients.
    this.#server.close()
    return cut
  }

  /** Resolves when the last connection has ended. */
  #stopListening(): Promise<void> {
    // Not that of node:http, which closes idle connections at once, with the requests that are on their way there.
    // In Bun, a server of node:http isn't one of node:net.
    const server: NetServer = this.#server
    const isOfNet = (server as object) instanceof NetServer
    return new Promise((resolve) => {
      if (isOfNet) NetServer.prototype.close.call(server, () => resolve())
      else server.close(() => resolve())
    })
  }

  /** Looks after the clients that have closed their side, until there are none. */
  #watchHalfClosed(everyMs: number): void {
    if (this.#nextLook !== undefined) return
    this.#nextLook = setTimeout(() => {
      this.#nextLook = undefined
      this.#stalled.sweep(this.#served)
      if (this.#stalled.someAreHalfClosed) this.#watchHalfClosed(everyMs)
    }, everyMs).unref()
  }

  #closeIdle(): void {
    // To node:http, a connection is idle once its response has ended, even if the client doesn't have all of it yet ...
    const writing = [...this.#served].filter((socket) => socket.writableLength > 0)
    for (const socket of writing) socket.destroy = () => socket
    this.#server.closeIdleConnections()
    for (const socket of writing) Reflect.deleteProperty(socket, 'destroy')
    // ... and busy as long as it hasn't sent anything.
    if (!this.#sparesNew) this.#closeSilent()
  }

  #closeSilent(): void {
    if (!this.#clientSendsFirst) return
    for (const socket of [...this.#accepted, ...this.#served]) if (socket.bytesRead === 0) socket.destroy()
  }

  #cut(): number {
    this.#closeIdle()
    this.#closeSilent()
    const remaining = [...this.#accepted]
    for (const socket of remaining) socket.destroy()
    return remaining.length
  }
}

/**
 * Calls a function when a client has closed its side of a connection whose requests `node:http` reads: it asks for this
 * property then. A listener on each connection would be a sixteenth of what an idle one takes.
 */
function onHalfClose(server: Server, call: () => void): void {
  const get = () => {
    call()
    return true
  }
  Object.defineProperty(server, 'httpAllowHalfOpen', { get })
}

/** How many closed sockets may wait to be dropped, beside as many as are open. */
const CLOSED_SOCKETS = 100

/**
 * The open ones of the sockets that a server emits. They have no listener for their end, which would be most of what an
 * idle connection costs us: the closed ones are dropped whenever the open ones are looked through, or their number doubles.
 */
class OpenSockets implements Iterable<Socket> {
  readonly #sockets = new Set<Socket>()
  #dropsAt = CLOSED_SOCKETS

  constructor(server: Server, event: 'connection' | 'secureConnection') {
    server.on(event, (socket: Socket) => {
      this.#sockets.add(socket)
      if (this.#sockets.size >= this.#dropsAt) this.dropClosed()
    })
  }

  [Symbol.iterator](): Iterator<Socket> {
    this.dropClosed()
    return this.#sockets.values()
  }

  dropClosed(): void {
    for (const socket of this.#sockets) if (socket.destroyed) this.#sockets.delete(socket)
    this.#dropsAt = 2 * this.#sockets.size + CLOSED_SOCKETS
  }
}

/**
 * Cuts connections whose clients leave them standing: those that read nothing of what waits for them, though they may
 * send, those that have closed their side and are sent nothing, and those of HTTP/2 that stay when their session has ended.
 */
class StalledClients {
  readonly #standing = new Map<Socket, { taken: number; since: number }>()
  readonly #server: Server
  readonly #halfClosedMs: number

  constructor(server: Server, halfClosedMs: number) {
    this.#server = server
    this.#halfClosedMs = halfClosedMs
  }

  get someAreHalfClosed(): boolean {
    return [...this.#standing.keys()].some(isHalfClosed)
  }

  sweep(sockets: Iterable<Socket>): void {
    const now = performance.now()
    for (const socket of sockets) {
      const standsFor = this.#lookAt(socket, now)
      if (standsFor === undefined) continue
      if (standsFor >= this.#limitOf(socket)) socket.destroy()
    }
    for (const socket of this.#standing.keys()) if (socket.destroyed) this.#standing.delete(socket)
  }

  #limitOf(socket: Socket): number {
    if (unsentBytes(socket) > 0) return this.#server.timeout || Infinity
    return hasEnded(socket) ? LINGER_MS : this.#halfClosedMs || Infinity
  }

  /** Returns for how long the client has been sent nothing; `undefined` where it needn't be. */
  #lookAt(socket: Socket, now: number): number | undefined {
    const unsent = unsentBytes(socket)
    if (unsent === 0 && !hasEnded(socket) && !isHalfClosed(socket)) return void this.#standing.delete(socket)
    const taken = takenBytes(socket)
    const before = this.#standing.get(socket)
    if (before?.taken === taken) return now - before.since
    this.#standing.set(socket, { taken, since: now })
    return 0
  }
}

function hasEnded(socket: Socket): boolean {
  return socket.writableEnded && (socket as Partial<TLSSocket>).alpnProtocol === 'h2'
}

/** A response on its way out ends the connection itself. */
function isHalfClosed(socket: Socket): boolean {
  return socket.readableEnded && !socket.writableEnded
}
