import type { ServerResponse } from 'node:http'
import { isClosed } from '../connection/queued-responses.ts'
import { coreOf } from '../http/request.ts'
import { printablePath, type RequestCore } from '../http/request-core.ts'
import { watchFinish } from '../connection/watch-finish.ts'
import type { RequestObserver } from './request-observer.ts'

/** Logs each request when its response is finished or its connection is gone. */
export const accessLog: RequestObserver = {
  started(request) {
    const arrivedAt = performance.now()
    const core = coreOf(request)
    // It isn't known any more once the connection is gone.
    const { ip } = core
    const { raw } = core.response
    const body = new WatchedBody(raw, core.method === 'HEAD')
    const log = () => {
      const ms = Math.round((performance.now() - arrivedAt) * 1000) / 1000
      logRequest(core, body, { ms, ip })
    }
    if (isClosed(raw)) log()
    else raw.once('close', log)
  },
}

function logRequest(core: RequestCore, { bytes, isWhole }: WatchedBody, measured: { ms: number; ip: string }): void {
  const { id, method, route, response, settings } = core
  const path = printablePath(core.rawPath)
  const status = response.isHandedOver ? 101 : response.raw.headersSent ? response.raw.statusCode : undefined
  const aborted = isWhole || response.isHandedOver ? undefined : true
  const { entryPoint, version } = settings
  const fields = { method, path, route, status, bytes, ...measured, requestId: id, entryPoint, version, aborted }
  settings.logger.info(`${method} ${path} ${status ?? 'aborted'}`, withoutUndefined(fields))
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

type Write = (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean
type End = (chunk?: unknown, encoding?: unknown, callback?: unknown) => ServerResponse

/** What becomes of a response's body, in whatever way it is written; complete once its connection lets go of it. */
class WatchedBody {
  readonly #raw: ServerResponse
  readonly #isHead: boolean
  /** What was given to `write` and taken by the system, in bytes. */
  #taken = 0
  /** What was given to `end`, in bytes. */
  #last = 0
  #isEnding = false
  readonly #hasFinished: () => boolean

  constructor(raw: ServerResponse, isHead: boolean) {
    this.#raw = raw
    this.#isHead = isHead
    this.#hasFinished = watchFinish(raw)
    this.#watchWrite()
    this.#watchEnd()
  }

  get isWhole(): boolean {
    return this.#hasFinished()
  }

  /** Of the body as it went out, encoded; of one that isn't whole, those that the system has taken. */
  get bytes(): number {
    const { statusCode } = this.#raw
    if (this.#isHead || statusCode === 204 || statusCode === 304) return 0
    return this.#taken + (this.isWhole ? this.#last : 0)
  }

  #watchWrite(): void {
    const raw = this.#raw
    const write = raw.write.bind(raw) as Write
    raw.write = ((chunk, encoding, callback) => {
      // Under HTTP/2, `end` writes its chunk through `write`.
      if (this.#isEnding) return write(chunk, encoding, callback)
      const bytes = sizeOf(chunk, encoding)
      const done = typeof encoding === 'function' ? encoding : callback
      return write(chunk, typeof encoding === 'function' ? undefined : encoding, (error?: Error | null) => {
        // A socket that is destroyed calls what it hasn't written a success.
        if (!error && !raw.socket?.destroyed) this.#taken += bytes
        if (typeof done === 'function') done(error)
      })
    }) as typeof raw.write
  }

  #watchEnd(): void {
    const raw = this.#raw
    const end = raw.end.bind(raw) as End
    raw.end = ((chunk, encoding, callback) => {
      if (!raw.writableEnded) this.#last = sizeOf(chunk, encoding)
      this.#isEnding = true
      try {
        return end(chunk, encoding, callback)
      } finally {
        this.#isEnding = false
      }
    }) as typeof raw.end
  }
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
