import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { deferContinue } from '../../http/body/expect-continue.ts'
import type { CountedConnection, StreamEnd } from '../counted-connection.ts'
import { takenBytes, unsentBytes } from '../sent-bytes.ts'
import { checkHeaderSize, type HeaderLimits } from './header-size.ts'
import { Http2Request } from './http2-request.ts'
import { Http2Response } from './http2-response.ts'

/** How long a stream may stand still while too much waits for its client, and a PING may be without its answer. */
const PATIENCE_MS = 5000

/** How many streams of a session may stand still for longer: each can hold a file open. */
const MAX_STANDING = 20

/** How often a session that serves nothing is asked whether it still works; one that does, at each sweep. */
const PROBE_MS = 30_000

/** How long a client may take to answer that it knows of the end. */
const ANNOUNCE_MS = 1000

/** Of a GOAWAY that refuses nothing yet. */
const MAX_STREAM_ID = 2 ** 31 - 1

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants
const { NGHTTP2_STREAM_STATE_IDLE } = constants

/** What the sessions of a server are held to. The times are in milliseconds, 0 for no limit. */
export interface SessionLimits {
  readonly headers: HeaderLimits
  /** How long a session without a stream stays open, unless `timeout` is shorter. */
  readonly keepAliveTimeout: number
  /** How long a request may take to arrive; then 408, or a reset where its response has begun. */
  readonly requestTimeout: number
  /** How long a stream may stand still in both directions. */
  readonly timeout: number
  /** How much of the answers may wait for the client before its further requests wait, too. */
  readonly maxUnsentBytes: number
}

/** What a session is served with. */
export interface SessionSetting {
  /** What it was opened on. */
  readonly socket: Socket
  readonly limits: SessionLimits
  readonly listener: RequestListener
  /** `undefined` where nothing is counted. */
  readonly connection: CountedConnection | undefined
}

/** One session of HTTP/2: its streams are served, held to the limits, and reset where their client leaves them standing. */
export class Http2Session {
  readonly #session: ServerHttp2Session
  readonly #socket: Socket
  readonly #limits: SessionLimits
  readonly #listener: RequestListener
  readonly #connection: CountedConnection | undefined
  #streams: Set<OpenStream> = none
  /** Whether some of them may wait until the client has taken other answers. */
  #hasHeld = false
  /** When it last had a stream. */
  #idleSince = now()
  #probedAt = 0
  /** When the first PING was sent that isn't answered yet; 0 for none. */
  #unansweredSince = 0
  /** When its end was announced; 0 before. */
  #announcedAt = 0
  #isEndKnown = false
  #isEnding = false
  /** Whether a stream was opened since it was last probed; true for a new session. */
  #hasServed = true
  /** What the system had taken at the last sweep at which something was sent, and when that was. */
  #takenBytes = 0
  #takenAt: number = now()

  constructor(session: ServerHttp2Session, { socket, limits, listener, connection }: SessionSetting) {
    this.#session = session
    this.#socket = socket
    this.#limits = limits
    this.#listener = listener
    this.#connection = connection
  }

