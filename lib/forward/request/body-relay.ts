import type { ClientRequest, IncomingMessage } from 'node:http'
import { HttpError, StateError } from '../../index.ts'
import { passTrailers, type RequestCore } from '../../kit.ts'
import { type BodyFraming, framingOf, hasBody } from './body-framing.ts'

/** Where the body of a request goes, and what is told of it. */
export interface BodyTarget {
  readonly request: ClientRequest
  /** Something has moved. */
  moved(): void
  /** All of it was handed over. */
  sent(): void
  failed(error: HttpError): void
}

/** How much of a body is taken, and how much of it kept, in bytes. */
export interface BodyLimits {
  /** Infinity: no limit. */
  readonly maxBodySize: number
  readonly keep: number
}

/** The body of a request that is forwarded. */
export interface ForwardedBody {
  readonly framing: BodyFraming
  /** Whether it can be sent to another node: none of it was read, or all that was is kept. */
  readonly isReplayable: boolean
  readonly isEmpty: boolean
  /** Whether all of it has come in. */
  readonly isWhole: boolean
  sendTo(target: BodyTarget): void
  /** Sends no more to where it was sent, and reads no more. */
  stop(): void
}

/** The body of a request that has none. */
export class EmptyBody implements ForwardedBody {
  readonly framing: BodyFraming
  readonly isReplayable = true
  readonly isEmpty = true
  readonly isWhole = true

  constructor(framing: BodyFraming) {
    this.framing = framing
  }

  sendTo(target: BodyTarget): void {
    target.request.end()
    target.sent()
  }

  stop(): void {}
}

/** The body of a request on its way to a node, at the pace of both; it is kept to be sent again as far as it is short enough. */
export class BodyRelay implements ForwardedBody {
  readonly framing: BodyFraming
  readonly #raw: IncomingMessage
  readonly #limits: BodyLimits
  #target: BodyTarget | undefined
  #kept: Buffer[] = []
  #received = 0
  /** Whether something was received that isn't kept. */
  #isLost = false
  #isWhole: boolean

  /** @param kept the body, where others have read it */
  constructor(raw: IncomingMessage, framing: BodyFraming, limits: BodyLimits, kept?: Buffer) {
    this.#raw = raw
    this.framing = framing
    this.#limits = limits
    this.#isWhole = kept !== undefined
    if (kept !== undefined) this.#kept.push(kept)
    const { maxBodySize } = limits
    if (framing.kind === 'length' && framing.length > maxBodySize) throw tooLarge(maxBodySize)
  }

  get isReplayable(): boolean {
    return !this.#isLost
  }

  get isEmpty(): boolean {
    return false
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  sendTo(target: BodyTarget): void {
    this.#target = target
    for (const chunk of this.#kept) target.request.write(chunk)
    if (this.#isWhole) return this.#finish(target)
    target.request.on('drain', this.#goOn)
    this.#raw.on('data', this.#receive).on('end', this.#end)
    if (target.request.writableNeedDrain) this.#raw.pause()
    else this.#raw.resume()
  }

  stop(): void {
    const { request } = this.#target ?? {}
    this.#target = undefined
    if (request === undefined || this.#isWhole) return
    request.off('drain', this.#goOn)
    this.#raw.off('data', this.#receive).off('end', this.#end).pause()
  }

  readonly #receive = (chunk: Buffer): void => {
    const target = this.#target as BodyTarget
    const { maxBodySize, keep } = this.#limits
    this.#received += chunk.length
    if (this.#received > maxBodySize) return target.failed(tooLarge(maxBodySize))
    if (this.#received <= keep) this.#kept.push(chunk)
    else {
      this.#kept = []
      this.#isLost = true
    }
    target.moved()
    if (!target.request.write(chunk)) this.#raw.pause()
  }

  readonly #goOn = (): void => {
    this.#target?.moved()
    this.#raw.resume()
  }

  readonly #end = (): void => {
    this.#isWhole = true
    const target = this.#target as BodyTarget
    this.#finish(target)
  }

  #finish(target: BodyTarget): void {
    const trailers = this.framing.kind === 'chunked' ? passTrailers(this.#raw.rawTrailers) : undefined
    if (trailers !== undefined) target.request.addTrailers(trailers as never)
    target.request.end()
    target.sent()
  }
}

function tooLarge(maxBodySize: number): HttpError {
  return new HttpError(413, `The body is larger than ${maxBodySize} bytes`, { failure: 'ERR_TRIBIND_BODY_TOO_LARGE' })
}

/**
 * Opens the body of a request that is forwarded; a promise where it was read before.
 *
 * @throws StateError for one that was read as a stream, or isn't as it was sent; HttpError 413
 */
export function openBody(core: RequestCore, limits: BodyLimits): ForwardedBody | Promise<ForwardedBody> {
  const { raw } = core
  const framing = framingOf(core)
  if (!hasBody(framing)) return new EmptyBody(framing)
  const wasRead = raw.readableDidRead || raw.readableEnded
  return wasRead ? openRead(core, framing, limits) : new BodyRelay(raw, framing, limits)
}

async function openRead(core: RequestCore, framing: BodyFraming, limits: BodyLimits): Promise<BodyRelay> {
  if (core.raw.headers['content-encoding'] !== undefined)
    throw new StateError('forward: the body was read before, and is no longer as it was sent', {
      failure: 'ERR_TRIBIND_BODY_READ',
    })
  const bytes = await core.openBody().bytes()
  const kept: BodyFraming = framing.kind === 'chunked' ? framing : { kind: 'length', length: bytes.length }
  return new BodyRelay(core.raw, kept, limits, bytes)
}
