import type { IncomingMessage } from 'node:http'
import { HttpError, type Request } from '../../index.ts'
import {
  awaitsContinue,
  bodyLimitOf,
  coreOf,
  drainBody,
  idempotentMethods,
  joinChanges,
  type RequestCore,
} from '../../kit.ts'
import type { NodeUse } from '../selector/node-use.ts'
import { setAnswerFields } from './answer-head.ts'
import { AnswerRelay } from './answer-relay.ts'
import { type BodyRelay, openBody } from './body-relay.ts'
import { publish } from './forward-diagnostics.ts'
import type { Forwarder } from './forwarder.ts'
import { informClient } from './inform-client.ts'
import { type NodeAnswer, NodeExchange, type Question } from './node-exchange.ts'
import { NodeFailure } from './node-failure.ts'
import type { Connection, NodeLink } from './node-link.ts'
import { changePath } from './path-change.ts'
import { createRequestHead, refuseLoop } from './request-head.ts'
import { relayUpgrade } from './upgrade-relay.ts'

/** One request on its way to a node, and its answer. */
export class Forwarding {
  readonly #forwarder: Forwarder
  readonly #request: Request
  readonly #core: RequestCore
  readonly #method: string
  readonly #path: string
  readonly #query: string
  readonly #tried = new Set<NodeLink>()
  #body!: BodyRelay
  #attempts: number
  /** Whether an answer of 1xx has gone out. */
  #hasInformed = false
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
    this.#path = rawPath.startsWith('/') ? changePath(rawPath, forwarder.options) : rawPath
    const mark = url.indexOf('?')
    this.#query = mark < 0 ? '' : url.slice(mark)
    this.#attempts = forwarder.options.retry.attempts
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
      publish('ended', this.#request, { error })
      if (this.#isLeft) return
      await this.#dropBody()
      throw error
    }
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
        publish('retried', this.#request, { link: next.node, error: error.cause })
        this.#attempts--
        use = next
      }
    }
    throw this.#forwarder.unavailable()
  }

  #take(): NodeUse<NodeLink> | undefined {
    const use = this.#forwarder.selector.take({
      tried: this.#tried,
      key: () => this.#forwarder.keyOf(this.#core, this.#request),
    })
    if (use === undefined) return undefined
    this.#tried.add(use.node)
    publish('node', this.#request, { link: use.node })
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
    return methods.has(this.#method) && this.#body.isReplayable && !this.#hasInformed
  }

  /** Asks a node. Returns the next one if the answer is to be another's. */
  async #try(use: NodeUse<NodeLink>): Promise<NodeUse<NodeLink> | undefined> {
    const link = use.node
    const question = this.#createQuestion(link)
    const connection = await this.#connect(link, false)
    let exchange = this.#ask(link, connection, question)
    let answer: NodeAnswer
    try {
      answer = await exchange.answer
    } catch (error) {
      if (!this.#isAskedAnew(error)) throw error
      exchange = this.#ask(link, await this.#connect(link, true), question)
      answer = await exchange.answer
    }
    return this.#accept(use, exchange, answer)
  }

  /** A kept connection that the node has closed says nothing of a request that can be sent twice (RFC 9112, section 9.3.1). */
  #isAskedAnew(error: unknown): boolean {
    const isStale = error instanceof NodeFailure && error.kind === 'stale'
    return isStale && !this.#isLeft && this.#body.isEmpty && idempotentMethods.includes(this.#method)
  }

  #createQuestion(link: NodeLink): Question {
    const core = this.#core
    const { raw } = core
    const { framing } = this.#body
    const isUpgrade = isDetached(raw)
    const waits = awaitsContinue(raw) && !this.#body.isEmpty && !this.#body.isWhole
    const host = link.hostFor(core.url.startsWith('/') ? raw.headers.host : authorityOf(core.url))
    const path = this.#path.startsWith('/') ? link.address.prefix + this.#path : this.#path
    return {
      method: this.#method,
      path: path + this.#query,
      fields: createRequestHead(core, {
        framing,
        host,
        changes: joinChanges(core.changed?.changes, link.changes.request),
        isUpgrade,
        awaitsContinue: waits,
      }),
      body: this.#body,
      isUpgrade,
      awaitsContinue: waits,
      inform: (information) => {
        if (informClient(core, information)) this.#hasInformed = true
      },
    }
  }

  /** @param isFresh whether only a new connection will do */
  async #connect(link: NodeLink, isFresh: boolean): Promise<Connection> {
    const { raw } = this.#core
    const { localAddress } = raw.socket
    const way = link.choose({
      localAddress,
      address: raw.socket.remoteAddress,
      chain: this.#forwarder.chainOf(this.#core.server),
    })
    const kept = isFresh ? undefined : link.life.pool.take(way.key)
    const connection = kept === undefined ? await this.#open(way) : { socket: kept, isReused: true, key: way.key }
    publish('connected', this.#request, { link, isReused: connection.isReused })
    return connection
  }

  async #open(way: ReturnType<NodeLink['choose']>): Promise<Connection> {
    const abort = new AbortController()
    this.#abort = () => abort.abort(new Error('The client closed the connection'))
    const connection = await way.connect(abort.signal)
    if (!this.#isLeft) return connection
    connection.socket.destroy()
    throw new Error('The client closed the connection')
  }

  #ask(link: NodeLink, connection: Connection, question: Question): NodeExchange {
    const { socket, key } = connection
    const exchange = new NodeExchange(connection, question, this.#forwarder.options, (keepAlive) => {
      if (key === undefined) socket.destroy()
      else link.life.pool.keep(key, socket, keepAlive)
    })
    this.#abort = () => exchange.abort()
    return exchange
  }

  #accept(use: NodeUse<NodeLink>, exchange: NodeExchange, answer: NodeAnswer): NodeUse<NodeLink> | undefined {
    const { message } = answer
    const { options } = this.#forwarder
    const status = message.statusCode as number
    if (options.failStatus(status)) use.failed(new Error(`the answer was ${status}`))
    else use.succeeded()
    const next = this.#takeInsteadOf(status)
    if (next !== undefined) {
      message.on('error', () => {})
      exchange.abort()
      use.end()
      publish('retried', this.#request, { link: next.node, error: new Error(`the answer was ${status}`) })
      return next
    }
    this.#relay(use, exchange, answer)
    return undefined
  }

  #takeInsteadOf(status: number): NodeUse<NodeLink> | undefined {
    if (this.#attempts === 0 || this.#isLeft || !this.#maySendAgain) return undefined
    if (!this.#forwarder.options.retry.on.status(status)) return undefined
    this.#attempts--
    return this.#take()
  }

  #relay(use: NodeUse<NodeLink>, exchange: NodeExchange, answer: NodeAnswer): void {
    const core = this.#core
    const { message } = answer
    const link = use.node
    const over = () => {
      use.end()
      publish('ended', this.#request, { link })
    }
    if (answer.upgraded !== undefined) {
      exchange.end()
      return relayUpgrade(core, answer, link.changes.response, over)
    }
    const cut = (reason: string) => {
      const fields = { node: link.name, addr: link.address.text, egress: link.egress }
      core.log('warn', `${core.logName} was cut short by ${link.title}: ${reason}`, fields)
    }
    const { idleTimeout } = this.#forwarder.options
    const relay = new AnswerRelay(core, message, exchange, { idleTimeout, cut, over })
    core.response.relay(message, relay)
    setAnswerFields(core, message, link.changes.response)
  }

  #leave(): void {
    // An answer that has gone out whole is none that was left.
    if (this.#core.response.raw.writableFinished) return
    this.#isLeft = true
    this.#abort()
  }
}

/** Whether `node:http` has let go of the connection, so that it can go over to another protocol. */
function isDetached(raw: IncomingMessage): boolean {
  return (raw as { readonly upgrade?: boolean }).upgrade === true
}

/** The authority of a target in absolute form, which counts in place of the Host field (RFC 9112, section 3.2.2). */
function authorityOf(url: string): string | undefined {
  return /^[a-z]+:\/\/([^/?]*)/i.exec(url)?.[1]
}