  /** Serves a stream within the limits, at once or when its client has taken other answers. */
  receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const size = checkHeaderSize(rawHeaders, this.#limits.headers)
    // What stands in for the socket of a request asks the stream once the connection has gone.
    Object.assign(stream, { encrypted: true, remoteAddress: this.#socket.remoteAddress })
    if (size === 'fits') return this.#open(new OpenStream(stream, headers, rawHeaders))
    this.#connection?.refuse()
    if (size === 'refuse') stream.respond({ ':status': 431 }, { endStream: true })
    else stream.close(NGHTTP2_ENHANCE_YOUR_CALM)
  }

  /**
   * Takes no further requests, and goes with the last that it has. Where it has some, the client is told first: what that has sent by then is
   * served (RFC 9113, section 6.8). To be called again until it is closed.
   *
   * @param sparesIdle whether one without requests stays open: one may be on its way
   */
  close(sparesIdle = false): void {
    if (this.#session.closed || this.#session.destroyed) return
    this.#isEnding = true
    const isKnown = this.#isEndKnown || (this.#announcedAt > 0 && now() - this.#announcedAt >= ANNOUNCE_MS)
    if (this.#streams.size > 0 && !isKnown) return this.#announce()
    if (sparesIdle && this.#announcedAt === 0) return
    this.#idleSince = now()
    this.#session.close()
  }

  /** Only with a stream, without which Node.js would read no more. */
  #announce(): void {
    if (this.#announcedAt > 0) return
    this.#announcedAt = now()
    this.#session.goaway(NGHTTP2_NO_ERROR, MAX_STREAM_ID)
    this.#session.ping(() => (this.#isEndKnown = true))
  }

  /** Ends the streams whose time is over, serves what was held back for them, and closes an idle session. Called every few seconds. */
  sweep(): void {
    // Where what was to be written last can't be, Node.js leaves the connection open.
    if (this.#session.destroyed) return void this.#socket.end()
    const at = now()
    if (this.#streams.size > 0 && this.#isGivenUp(at)) return this.#session.destroy()
    for (const stream of this.#streams) this.#judge(stream, stream.lookAt(at))
    if (this.#streams.size > MAX_STANDING) this.#resetSurplus(at)
    this.#serveHeld()
    const idleMs = this.#streams.size === 0 ? at - this.#idleSince : 0
    if (this.#session.closed) return this.#destroyClosed(idleMs)
    const { keepAliveTimeout, timeout } = this.#limits
    if (idleMs >= Math.min(keepAliveTimeout || Infinity, timeout || Infinity)) return this.close()
    if (this.#hasServed || this.#unansweredSince > 0 || at - this.#probedAt >= PROBE_MS) this.#probe(at)
  }

  /** One that Node.js has given up doesn't go by itself once it is closed. */
  #destroyClosed(idleMs: number): void {
    if (idleMs >= PATIENCE_MS) this.#session.destroy()
  }

  /**
   * Returns whether frames wait that the system would take, and have for some seconds. Where its client has ended a session
   * before an error of the protocol, this alone tells that Node.js has given it up.
   */
  #isGivenUp(at: number): boolean {
    const taken = takenBytes(this.#socket)
    const stands = taken === this.#takenBytes && unsentBytes(this.#socket) === 0
    if (stands && (this.#session.state.outboundQueueSize ?? 0) > 0) return at - this.#takenAt >= PATIENCE_MS
    this.#takenBytes = taken
    this.#takenAt = at
    return false
  }

  /**
   * Destroys a session that Node.js has given up, after an error of the protocol for instance: it emits no event then, and
   * neither reads nor writes any more, so it doesn't see the client leave. A PING stays in its queue, or unanswered.
   */
  #probe(at: number): void {
    this.#probedAt = at
    this.#hasServed = false
    const session = this.#session
    if (session.destroyed || (session.state.outboundQueueSize ?? 0) > 0) return
    if (this.#unansweredSince > 0 && at - this.#unansweredSince >= PATIENCE_MS) return session.destroy()
    this.#unansweredSince ||= at
    session.ping(() => (this.#unansweredSince = 0))
    setImmediate(() => {
      if (!session.destroyed && (session.state.outboundQueueSize ?? 0) > 0) session.destroy()
    })
  }

  #judge(stream: OpenStream, stillMs: number): void {
    const { timeout, requestTimeout } = this.#limits
    if (stream.isLost) return stream.destroy()
    if (timeout > 0 && stillMs >= timeout) {
      stream.close(NGHTTP2_CANCEL)
      this.#refuseHeld()
    } else if (stillMs >= PATIENCE_MS && stream.unsentBytes > 0 && this.#isCrowded)
      stream.close(NGHTTP2_ENHANCE_YOUR_CALM)
    else if (requestTimeout > 0 && stream.hasArrivedFor >= requestTimeout) stream.refuse(408)
  }

  /** The first ones may stand until `timeout`. */
  #resetSurplus(at: number): void {
    const standing = [...this.#streams].filter((stream) => stream.unsentBytes > 0 && stream.lookAt(at) >= PATIENCE_MS)
    for (const stream of standing.slice(MAX_STANDING)) stream.close(NGHTTP2_ENHANCE_YOUR_CALM)
  }

  #open(stream: OpenStream): void {
    this.#hasServed = true
    if (this.#streams === none) this.#streams = new Set()
    this.#streams.add(stream)
    this.#connection?.openStream()
    if (this.#isEnding) this.#announce()
    stream.onClose(() => this.#close(stream))
    if (!this.#isCrowded) return stream.serve(this.#listener)
    this.#hasHeld = true
  }

  #close(stream: OpenStream): void {
    this.#streams.delete(stream)
    this.#connection?.closeStream(stream.end)
    if (this.#streams.size > 0) return this.#serveHeld()
    this.#streams = none
    this.#idleSince = now()
  }

  #serveHeld(): void {
    if (!this.#hasHeld) return
    for (const stream of this.#streams) {
      if (!stream.isHeld) continue
      if (this.#isCrowded) return
      stream.serve(this.#listener)
    }
    this.#hasHeld = false
  }

  /** They would only wait in turn; none was processed, so the client may send them again (RFC 9113, section 8.7). */
  #refuseHeld(): void {
    for (const stream of this.#streams) if (stream.isHeld) stream.close(NGHTTP2_REFUSED_STREAM)
  }

  /** Whether too much waits for the client; a single answer may be of any size. */
  get #isCrowded(): boolean {
    if (this.#streams.size < 2) return false
    let bytes = 0
    let count = 0
    for (const { unsentBytes } of this.#streams) {
      if (unsentBytes > 0) count++
      bytes += unsentBytes
    }
    return count > 1 && bytes > this.#limits.maxUnsentBytes
  }
}

/** The streams of all idle sessions: an empty set of its own would be half of what each costs. */
const none = new Set<never>()

/** The time in whole milliseconds: a field holds them itself, and needs an object for any other number. */
function now(): number {
  return Math.floor(performance.now())
}

/** A stream, and what is known of its progress. */
class OpenStream {
  readonly #stream: ServerHttp2Stream
  readonly #headers: IncomingHttpHeaders
  readonly #rawHeaders: readonly string[]
  readonly #openedAt = now()
  #movedAt = this.#openedAt
  #moved = 0
  #request: Http2Request | undefined = undefined
  #response: Http2Response | undefined = undefined
  #isCut = false

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    this.#stream = stream
    this.#headers = headers
    this.#rawHeaders = rawHeaders
  }

  /** Whether it waits until the client has taken other answers. */
  get isHeld(): boolean {
    return this.#request === undefined && !this.#stream.closed
  }

  get unsentBytes(): number {
    return this.#stream.writableLength
  }

  /** Whether its client has reset it without an error while something waited: Node.js keeps both then, and tells of no end. */
  get isLost(): boolean {
    const stream = this.#stream
    return stream.closed && !stream.destroyed && stream.state.state === NGHTTP2_STREAM_STATE_IDLE
  }

  /** For how long its request has been arriving; 0 for one that is there. */
  get hasArrivedFor(): number {
    const isThere = this.#stream.endAfterHeaders || this.#request === undefined || this.#request.hasArrived
    return isThere ? 0 : now() - this.#openedAt
  }

  /** What has become of it once it is closed. */
  get end(): StreamEnd {
    const [request, response, stream] = [this.#request, this.#response, this.#stream]
    const status = Number(stream.sentHeaders?.[':status'] ?? 0)
    const isGivenUp = this.#isCut || request?.isGivenUp === true || response?.isGivenUp === true
    return {
      status,
      isWhole: response?.writableFinished === true,
      isCut: isGivenUp || stream.rstCode === NGHTTP2_PROTOCOL_ERROR || isOfParser(stream.errored),
    }
  }

  onClose(listener: () => void): void {
    this.#stream.on('close', listener)
  }

  serve(listener: RequestListener): void {
    this.#movedAt = now()
    const request = (this.#request = new Http2Request(this.#stream, this.#headers, this.#rawHeaders))
    const response = (this.#response = new Http2Response(this.#stream))
    if (meetsExpectation(this.#headers, request, response)) listener(request as never, response as never)
  }

  /** Returns for how long nothing has moved: while an answer waits, what the client sends doesn't count. */
  lookAt(at: number): number {
    const received = this.unsentBytes > 0 ? 0 : (this.#request?.receivedBytes ?? 0)
    const moved = received + (this.#response?.takenBytes ?? 0)
    if (moved !== this.#moved) {
      this.#moved = moved
      this.#movedAt = at
    }
    return at - this.#movedAt
  }

  refuse(status: number): void {
    if (!this.#stream.headersSent) this.#stream.respond({ ':status': status }, { endStream: true })
    this.close(NGHTTP2_CANCEL)
  }

  destroy(): void {
    this.#stream.destroy()
  }

  close(code: number): void {
    this.#isCut = true
    this.#stream.close(code)
  }
}

/** In Node.js 24, a stream that the parser gives up has no code of its own: its session is destroyed with an error. */
function isOfParser(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === 'ERR_HTTP2_ERROR'
}

/** RFC 9110, section 10.1.1. */
function meetsExpectation({ expect }: IncomingHttpHeaders, request: Http2Request, response: Http2Response): boolean {
  if (expect === undefined) return true
  const isMet = expect.toLowerCase() === '100-continue'
  if (isMet) deferContinue(request as never, response as never)
  else response.writeHead(417).end()
  return isMet
}
