import type { NodeConnection } from './node-connection.ts'

/** How long a connection is kept whose node doesn't say for how long it keeps its own. */
const KEEP_MS = 4000
/** How long before the node ends a connection we do so, as a request may be on its way then. */
const MARGIN_MS = 1000
/** How often connections that have been kept for long enough are ended. */
const SWEEP_MS = 1000

/** The connections to a node that serve no request now, by the way they take. It keeps none before it is opened. */
export class ConnectionPool {
  readonly #idle = new Map<string, NodeConnection[]>()
  #sweeper: NodeJS.Timeout | undefined
  #isClosed = true

  /** Returns the connection that was kept last, if there is one. */
  take(key: string): NodeConnection | undefined {
    const list = this.#idle.get(key)
    for (let last = list?.pop(); last !== undefined; last = list?.pop()) {
      if (last.takeUp(performance.now())) return last
    }
    return undefined
  }

  /**
   * Keeps a connection for the next request, or ends it.
   *
   * @param keepAlive the field of that name of the node's last answer
   */
  keep(connection: NodeConnection, keepAlive: string | undefined): void {
    const { key } = connection
    const ms = keptFor(keepAlive)
    if (key === undefined || this.#isClosed || ms <= 0) return connection.end()
    if (!connection.rest(performance.now() + ms, this)) return
    const list = this.#idle.get(key)
    if (list === undefined) this.#idle.set(key, [connection])
    else list.push(connection)
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /** Called of a connection that has ended while it was kept. */
  forget(connection: NodeConnection): void {
    const list = this.#idle.get(connection.key as string)
    const at = list?.indexOf(connection) ?? -1
    if (at >= 0) list?.splice(at, 1)
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

  #endAll(isOver: (connection: NodeConnection) => boolean): void {
    for (const [key, list] of this.#idle) {
      const kept = list.filter((connection) => !isOver(connection))
      const over = list.filter(isOver)
      if (kept.length > 0) this.#idle.set(key, kept)
      else this.#idle.delete(key)
      for (const connection of over) connection.end()
    }
    if (this.#idle.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }
}

/** In milliseconds, by the hint that many servers give. */
function keptFor(keepAlive: string | undefined): number {
  if (keepAlive === undefined) return KEEP_MS
  const [, seconds] = /(?:^|,)\s*timeout=(\d{1,6})/i.exec(keepAlive) ?? []
  return seconds === undefined ? KEEP_MS : Math.max(Number(seconds) * 1000 - MARGIN_MS, Number(seconds) * 500)
}
