import type { IncomingMessage } from 'node:http'
import { HttpError, type Request } from '../../index.ts'
import { bodyLimitOf, coreOf, drainBody, idempotentMethods, type RequestCore } from '../../kit.ts'
import type { NodeUse } from '../selector/node-use.ts'
import type { Choice } from '../selector/selector.ts'
import { setAnswerFields } from './answer-head.ts'
import { AnswerRelay, type RelayWatch } from './answer-relay.ts'
import { type ForwardedBody, openBody } from './body-relay.ts'
import { publish } from './forward-diagnostics.ts'
import type { ForwardChain } from './forward-options.ts'
import type { Forwarder } from './forwarder.ts'
import type { NodeConnection } from './node-connection.ts'
import { NodeExchange } from './node-exchange.ts'
import { NodeFailure } from './node-failure.ts'
import type { Client, NodeLink, Way } from './node-link.ts'
import { NodeQuestion } from './node-question.ts'
import { changePath } from './path-change.ts'
import { refuseLoop } from './request-head.ts'
import { relayUpgrade } from './upgrade-relay.ts'

/**
 * One request on its way to a node, and its answer.
 *
 * What its parts are told of it they ask it for. Literals that hold on to what a request needs would be put where V8 keeps what is old
 * once many requests are under way, and all of their garbage with them.
 */
export class Forwarding implements Choice<NodeLink>, Client, RelayWatch {
  readonly tried: Set<NodeLink> = new Set()
  readonly #forwarder: Forwarder
  readonly #request: Request
  readonly #core: RequestCore
  readonly #method: string
  /** With the query. */
  readonly #path: string
  #body!: ForwardedBody
  #attempts: number
  /** The node that is asked, and what it is asked. */
  #use!: NodeUse<NodeLink>
  #question!: NodeQuestion
  #isLeft = false
  /** Ends what is under way when the client leaves. */
  #abort: () => void = () => {}

  /** @throws HttpError 400 for a path that leads out of its folder, 501 for CONNECT, 508 for a request that was here already */
  constructor(forwarder: Forwarder, request: Request) {
    const core = coreOf(request)
    const { url } = core
    const { method } = core.changed ?? core
    const { rawPath } = core.changed?.path ?? core
    if (method === 'CONNECT') throw new HttpError(501, undefined, { failure: 'ERR_TRIBIND_FORWARD_METHOD' })
    refuseLoop(core)
    this.#forwarder = forwarder
    this.#request = request
    this.#method = method
    this.#core = core
    const mark = url.indexOf('?')
    const path = rawPath.startsWith('/') ? changePath(rawPath, forwarder.options) : rawPath
    this.#path = mark < 0 ? path : path + url.slice(mark)
    this.#attempts = forwarder.options.retry.attempts
  }

  /** What the strategy `hash` chooses by. */
  key(): string {
    return this.#forwarder.keyOf(this.#core, this.#request)
  }

  get address(): string | undefined {
    return this.#core.raw.socket.remoteAddress
  }

  get localAddress(): string | undefined {
    return this.#core.raw.socket.localAddress
  }

  get chain(): ForwardChain | undefined {
    return this.#forwarder.chainOf(this.#core.server)
  }

  get idleTimeout(): number {
    return this.#forwarder.options.idleTimeout
  }

