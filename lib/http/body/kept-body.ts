import { EventEmitter } from 'node:events'
import type { RequestCore } from '../request-core.ts'
import { hasBody, RequestBody } from './request-body.ts'

/** A copy of the body of a request, made while others read it: as far as that is short enough, and at their pace. */
export class KeptBody {
  readonly #core: RequestCore
  readonly #limit: number
  readonly #isEmpty: boolean
  #chunks: Buffer[] = []
  #size = 0
  /** Whether something came in that isn't kept. */
  #isLost: boolean
  #settle: () => void = () => {}
  readonly #settled: Promise<void>

  /** @param limit in bytes */
  constructor(core: RequestCore, limit: number) {
    const { raw } = core
    this.#core = core
    this.#limit = limit
    this.#isEmpty = !hasBody(raw)
    this.#isLost = Number(raw.headers['content-length'] ?? 0) > limit || raw.readableDidRead
    this.#settled = new Promise((resolve) => (this.#settle = resolve))
    if (this.#isEmpty || this.#isLost || raw.destroyed) {
      this.#settle()
      return
    }
    // As any other emitter: a readable begins to flow with its first listener for data.
    EventEmitter.prototype.on.call(raw, 'data', this.#receive)
    raw.once('end', this.#end).once('close', this.#end)
  }

  /** Returns the body as it was sent, once all of it has come in to those who read it; `undefined` where it isn't kept. */
  async whole(): Promise<Buffer | undefined> {
    await this.#settled
    if (this.#isEmpty) return Buffer.alloc(0)
    if (this.#isLost) return this.#readBefore()
    return this.#core.raw.complete ? Buffer.concat(this.#chunks) : undefined
  }

  /**
   * Lets others read the body once more. What hasn't come in yet is awaited.
   *
   * @returns false where that can't be
   */
  async rewind(): Promise<boolean> {
    const { raw } = this.#core
    const isUntouched = !raw.readableDidRead && !raw.readableEnded && raw.readableFlowing !== true
    if (this.#isEmpty || isUntouched) return true
    if (this.#isEncoded) return false
    if (!this.#isLost) raw.resume()
    const bytes = await this.whole()
    if (bytes !== undefined) this.#core.body = new RequestBody(this.#core, bytes)
    return bytes !== undefined
  }

  /** Inflated, it is no longer as it was sent. */
  get #isEncoded(): boolean {
    return this.#core.raw.headers['content-encoding'] !== undefined
  }

  /** What was read through the request is kept there, unless it was streamed. */
  async #readBefore(): Promise<Buffer | undefined> {
    const { body } = this.#core
    if (body === undefined || this.#isEncoded) return undefined
    const bytes = await body.bytes().catch(() => undefined)
    return bytes !== undefined && bytes.length <= this.#limit ? bytes : undefined
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#size += chunk.length
    if (this.#size <= this.#limit) this.#chunks.push(chunk)
    else {
      this.#isLost = true
      this.#end()
    }
  }

  readonly #end = (): void => {
    this.#core.raw.off('data', this.#receive).off('end', this.#end).off('close', this.#end)
    if (this.#isLost) this.#chunks = []
    this.#settle()
  }
}
