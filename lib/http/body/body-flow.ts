import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { StateError } from '../../base/errors.ts'
import { HttpError } from '../../base/http-error.ts'
import type { RequestSettings } from '../request-settings.ts'
import { drainBody } from './drain-body.ts'
import { type Inflation, isEncoded } from './inflate.ts'

/** What a body asks of its request. */
export interface BodyOwner {
  readonly raw: IncomingMessage
  readonly response: { readonly raw: ServerResponse }
  readonly settings: RequestSettings
  /** What is released when the request is over; `null` from then on. */
  readonly releases: readonly unknown[] | undefined | null
  onRelease(release: () => unknown): void
}

/** What a body goes to: chunks, and then its end or a failure. */
export interface BodySink {
  /** Whether it holds all of the body. */
  readonly isKept: boolean
  receive(chunk: Buffer): void
  finish(): void
  /** Releases what it holds: a failure follows, perhaps only when the client has sent the rest. */
  discard?(): void
  fail(error: Error): void
}

/**
 * The one way in which bodies come in: inflated, and never more than the limit of either what is sent or what it
 * becomes.
 *
 * It fails with an `HttpError`: 413 over the limit, by the Content-Length before anything is read; 415 for an encoding
 * that isn't supported; 400 for one that is broken and for a client that goes away. The connection outlives all but the
 * last: what is left of the body is read and dropped.
 */
export class BodyFlow {
  readonly #owner: BodyOwner
  readonly #raw: IncomingMessage
  readonly #maxBytes: number
  readonly #sink: BodySink
  #inflation: Inflation | undefined
  #received = 0
  #size = 0
  #isOver = false

  constructor(owner: BodyOwner, sink: BodySink) {
    this.#owner = owner
    this.#raw = owner.raw
    this.#maxBytes = bodyLimitOf(owner) ?? owner.settings.maxBodySize
    this.#sink = sink
  }

  start(): void {
    const refusal = this.#findRefusal()
    if (refusal === undefined) this.#open()
    else void this.#fail(refusal)
  }

