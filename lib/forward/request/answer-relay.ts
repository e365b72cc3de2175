import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { drainBody, passTrailers, type Relayed, type RequestCore, unsentBytes } from '../../kit.ts'
import type { NodeExchange } from './node-exchange.ts'

/** What is told of an answer that is relayed. */
export interface RelayWatch {
  readonly idleTimeout: number
  /** The node broke off in the midst of its answer, or nothing has moved for too long. */
  cut(reason: string): void
  /** It is over, in whatever way. */
  over(): void
}

/** Up to this many bytes go out as text, together with a head that waits for them. */
const MAX_JOINED = 4096

/** The answer of a node on its way to the client, at the pace of both. */
export class AnswerRelay implements Relayed {
  readonly status: number
  readonly reason: string
  readonly length: number | undefined
  readonly #core: RequestCore
  readonly #message: IncomingMessage
  readonly #exchange: NodeExchange
  readonly #watch: RelayWatch
  readonly #close: () => void
  /** Called when the body that is pumped has ended. */
  #settle: (() => void) | undefined
  #isOver = false

  constructor(core: RequestCore, message: IncomingMessage, exchange: NodeExchange, watch: RelayWatch) {
    const { statusCode, statusMessage = '', headers } = message
    const length = headers['content-length']
    this.status = statusCode as number
    this.reason = statusMessage
    this.length = length === undefined ? undefined : Number(length)
    this.#core = core
    this.#message = message
    this.#exchange = exchange
    this.#watch = watch
    exchange.watchdog.arm(watch.idleTimeout, () => this.#stall())
    // Without a listener, a message that breaks off would end the process.
    message.on('error', ignore).on('close', () => this.#closed())
    this.#close = this.#endWithServer()
  }

  pump(sink: Writable, isAsItCame: boolean): void | Promise<void> {
    const message = this.#message
    // Mostly the body has come along with its head.
    if (message.complete) return this.#end(sink, message.read() as Buffer | null, isAsItCame)
    if (message.destroyed) return this.#cutShort()
    return new Promise((resolve) => {
      this.#settle = resolve
      const goOn = () => {
        this.#exchange.moved()
        message.resume()
      }
      message.on('data', (chunk: Buffer) => {
        this.#exchange.moved()
        if (write(sink, chunk)) return
        message.pause()
        sink.once('drain', goOn)
      })
      message.on('end', () => {
        this.#end(sink, null, isAsItCame)
        resolve()
      })
    })
  }

  drop(): void {
    this.#message.resume()
  }

  get #response(): ServerResponse {
    return this.#core.response.raw
  }

  /** @param last what of the body hasn't gone out yet */
  #end(sink: Writable, last: Buffer | null, isAsItCame: boolean): void {
    if (last !== null) write(sink, last)
    const trailers = isAsItCame ? passTrailers(this.#message.rawTrailers) : undefined
    if (trailers !== undefined) addTrailers(this.#response, trailers)
    sink.end()
  }

  #closed(): void {
    const settle = this.#settle
    if (settle !== undefined && !this.#message.complete) this.#cutShort()
    settle?.()
    this.#finish()
  }

  /** A short body is to be seen as short. */
  #cutShort(): void {
    const raw = this.#response
    if (raw.destroyed) return
    this.#watch.cut('it broke off in the midst of its answer')
    raw.destroy()
  }

  #stall(): void {
    this.#watch.cut(`nothing has moved for ${this.#watch.idleTimeout} ms`)
    this.#exchange.abort()
    this.#response.destroy()
  }

  /** A stream of events has no end of its own that a stop could wait for. */
  #endWithServer(): () => void {
    const { settings, served } = this.#core
    const type = this.#message.headers['content-type'] ?? ''
    if (!/^text\/event-stream\s*(?:;|$)/i.test(type)) return () => {}
    return settings.traffic.streams.open({
      route: served,
      end: () => {
        this.#message.removeAllListeners('data')
        this.#finish()
        this.#response.end()
      },
      cut: () => this.#response.destroy(),
    })
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#close()
    const isWhole = this.#message.complete && this.#exchange.isBodySent
    if (isWhole) this.#exchange.end()
    else this.#exchange.abort()
    // The node has answered without the rest of the request, which its client still sends.
    if (!this.#exchange.isBodySent && !this.#response.destroyed) void drainBody(this.#core.raw, this.#response)
    this.#watch.over()
  }
}

/** A small chunk is one write of one text with the head that waits for it, and leaves nothing for `end` to write, as in the core. */
function write(sink: Writable, chunk: Buffer): boolean {
  const { socket, req } = sink as Partial<ServerResponse>
  if (!socket || req?.httpVersionMajor !== 1) return sink.write(chunk)
  socket.cork()
  const hasRoom = chunk.length > MAX_JOINED ? sink.write(chunk) : sink.write(chunk.toString('latin1'), 'latin1')
  socket.uncork()
  // Of a large one, mostly the system has taken all at once: then there is nothing to wait for.
  return hasRoom || unsentBytes(socket) === 0
}

/** HTTP/1.1 takes them after chunks alone, and none in HTTP/1.0. */
function addTrailers(raw: ServerResponse, trailers: Record<string, string[]>): void {
  if (raw.req.httpVersionMajor > 1 || raw.chunkedEncoding) raw.addTrailers(trailers as never)
}

function ignore(): void {}
