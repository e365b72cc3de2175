import { Readable } from 'node:stream'
import { BodyFlow, type BodyOwner, type BodySink } from './body-flow.ts'

/** A body as it comes in, at the pace of whoever reads it. */
export class BodyStream extends Readable implements BodySink {
  readonly isKept = false
  readonly #flow: BodyFlow

  constructor(owner: BodyOwner) {
    super()
    // Without a listener, a client that goes away before anybody reads would end the process.
    this.on('error', () => {})
    this.#flow = new BodyFlow(owner, this)
    this.#flow.start()
  }

  /** Takes no more; resolves when an answer would reach the client. */
  async cancel(): Promise<void> {
    await this.#flow.cancel()
    this.destroy()
  }

  receive(chunk: Buffer): void {
    if (!this.push(chunk)) this.#flow.pause()
  }

  finish(): void {
    this.push(null)
  }

  fail(error: Error): void {
    this.destroy(error)
  }

  override _read(): void {
    this.#flow.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#flow.cancel()
    callback(error)
  }
}
