import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { StateError } from '../../base/errors.ts'
import { HttpError } from '../../base/http-error.ts'
import { drainBody } from './drain-body.ts'
import { createInflater } from './inflate.ts'

/** Where a body comes from, and what will answer it. */
export interface BodyOrigin {
  readonly raw: IncomingMessage
  readonly response: ServerResponse
}

/** What a body goes to: chunks, and then its end or a failure. */
export interface BodySink {
  receive(chunk: Buffer): void
  finish(): void
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
  readonly #origin: BodyOrigin
  readonly #maxBytes: number
  readonly #sink: BodySink
  #inflater: Transform | undefined
  #received = 0
  #size = 0
  #isOver = false

  constructor(origin: BodyOrigin, maxBytes: number, sink: BodySink) {
    this.#origin = origin
    this.#maxBytes = maxBytes
    this.#sink = sink
  }

  start(): void {
    const encoding = this.#origin.raw.headers['content-encoding']
    const inflater = encoding === undefined ? 'none' : createInflater(encoding)
    const refusal = inflater === undefined ? unsupported() : this.#findRefusal()
    if (refusal !== undefined) return void this.#fail(refusal)
    if (inflater !== 'none') this.#inflater = inflater
    this.#open()
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
    const { raw, response } = this.#origin
    this.#stopReceiving()
    this.#inflater?.destroy()
    const drained = drainBody(raw, response)
    // A connection that is closed after the answer must be empty by then; the others are emptied meanwhile.
    return response.shouldKeepAlive ? Promise.resolve() : drained
  }

  get #source(): Readable {
    return this.#inflater ?? this.#origin.raw
  }

  #findRefusal(): Error | undefined {
    const { raw } = this.#origin
    if (Number(raw.headers['content-length'] ?? 0) > this.#maxBytes) return this.#tooLarge()
    if (raw.readableEnded) return new StateError('the body was read already, past the request: through request.raw')
    return raw.destroyed && !raw.complete ? gone() : undefined
  }

  #open(): void {
    this.#inflater
      ?.on('data', (chunk: Buffer) => this.#deliver(chunk))
      .on('end', () => this.#end())
      .on('error', () => void this.#fail(new HttpError(400, 'The body can not be inflated')))
      .on('drain', () => this.#origin.raw.resume())
    const { raw } = this.#origin
    if (raw.destroyed) return this.#takeArrived()
    // Without a listener for its errors, a request that is cut short just closes.
    raw.on('data', this.#receive).on('end', this.#endReceiving).on('close', this.#leave)
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#maxBytes) void this.#fail(this.#tooLarge())
    else if (this.#inflater === undefined) this.#deliver(chunk)
    else if (!this.#inflater.write(chunk)) this.#origin.raw.pause()
  }

  readonly #endReceiving = (): void => {
    if (this.#inflater === undefined) this.#end()
    else this.#inflater.end()
  }

  readonly #leave = (): void => {
    const { raw } = this.#origin
    if (raw.readableEnded) return
    if (raw.complete) this.#takeArrived()
    else void this.#fail(gone())
  }

  /** Takes what Node.js holds of a body that had arrived whole before its client left: no event tells of it. */
  #takeArrived(): void {
    this.#stopReceiving()
    const { raw } = this.#origin
    for (let chunk; !this.#isOver && (chunk = raw.read() as Buffer | null) !== null;) this.#receive(chunk)
    if (!this.#isOver) this.#endReceiving()
  }

  #stopReceiving(): void {
    this.#origin.raw.off('data', this.#receive).off('end', this.#endReceiving).off('close', this.#leave)
  }

  #deliver(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) void this.#fail(this.#tooLarge())
    else this.#sink.receive(chunk)
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#sink.finish()
  }

  async #fail(error: Error): Promise<void> {
    if (this.#isOver) return
    await this.cancel()
    this.#sink.fail(error)
  }

  #tooLarge(): HttpError {
    return new HttpError(413, `The body is larger than ${this.#maxBytes} bytes`)
  }
}

function unsupported(): HttpError {
  return new HttpError(415, 'The body must be encoded with gzip, deflate or br, or not at all')
}

function gone(): HttpError {
  return new HttpError(400, 'The client closed the connection before its body had ended')
}

interface Outcome {
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

/** Reads all of a body at once. */
export function collectBytes(origin: BodyOrigin, maxBytes: number, outcome: Outcome): void {
  new BodyFlow(origin, maxBytes, new Collector(outcome)).start()
}

class Collector implements BodySink {
  readonly #chunks: Buffer[] = []
  readonly #outcome: Outcome

  constructor(outcome: Outcome) {
    this.#outcome = outcome
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    const isOne = this.#chunks.length === 1
    this.#outcome.resolve(isOne ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks))
  }

  fail(error: Error): void {
    this.#outcome.reject(error)
  }
}
