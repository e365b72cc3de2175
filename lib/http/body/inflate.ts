import type { Transform } from 'node:stream'
import { HttpError } from '../../base/http-error.ts'
import { type Complete, defineOptions, type OptionTable } from '../../options/define-options.ts'
import { bytes, integer } from '../../options/option-kinds.ts'

/** The limits for bodies with a Content-Encoding, beside `maxBodySize`. */
export interface InflateOptions {
  /**
   * What the bodies of all requests together may inflate to at a time, in bytes. Above it, 413: for bodies that have been
   * arriving for more than a second, else for the one that comes. Default 64 MiB.
   */
  maxBytes?: number
  /** How many times its own size a body may inflate to, once that is over 512 KiB. Above it, 413. Default 100. */
  maxRatio?: number
}

export type InflateLimits = Complete<InflateOptions>

/** The table of the option `inflate`. */
export const inflateOptions: OptionTable<InflateOptions, InflateLimits> = defineOptions({
  maxBytes: bytes({ default: 64 * 1024 * 1024 }),
  maxRatio: integer({ from: 1 }, { default: 100 }),
})

/** Small bodies of repeated text pass any ratio, and do no harm. */
const FREE_BYTES = 512 * 1024
/** What is held of a body that is streamed: the window of the encoding (RFC 7932, section 9.1; RFC 1951) and buffers. */
const BROTLI_STREAM_BYTES = 16 * 1024 * 1024
const DEFLATE_STREAM_BYTES = 256 * 1024
/** How long a body may arrive before it has to make room for others. */
const PATIENCE_MS = 1000
/**
 * A brotli decoder fills its whole window, up to 16 MiB, before the first byte comes out, and holds it until it is closed.
 * One chunk is therefore enough to tell whether a body is a bomb.
 */
const BROTLI_CHUNK_BYTES = FREE_BYTES + 64 * 1024

// A server that gets no compressed body never loads it.
const loadZlib = () => process.getBuiltinModule('node:zlib')

const inflaters: Readonly<Record<string, () => Transform>> = {
  gzip: () => loadZlib().createGunzip(),
  'x-gzip': () => loadZlib().createGunzip(),
  deflate: () => loadZlib().createInflate(),
  br: () => loadZlib().createBrotliDecompress({ chunkSize: BROTLI_CHUNK_BYTES }),
}

/** Whether a Content-Encoding changes the body. */
export function isEncoded(contentEncoding: string): boolean {
  return !/^\s*(?:identity)?\s*$/i.test(contentEncoding)
}

/** What the requests of a server share when they inflate bodies. */
export class Inflating {
  readonly limits: InflateLimits
  #size = 0
  /** The bodies whose end hasn't come, the oldest first. */
  readonly #arriving = new Set<Inflation>()

  constructor(limits: InflateLimits) {
    this.limits = limits
  }

  /**
   * Begins to inflate a body by its Content-Encoding (RFC 9110, section 8.4.1): gzip, deflate or br. Returns `undefined` for
   * what isn't supported, such as several encodings.
   *
   * @param isKept whether the whole body is held in memory
   */
  open(contentEncoding: string, isKept: boolean): Inflation | undefined {
    const encoding = contentEncoding.trim().toLowerCase()
    const create = Object.hasOwn(inflaters, encoding) ? inflaters[encoding] : undefined
    if (create === undefined) return undefined
    const streamBytes = encoding === 'br' ? BROTLI_STREAM_BYTES : DEFLATE_STREAM_BYTES
    const inflation = new Inflation(create(), this, isKept ? Infinity : streamBytes)
    this.#arriving.add(inflation)
    return inflation
  }

  /** Counts what one more part of a body takes; slow bodies make room for it. Returns false if it exceeds the limit. */
  take(size: number, taker: Inflation): boolean {
    this.#size += size
    for (const inflation of this.#arriving) {
      if (this.#size <= this.limits.maxBytes || inflation === taker || !inflation.isSlow) break
      inflation.close(createShareRefusal())
    }
    return this.#size <= this.limits.maxBytes
  }

  giveBack(size: number): void {
    this.#size -= size
  }

  /** Takes note that a body has arrived whole, or never will: it need not make room any more. */
  endArrival(inflation: Inflation): void {
    this.#arriving.delete(inflation)
  }
}

/** One body that is inflated, and its share of what the server may inflate at a time. */
export class Inflation {
  readonly inflater: Transform
  readonly #inflating: Inflating
  readonly #maxShare: number
  readonly #openedAt = performance.now()
  #share = 0
  #isClosed = false

  constructor(inflater: Transform, inflating: Inflating, maxShare: number) {
    this.inflater = inflater
    this.#inflating = inflating
    this.#maxShare = maxShare
  }

  /**
   * Counts what came out of the inflater.
   *
   * @param sent what the body has by now, in bytes
   * @param size what that has become
   */
  findRefusal(sent: number, size: number): HttpError | undefined {
    const { maxRatio } = this.#inflating.limits
    if (size > FREE_BYTES && size > sent * maxRatio)
      return new HttpError(413, `The body inflates to more than ${maxRatio} times its size (inflate.maxRatio)`, {
        failure: 'ERR_TRIBIND_BODY_RATIO',
      })
    if (this.#isClosed || this.#take(Math.min(size, this.#maxShare))) return undefined
    return createShareRefusal()
  }

  get isSlow(): boolean {
    return performance.now() - this.#openedAt > PATIENCE_MS
  }

  /** Takes note that the body has arrived whole; it keeps its share until it is closed. */
  finish(): void {
    this.#inflating.endArrival(this)
  }

  /** Ends it, and returns its share. The inflater fails with an error, if any. */
  close(error?: HttpError): void {
    this.#isClosed = true
    this.#inflating.endArrival(this)
    this.#inflating.giveBack(this.#share)
    this.#share = 0
    this.inflater.destroy(error)
  }

  #take(share: number): boolean {
    const added = share - this.#share
    this.#share = share
    return this.#inflating.take(added, this)
  }
}

function createShareRefusal(): HttpError {
  return new HttpError(413, 'The server inflates too many bodies at the moment (inflate.maxBytes)', {
    failure: 'ERR_TRIBIND_BODY_SHARE',
  })
}
