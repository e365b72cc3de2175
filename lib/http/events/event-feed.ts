import { Readable } from 'node:stream'

/** How much waits in the feed before `send` waits too. */
const HIGH_WATER_BYTES = 16 * 1024

/** The source of an event stream: filled from outside, and sent with its head first. */
export class EventFeed extends Readable {
  #waiting: (() => void)[] = []

  constructor() {
    super({ highWaterMark: HIGH_WATER_BYTES })
  }

  /** Resolves when the client has taken so much that there is room again, or when the feed has ended. */
  hasRoom(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  override _read(): void {
    this.#wake()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wake()
    callback(error)
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
