import type { Socket } from 'node:net'
import { Watchdog } from './watchdog.ts'

/** What is told of the end of a connection that is kept. */
export interface ConnectionKeeper {
  forget(connection: NodeConnection): void
}

/** An open connection to a node, which serves one request after the other. Its listeners stay from one to the next. */
export class NodeConnection {
  readonly socket: Socket
  /** What it is kept under: it may serve whoever chooses the same way. `undefined` for one that isn't kept. */
  readonly key: string | undefined
  /** Of the request that it serves. */
  readonly watchdog: Watchdog = new Watchdog()
  /** Called once when the request that it serves is over, and it may serve another. */
  onFree: (() => void) | undefined
  /** Whether it has served a request before. */
  isReused = false
  /** On the monotonic clock: when it isn't kept any longer. */
  until = 0
  /** Set while it is kept. */
  #keeper: ConnectionKeeper | undefined

  constructor(socket: Socket, key: string | undefined) {
    this.socket = socket
    this.key = key
    // An error comes while there is no request, too, and must not end the process then.
    socket.on('error', ignore)
    socket.on('free', this.#free).on('data', this.#receive).on('close', this.#close)
  }

  /** Keeps it. Returns false for one that can't serve again, and ends it. */
  rest(until: number, keeper: ConnectionKeeper): boolean {
    if (!this.#isOpen) {
      this.end()
      return false
    }
    this.until = until
    this.isReused = true
    this.#keeper = keeper
    this.socket.unref?.()
    return true
  }

  /** Takes it out of what is kept. Returns false for one that can't serve again, and ends it. */
  takeUp(now: number): boolean {
    this.#keeper = undefined
    if (this.#isOpen && this.until > now) {
      this.socket.ref?.()
      return true
    }
    this.end()
    return false
  }

  end(): void {
    this.#keeper = undefined
    this.watchdog.end()
    this.socket.destroy()
  }

  /** Leaves the socket to others. */
  release(): Socket {
    this.watchdog.end()
    return this.socket.off('free', this.#free).off('data', this.#receive).off('close', this.#close)
  }

  get #isOpen(): boolean {
    const { socket } = this
    return !socket.destroyed && socket.writable && !socket.readableEnded
  }

  readonly #free = (): void => {
    const { onFree } = this
    this.onFree = undefined
    onFree?.()
  }

  /** While it is kept, nothing was asked for: what comes in belongs to no request. */
  readonly #receive = (): void => {
    if (this.#keeper !== undefined) this.#drop()
  }

  readonly #close = (): void => {
    this.watchdog.end()
    if (this.#keeper !== undefined) this.#drop()
  }

  #drop(): void {
    this.#keeper?.forget(this)
    this.end()
  }
}

function ignore(): void {}