  pause(): void {
    if (!this.#isOver) this.#source.pause()
  }

  resume(): void {
    if (!this.#isOver) this.#source.resume()
  }

  /** Takes no more of the body; resolves when an answer would reach its client. */
  cancel(): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    this.#isOver = true
    this.#stopReceiving()
    this.#inflation?.close()
    const response = this.#owner.response.raw
    const drained = drainBody(this.#raw, response)
    // A connection that is closed after the answer must be empty by then; the others are emptied meanwhile.
    return response.shouldKeepAlive ? Promise.resolve() : drained
  }

  get #source(): Readable {
    return this.#inflation?.inflater ?? this.#raw
  }

  #findRefusal(): Error | undefined {
    const raw = this.#raw
    const encoding = raw.headers['content-encoding']
    if (encoding !== undefined && isEncoded(encoding) && !this.#openInflation(encoding)) return this.#unsupported()
    if (Number(raw.headers['content-length'] ?? 0) > this.#maxBytes) return this.#tooLarge()
    if (raw.readableEnded)
      return new StateError('the body was already read through request.raw: read it in one way only', {
        failure: 'ERR_TRIBIND_BODY_READ',
      })
    return raw.destroyed && !raw.complete ? gone() : undefined
  }

  #openInflation(encoding: string): boolean {
    const inflation = this.#owner.settings.inflating?.open(encoding, this.#sink.isKept)
    this.#inflation = inflation
    if (inflation === undefined) return false
    this.#owner.onRelease(() => {
      inflation.close()
      // An inflater that is closed tells nothing: what still waits for it would wait for ever.
      void this.#fail(gone())
    })
    return true
  }

  #open(): void {
    this.#inflation?.inflater
      .on('data', (chunk: Buffer) => this.#deliver(chunk))
      .on('end', () => this.#end())
      .on('error', (error) => void this.#fail(error instanceof HttpError ? error : broken()))
      .on('drain', () => this.#raw.resume())
    if (this.#raw.destroyed) return this.#takeArrived()
    // Without a listener for its errors, a request that is cut short just closes.
    this.#raw.on('data', this.#receive).on('end', this.#endReceiving).on('close', this.#leave)
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#maxBytes) void this.#fail(this.#tooLarge())
    else if (this.#inflation === undefined) this.#deliver(chunk)
    else if (!this.#inflation.inflater.write(chunk)) this.#raw.pause()
  }

  readonly #endReceiving = (): void => {
    if (this.#inflation === undefined) this.#end()
    else this.#inflation.inflater.end()
  }

  readonly #leave = (): void => {
    if (this.#raw.readableEnded) return
    if (this.#raw.complete) this.#takeArrived()
    else void this.#fail(gone())
  }

  /** Takes what Node.js holds of a body that had arrived whole before its client left: no event tells of it. */
  #takeArrived(): void {
    this.#stopReceiving()
    for (let chunk; !this.#isOver && (chunk = this.#raw.read() as Buffer | null) !== null;) this.#receive(chunk)
    if (!this.#isOver) this.#endReceiving()
  }

  #stopReceiving(): void {
    this.#raw.off('data', this.#receive).off('end', this.#endReceiving).off('close', this.#leave)
  }

  #deliver(chunk: Buffer): void {
    if (this.#isOver) return
    this.#size += chunk.length
    const isTooLarge = this.#size > this.#maxBytes
    const refusal = isTooLarge ? this.#tooLarge() : this.#inflation?.findRefusal(this.#received, this.#size)
    if (refusal !== undefined) void this.#fail(refusal)
    else this.#sink.receive(chunk)
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inflation?.finish()
    this.#sink.finish()
  }

  async #fail(error: Error): Promise<void> {
    if (this.#isOver) return
    this.#sink.discard?.()
    await this.cancel()
    this.#sink.fail(error)
  }

  #unsupported(): HttpError {
    const isRefused = this.#owner.settings.inflating === undefined
    const words = isRefused ? 'not be encoded' : 'be encoded with gzip, deflate or br, or not at all'
    return new HttpError(415, `The body must ${words}`, { failure: 'ERR_TRIBIND_BODY_ENCODING' })
  }

  #tooLarge(): HttpError {
    return new HttpError(413, `The body is larger than ${this.#maxBytes} bytes`, {
      failure: 'ERR_TRIBIND_BODY_TOO_LARGE',
    })
  }
}

function broken(): HttpError {
  return new HttpError(400, 'The body can not be inflated', { failure: 'ERR_TRIBIND_BODY_INFLATE' })
}

export function gone(): HttpError {
  return new HttpError(400, 'The client closed the connection before its body had ended', {
    failure: 'ERR_TRIBIND_BODY_INCOMPLETE',
  })
}

/** Who waits for a whole body. */
export interface BodyReader {
  resolve(bytes: Buffer): void
  reject(error: unknown): void
}

/** A body that is kept whole, for all who ask for it. */
export class WholeBody implements BodySink {
  readonly isKept = true
  #chunks: Buffer[] = []
  #bytes: Buffer | undefined
  #error: Error | undefined
  #readers: BodyReader[] = []

  /** @param bytes what is there already, so that nothing is to come in */
  constructor(bytes?: Buffer) {
    this.#bytes = bytes
  }

  /** Begins to read the body of a request. */
  static open(owner: BodyOwner): WholeBody {
    const whole = new WholeBody()
    new BodyFlow(owner, whole).start()
    return whole
  }

  /** Hands the body over: at once where it is there, else when it has come in. */
  read(reader: BodyReader): void {
    if (this.#bytes !== undefined) reader.resolve(this.#bytes)
    else if (this.#error !== undefined) reader.reject(this.#error)
    else this.#readers.push(reader)
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#bytes = bytes
    this.#chunks = []
    for (const reader of this.#readers.splice(0)) reader.resolve(bytes)
  }

  discard(): void {
    this.#chunks = []
  }

  fail(error: Error): void {
    this.#error = error
    for (const reader of this.#readers.splice(0)) reader.reject(error)
  }
}

/** A body as a stream, read from the client at the pace of its consumer. */
export class BodyStream extends Readable implements BodySink {
  readonly isKept = false
  readonly #flow: BodyFlow

  constructor(owner: BodyOwner) {
    super()
    // Without a listener, a client that leaves before the first read would end the process.
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

/** In bytes; few requests have one, so it is no field of all. */
const limits = new WeakMap<object, number>()

/** Limits the body of one request, in bytes, in place of `maxBodySize`. Of several limits, the smallest counts. */
export function limitBody(owner: object, bytes: number): void {
  limits.set(owner, Math.min(bytes, limits.get(owner) ?? bytes))
}

/** Returns the limit of the body of a request, in bytes, where one was set. */
export function bodyLimitOf(owner: object): number | undefined {
  return limits.get(owner)
}
