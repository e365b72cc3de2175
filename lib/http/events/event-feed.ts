import { Readable } from 'node:stream'

/** How much waits in the feed before `send` waits too. */
const HIGH_WATER_BYTES = 16 * 1024

/** Writes a text; returns a promise where there is no room for more, until there is again. */
type WriteText = (text: string | Buffer) => Promise<void> | undefined

/** The source of an event stream: filled from outside, and sent with its head first. */
export class EventFeed extends Readable {
  #write: WriteText | undefined = undefined
  #waiting: (() => void)[] = []

  constructor() {
    super({ highWaterMark: HIGH_WATER_BYTES })
  }

  /** Sends a text, at once where none waits before it. Returns whether there is room for more. */
  send(text: string): boolean {
    if (this.#write === undefined || this.destroyed || this.isPaused() || this.readableLength > 0)
      return this.push(text)
    this.#pass(this.#write, text)
    return !this.isPaused()
  }

  /**
   * Passes on what waits and what is sent from now on. Resolves at the end of the feed.
   *
   * An iterator would take more memory than the rest of an idle stream, and most of the time of a broadcast.
   *
   * @throws what the feed is destroyed with before its end, or an Error
   */
  passTo(write: WriteText): Promise<void> {
    this.#write = write
    return new Promise((resolve, reject) => {
      const cut = () => reject(this.errored ?? new Error('The event stream was cut'))
      this.once('close', () => (this.readableEnded ? resolve() : cut()))
      this.on('data', (chunk: Buffer) => this.#pass(write, chunk))
    })
  }

  #pass(write: WriteText, text: string | Buffer): void {
    const hasRoom = write(text)
    if (hasRoom === undefined) return
    this.pause()
    void hasRoom.then(() => {
      this.resume()
      // Where nothing waits, nothing is read either, which would wake the senders.
      if (this.readableLength === 0) this.#wake()
    })
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
