import type { Socket } from 'node:net'

/** How long a connection is kept whose node doesn't say for how long it keeps its own. */
const KEEP_MS = 4000
/** How long before the node ends a connection we do so, as a request may be on its way then. */
const MARGIN_MS = 1000
/** How often connections that have been kept for long enough are ended. */
const SWEEP_MS = 1000

interface Idle {
  readonly socket: Socket
  readonly until: number
  readonly drop: () => void
}

/** The connections to a node that serve no request now, by the way they take. It keeps none before it is opened. */
export class ConnectionPool {
  readonly #idle = new Map<string, Idle[]>()
  #sweeper: NodeJS.Timeout | undefined
  #isClosed = true

  /** Returns the connection that was kept last, if there is one. */
  take(key: string): Socket | undefined {
    const list = this.#idle.get(key)
    for (let last = list?.pop(); last !== undefined; last = list?.pop()) {
      const { socket, until, drop } = last
      socket.off('data', drop).off('close', drop)
      const isOpen = !socket.destroyed && socket.writable && !socket.readableEnded
      if (isOpen && until > performance.now()) {
        socket.ref?.()
        return socket
      }
      socket.destroy()
    }
    return undefined
  }

  /**
   * Keeps a connection for the next request, or ends it.
   *
   * @param keepAlive the field of that name of the node's last answer
   */
  keep(key: string, socket: Socket, keepAlive: string | undefined): void {
    const ms = keptFor(keepAlive)
    if (this.#isClosed || ms <= 0 || socket.destroyed || !socket.writable || socket.readableEnded)
      return void socket.destroy()
    const drop = () => {
      // Nothing was asked for: what comes in belongs to no request.
      socket.destroy()
      this.#forget(key, socket)
    }
    socket.on('data', drop).on('close', drop)
    socket.unref?.()
    const list = this.#idle.get(key)
    const idle = { socket, until: performance.now() + ms, drop }
    if (list === undefined) this.#idle.set(key, [idle])
    else list.push(idle)
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /** Keeps connections from now on. */
  open(): void {
    this.#isClosed = false
  }

  /** Ends the connections that are kept. */
  drop(): void {
    this.#endAll(() => true)
  }

  /** Ends the connections that are kept, and keeps none from now on. */
  close(): void {
    this.#isClosed = true
    this.drop()
  }

  #sweep(): void {
    const now = performance.now()
    this.#endAll(({ until }) => until <= now)
  }

  #endAll(isOver: (idle: Idle) => boolean): void {
    for (const [key, list] of this.#idle) {
      const kept = list.filter((idle) => !isOver(idle))
      const over = list.filter(isOver)
      if (kept.length > 0) this.#idle.set(key, kept)
      else this.#idle.delete(key)
      for (const { socket } of over) socket.destroy()
    }
    if (this.#idle.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  #forget(key: string, socket: Socket): void {
    const list = this.#idle.get(key)
    const at = list?.findIndex((idle) => idle.socket === socket) ?? -1
    if (at >= 0) list?.splice(at, 1)
  }
}

/** In milliseconds, by the hint that many servers give. */
function keptFor(keepAlive: string | undefined): number {
  const [, seconds] = /(?:^|,)\s*timeout=(\d{1,6})/i.exec(keepAlive ?? '') ?? []
  return seconds === undefined ? KEEP_MS : Math.max(Number(seconds) * 1000 - MARGIN_MS, Number(seconds) * 500)
}