  /** Resolves when the answer of a node is the response, or the client has left. */
  async run(): Promise<void> {
    const { raw } = this.#core.response
    const leave = () => this.#leave()
    raw.once('close', leave)
    publish('start', this.#request)
    try {
      const { maxBodySize, retry } = this.#forwarder.options
      const bodyLimit = bodyLimitOf(this.#core) ?? Infinity
      const opened = openBody(this.#core, {
        maxBodySize: Math.min(maxBodySize ?? Infinity, bodyLimit),
        keep: retry.buffer,
      })
      this.#body = opened instanceof Promise ? await opened : opened
      await this.#tryNodes()
    } catch (error) {
      raw.off('close', leave)
      publish('ended', this.#request, undefined, error)
      if (this.#isLeft) return
      await this.#dropBody()
      throw error
    }
  }

  cut(reason: string): void {
    const { name, address, egress, title } = this.#use.node
    const fields = { node: name, addr: address.text, egress }
    this.#core.log('warn', `${this.#core.logName} was cut short by ${title}: ${reason}`, fields)
  }

  over(): void {
    this.#use.end()
    publish('ended', this.#request, this.#use.node)
  }

  /** What is left of a body that was begun to be read: its client is to come to read the answer. */
  async #dropBody(): Promise<void> {
    const { raw, response } = this.#core
    const drained = drainBody(raw, response.raw)
    // A connection that is closed after the answer must be empty by then; the others are emptied meanwhile.
    if (!response.raw.shouldKeepAlive) await drained
  }

  async #tryNodes(): Promise<void> {
    let use = this.#take()
    while (use !== undefined) {
      const link = use.node
      try {
        const next = await this.#try(use)
        if (next === undefined) return
        use = next
      } catch (error) {
        this.#settle(use, error as Error)
        if (!(error instanceof NodeFailure)) throw error
        const next = this.#mayRetry(error) ? this.#take() : undefined
        if (next === undefined) throw error.toHttpError(link.title)
        publish('retried', this.#request, next.node, error.cause)
        this.#attempts--
        use = next
      }
    }
    throw this.#forwarder.unavailable()
  }

  #take(): NodeUse<NodeLink> | undefined {
    const use = this.#forwarder.selector.take(this)
    if (use === undefined) return undefined
    this.tried.add(use.node)
    publish('node', this.#request, use.node)
    return use
  }

  /** Reports what a node failed with, unless it was the client who did. */
  #settle(use: NodeUse<NodeLink>, error: Error): void {
    if (!this.#isLeft && error instanceof NodeFailure) {
      const { title, name, egress, address } = use.node
      const fields = { node: name, addr: address.text, egress, error: error.cause }
      this.#core.log('warn', `${this.#core.logName} could not be forwarded to ${title}`, fields)
      // One that ends a kept connection has not failed.
      if (error.kind !== 'stale') use.failed(error.cause as Error)
    }
    use.end()
  }

  #mayRetry({ kind }: NodeFailure): boolean {
    if (this.#attempts === 0 || this.#isLeft) return false
    if (kind === 'connect') return true
    const { on } = this.#forwarder.options.retry
    return (kind === 'timeout' ? on.timeout : on.reset) && this.#maySendAgain
  }

  get #maySendAgain(): boolean {
    const { methods } = this.#forwarder.options.retry
    return methods.has(this.#method) && this.#body.isReplayable && !this.#question.hasInformed
  }

  /** Asks a node. Returns the next one if the answer is to be another's. */
  async #try(use: NodeUse<NodeLink>): Promise<NodeUse<NodeLink> | undefined> {
    const link = use.node
    const question = (this.#question = new NodeQuestion(this.#core, this.#body, link, this.#path))
    const way = link.choose(this)
    let exchange = this.#ask(link, link.life.pool.take(way.key) ?? (await this.#open(way)), question)
    let answer: IncomingMessage
    try {
      answer = await exchange.answer
    } catch (error) {
      if (!this.#isAskedAnew(error)) throw error
      exchange = this.#ask(link, await this.#open(link.choose(this)), question)
      answer = await exchange.answer
    }
    return this.#accept(use, exchange, answer)
  }

  /** A kept connection that the node has closed says nothing of a request that can be sent twice (RFC 9112, section 9.3.1). */
  #isAskedAnew(error: unknown): boolean {
    const isStale = error instanceof NodeFailure && error.kind === 'stale'
    return isStale && !this.#isLeft && this.#body.isEmpty && idempotentMethods.includes(this.#method)
  }

  async #open(way: Way): Promise<NodeConnection> {
    const abort = new AbortController()
    this.#abort = () => abort.abort(new Error('The client closed the connection'))
    const connection = await way.connect(abort.signal)
    if (!this.#isLeft) return connection
    connection.end()
    throw new Error('The client closed the connection')
  }

  #ask(link: NodeLink, connection: NodeConnection, question: NodeQuestion): NodeExchange {
    publish('connected', this.#request, link, undefined, connection.isReused)
    const { pool } = link.life
    const exchange = new NodeExchange(connection, question, this.#forwarder.options, (keepAlive) =>
      pool.keep(connection, keepAlive),
    )
    this.#abort = () => exchange.abort()
    return exchange
  }

  #accept(use: NodeUse<NodeLink>, exchange: NodeExchange, message: IncomingMessage): NodeUse<NodeLink> | undefined {
    const { options } = this.#forwarder
    const status = message.statusCode as number
    if (options.failStatus(status)) use.failed(new Error(`the answer was ${status}`))
    else use.succeeded()
    const next = this.#takeInsteadOf(status)
    if (next !== undefined) {
      message.on('error', () => {})
      exchange.abort()
      use.end()
      publish('retried', this.#request, next.node, new Error(`the answer was ${status}`))
      return next
    }
    this.#use = use
    this.#relay(exchange, message)
    return undefined
  }

  #takeInsteadOf(status: number): NodeUse<NodeLink> | undefined {
    if (this.#attempts === 0 || this.#isLeft || !this.#maySendAgain) return undefined
    if (!this.#forwarder.options.retry.on.status(status)) return undefined
    this.#attempts--
    return this.#take()
  }

  #relay(exchange: NodeExchange, message: IncomingMessage): void {
    const core = this.#core
    const { changes } = this.#use.node
    const { upgraded } = exchange
    if (upgraded !== undefined) {
      exchange.end()
      return relayUpgrade(core, message, upgraded, changes.response, () => this.over())
    }
    core.response.relay(message, new AnswerRelay(core, message, exchange, this))
    setAnswerFields(core, message, changes.response)
  }

  #leave(): void {
    // An answer that has gone out whole is none that was left.
    if (this.#core.response.raw.writableFinished) return
    this.#isLeft = true
    this.#abort()
  }
}
