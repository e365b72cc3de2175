import { type ClientRequest, type IncomingMessage, request as sendRequest, type RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { HttpError } from '../../index.ts'
import { type Fields, flushHeadSoon } from '../../kit.ts'
import type { BodyTarget, ForwardedBody } from './body-relay.ts'
import { NodeFailure } from './node-failure.ts'
import type { NodeConnection } from './node-connection.ts'
import type { Watchdog } from './watchdog.ts'

/** How large the head of an answer may be, in bytes. */
const MAX_HEAD_BYTES = 128 * 1024
/** How long a node that was asked to say so may take to accept a body; then it is sent anyway (RFC 9110, section 10.1.1). */
const CONTINUE_MS = 1000

/** An answer of 1xx, other than 101. */
export interface Information {
  readonly statusCode: number
  readonly rawHeaders: readonly string[]
}

/** What a node is asked. */
export interface Question {
  readonly method: string
  /** With the query, as it goes on the wire. */
  readonly path: string
  readonly fields: Fields
  readonly body: ForwardedBody
  /** Whether the node may go over to another protocol. */
  readonly isUpgrade: boolean
  /** Whether the client waits for the node to accept its body. */
  readonly awaitsContinue: boolean
  readonly inform: (information: Information) => void
}

/** In milliseconds. */
export interface ExchangeTimeouts {
  readonly headTimeout: number
  readonly idleTimeout: number
}

/** A connection that has gone over to another protocol, and what has come over it after the head. */
export interface Upgraded {
  readonly socket: Socket
  readonly head: Buffer
}

const connectionOf: unique symbol = Symbol('connection')

/** Hands each request the connection that was chosen for it. */
const agent = {
  keepAlive: true,
  protocol: 'http:',
  defaultPort: 80,
  maxSockets: Infinity,
  options: {},
  addRequest(request: ClientRequest, options: { readonly [connectionOf]: Socket }): void {
    request.onSocket(options[connectionOf])
  },
}

/**
 * One request to a node over one connection.
 *
 * It is sent by the client of `node:http` and not by undici, which has neither trailers of requests nor `Expect: 100-continue`, and
 * doesn't tell whether a connection was reused when it breaks.
 */
export class NodeExchange implements BodyTarget {
  /** The head of the answer. Rejects with a `NodeFailure`, or with the `HttpError` of a client that sends too much or too slowly. */
  readonly answer: Promise<IncomingMessage>
  readonly request: ClientRequest
  readonly #connection: NodeConnection
  readonly #question: Question
  readonly #timeouts: ExchangeTimeouts
  readonly #bytesBefore: number
  #bytesSeen: number
  #resolve!: (answer: IncomingMessage) => void
  #reject!: (error: Error) => void
  #upgraded: Upgraded | undefined
  #isAnswered = false
  #keepAlive: string | undefined
  #isBodySent = false

  /** @param free called when the connection may serve another request, with the `Keep-Alive` field of the answer */
  constructor(
    connection: NodeConnection,
    question: Question,
    timeouts: ExchangeTimeouts,
    free: (keepAlive: string | undefined) => void,
  ) {
    this.#connection = connection
    this.#question = question
    this.#timeouts = timeouts
    this.#bytesBefore = this.#bytesSeen = connection.socket.bytesRead
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    connection.onFree = () => free(this.#keepAlive)
    this.request = this.#send()
    // Of its end, which has come already, there would be no sign.
    if (connection.socket.destroyed) this.request.destroy(new Error('the connection was closed'))
    this.#sendBody()
  }

  get watchdog(): Watchdog {
    return this.#connection.watchdog
  }

  /** Set where the answer is 101: what has become of the connection. */
  get upgraded(): Upgraded | undefined {
    return this.#upgraded
  }

  /** Whether all of the request was handed over. */
  get isBodySent(): boolean {
    return this.#isBodySent
  }

  /** Ends it and its connection. @param error what the answer rejects with, unless it is there */
  abort(error: Error = new Error('The request was given up')): void {
    this.end()
    this.#reject(error)
    this.request.destroy()
    this.#connection.end()
  }

  /** Ends what goes on beside the answer. */
  end(): void {
    this.#isAnswered = true
    this.watchdog.rest()
    this.#question.body.stop()
  }

  moved(): void {
    this.watchdog.touch()
  }

  sent(): void {
    this.#isBodySent = true
    if (!this.#isAnswered) this.watchdog.arm(this.#timeouts.headTimeout, () => this.#tooLate())
  }

  /** The client sends too much, or too slowly: an answer that has begun already is cut short. */
  failed(error: HttpError): void {
    if (this.#isAnswered) this.abort()
    else this.#giveUp(error)
  }

  #send(): ClientRequest {
    const { method, path, fields, isUpgrade } = this.#question
    const { socket } = this.#connection
    const options: RequestOptions & { readonly [connectionOf]: Socket } = {
      agent: agent as never,
      [connectionOf]: socket,
      method,
      path,
      headers: fields as never,
      insecureHTTPParser: false,
      maxHeaderSize: MAX_HEAD_BYTES,
    }
    const request = sendRequest(options)
    // Fields beyond a number would be dropped without a word.
    request.maxHeadersCount = 0
    request.on('error', (error) => this.#fail(error))
    request.on('response', (message) => {
      this.#keepAlive = message.headers['keep-alive'] as string | undefined
      this.#answered(message)
    })
    request.on('information', (information) => this.#question.inform(information as unknown as Information))
    if (isUpgrade)
      request.on('upgrade', (message, _socket, head) => {
        this.#upgraded = { socket: this.#connection.release(), head }
        this.#answered(message)
      })
    // Of a 101 that wasn't asked for there is no other sign.
    request.on('close', () => this.#isAnswered || this.#fail(new Error('the connection was closed')))
    return request
  }

  #sendBody(): void {
    const { body, awaitsContinue } = this.#question
    if (awaitsContinue) {
      this.watchdog.arm(this.#timeouts.idleTimeout, () => this.#tooIdle())
      this.#flushExpectation()
      return this.#sendOnceAccepted(() => body.sendTo(this))
    }
    body.sendTo(this)
    if (this.#isBodySent) return
    this.watchdog.arm(this.#timeouts.idleTimeout, () => this.#tooIdle())
    // The node may answer before the body comes.
    flushHeadSoon(this.request)
  }

  /** `node:http` hands a head with this field on at once, to be written as UTF-8. */
  #flushExpectation(): void {
    const { outputData = [] } = this.request as { readonly outputData?: { encoding?: string }[] }
    for (const data of outputData) data.encoding = 'latin1'
  }

  #sendOnceAccepted(send: () => void): void {
    const proceed = () => {
      clearTimeout(timer)
      this.request.off('continue', proceed)
      if (!this.#isAnswered) send()
    }
    const timer = setTimeout(proceed, CONTINUE_MS)
    this.request.once('continue', proceed).once('close', () => clearTimeout(timer))
  }

  #answered(message: IncomingMessage): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    // The time for the answer to go on begins with its relay.
    this.#resolve(message)
  }

  /** Nothing has moved while the body was on its way: the client doesn't send, or the node doesn't take. */
  #tooIdle(): void {
    const { idleTimeout } = this.#timeouts
    if (this.request.writableNeedDrain)
      this.#giveUp(new NodeFailure('timeout', new Error(`the node took nothing of the body for ${idleTimeout} ms`)))
    else this.failed(new HttpError(408, undefined, { failure: 'ERR_TRIBIND_FORWARD_BODY' }))
  }

  #tooLate(): void {
    const { bytesRead } = this.#connection.socket
    const { headTimeout, idleTimeout } = this.#timeouts
    if (bytesRead > this.#bytesSeen) {
      // The head has begun.
      this.#bytesSeen = bytesRead
      return this.watchdog.arm(idleTimeout, () => this.#tooLate())
    }
    const isBegun = bytesRead > this.#bytesBefore
    const what = isBegun
      ? `the head of the answer stood still for ${idleTimeout} ms`
      : `no answer within ${headTimeout} ms`
    this.#giveUp(new NodeFailure('timeout', new Error(what)))
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isAnswered) return
    const { isReused, socket } = this.#connection
    const isSilent = socket.bytesRead === this.#bytesBefore
    const kind = error.code?.startsWith('HPE_') ? 'head' : isReused && isSilent ? 'stale' : 'reset'
    this.#giveUp(new NodeFailure(kind, error))
  }

  #giveUp(error: Error): void {
    if (!this.#isAnswered) this.abort(error)
  }
}
