import type { Socket } from 'node:net'

/** What Node.js knows of a connection and doesn't show otherwise: how much of what was written the system has yet to take. */
interface Inner {
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null
  /** Of a connection over TLS, the one beneath. */
  readonly _parent?: Socket
  readonly alpnProtocol?: string | false | null
}

/** How long a client of HTTP/2 may leave its connection open once its session has ended, in milliseconds. */
const LINGER_MS = 1000

/**
 * Cuts connections whose clients leave them standing: those that read nothing of what waits for them, though they may
 * send, and those of HTTP/2 that stay when their session has ended.
 */
export class StalledClients {
  readonly #standing = new Map<Socket, { taken: number; since: number }>()

  /** @param timeoutMs how long a client may read nothing; 0 for no limit */
  sweep(sockets: Iterable<Socket>, timeoutMs: number): void {
    const now = performance.now()
    for (const socket of sockets) {
      const standsFor = this.#lookAt(socket, now)
      if (standsFor === undefined) continue
      const limit = hasEnded(socket) && unsentBytes(socket) === 0 ? LINGER_MS : timeoutMs || Infinity
      if (standsFor >= limit) socket.destroy()
    }
    for (const socket of this.#standing.keys()) if (socket.destroyed) this.#standing.delete(socket)
  }

  /** Returns for how long the client has taken nothing of what waits; `undefined` where nothing does. */
  #lookAt(socket: Socket, now: number): number | undefined {
    const unsent = unsentBytes(socket)
    if (unsent === 0 && !hasEnded(socket)) return void this.#standing.delete(socket)
    const taken = (handleOf(socket)?.bytesWritten ?? 0) - unsent
    const before = this.#standing.get(socket)
    if (before?.taken === taken) return now - before.since
    this.#standing.set(socket, { taken, since: now })
    return 0
  }
}

function unsentBytes(socket: Socket): number {
  return handleOf(socket)?.writeQueueSize ?? 0
}

function hasEnded(socket: Socket): boolean {
  return socket.writableEnded && (socket as Inner).alpnProtocol === 'h2'
}

function handleOf(socket: Socket): Inner['_handle'] {
  return ((socket as Inner)._parent as Inner | undefined)?._handle ?? (socket as Inner)._handle
}
