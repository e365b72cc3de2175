import { IncomingMessage, OutgoingMessage, type ServerResponse } from 'node:http'
import { Readable, Stream } from 'node:stream'
import { StateError } from '../../base/errors.ts'
import type { Level } from '../../log/logger.ts'
import { joinList } from './list-field.ts'
import { lendFields, takeFields } from './raw-head.ts'
import type { ResponseHeaders } from './response-headers.ts'

/** What a response that is lent asks of its request. */
export interface LentRequest {
  readonly raw: IncomingMessage
  /** Logs with the id of the request. */
  log(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** The response that is lent, as it stands behind that of `node:http`. */
interface Lender {
  readonly raw: ServerResponse
  readonly request: LentRequest
  readonly sent: boolean
  readonly status: number
  fields: ResponseHeaders | undefined
  alongside: Promise<void> | undefined
  setStatus(status: number): void
  pack(): void
}

type Callable = (...args: unknown[]) => unknown

/** They belong to the head, or go before it: `node:http` throws where it has gone out. */
const headMethods = [
  'setHeader',
  'setHeaders',
  'appendHeader',
  'removeHeader',
  'writeHead',
  'writeContinue',
  'writeProcessing',
  'writeEarlyHints',
]

/**
 * The response of `node:http` in the hands of code that isn't ours: a handler, or Connect middleware.
 *
 * Such code may still use it when the response is over, from a callback whose failure would end the process. What it does
 * too late has no effect then, and the first such call of a request is logged: at level `debug` where the client has left,
 * else at level `warn`.
 */
export class LentResponse {
  /** Whether the head was moved to it, now or before. */
  wasHeadLent = false
  /** Whether it was handed over for good. */
  isHijacked = false
  /** Whether the pipeline has sent the response, or what was missing of it. */
  isAnswered = false
  /** Whether the caller comes too late, though the response isn't over. */
  isLate: () => boolean = () => false
  /** Whether the head is there now. */
  #isHeadLent = false
  /** The header fields that were moved to it. */
  #fields: ResponseHeaders | undefined
  readonly #lender: Lender
  readonly #raw: ServerResponse
  #isTold = false

  constructor(lender: Lender) {
    const { raw } = lender
    this.#lender = lender
    this.#raw = raw
    raw.on('error', (error) => this.#tellOnce('warn', 'response.raw failed', { error }))
    for (const name of headMethods) this.#guard(name, () => raw.headersSent)
    for (const name of ['write', 'end']) this.#guard(name, () => raw.writableEnded || raw.destroyed)
  }

  /** Moves status, header fields and cookies to the response of `node:http`. */
  lendHead(): void {
    const lender = this.#lender
    pinMembers(lender.request.raw)
    pinMembers(this.#raw)
    lender.pack()
    if (lender.status !== 0) this.#raw.statusCode = lender.status
    lendFields(lender.fields, this.#raw)
    this.#fields = lender.fields
    lender.fields = undefined
    this.wasHeadLent = this.#isHeadLent = true
  }

  /** Takes back what `lendHead` lent, as it is by now. */
  takeBackHead(): void {
    this.#isHeadLent = false
    const [lender, raw] = [this.#lender, this.#raw]
    if (raw.headersSent || this.isLate()) return
    if (lender.status !== 0 || raw.statusCode !== 200) lender.setStatus(raw.statusCode)
    lender.fields = takeFields(raw, this.#fields)
  }

  /** Adds a header field where the head is. Returns false if that isn't here. */
  addLine(name: string, value: string): boolean {
    const raw = this.#raw
    if (!this.#isHeadLent || raw.headersSent) return false
    raw.setHeader(name, [raw.getHeader(name) ?? [], value].flat().map(String))
    return true
  }

  /**
   * Hands over request and response of `node:http`, with status, header fields and cookies, for good.
   *
   * @throws StateError once the response has gone out
   */
  hijack(): { request: IncomingMessage; response: ServerResponse } {
    if (this.#lender.sent || this.isLate())
      throw new StateError('hijack() must be called before the head of the response is sent', {
        failure: 'ERR_TRIBIND_RESPONSE_SENT',
      })
    const raw = this.#raw
    this.lendHead()
    this.isHijacked = true
    this.#lender.alongside = new Promise((resolve) => (raw.closed ? resolve() : raw.once('close', resolve)))
    return { request: this.#lender.request.raw, response: raw }
  }

  /** Whether the client left before it had the response: of one that has gone out whole, `node:http` lets go of the socket. */
  get hasLeft(): boolean {
    const { destroyed, writableFinished, socket } = this.#raw
    return destroyed && (!writableFinished || socket?.destroyed === true)
  }

  /** Whether others have sent the head and what follows it is still to come. */
  get isBegun(): boolean {
    const { headersSent, writableEnded, destroyed } = this.#raw
    return headersSent && !writableEnded && !destroyed && !this.isHijacked && !this.isAnswered
  }

  /** Whether a body that is there can follow what others have begun; it is lost, which is logged, where they have ended it. */
  takesRest(): boolean {
    if (this.hasLeft || this.isBegun) return (this.isAnswered = this.isBegun)
    const end = this.isHijacked ? 'handed over by hijack()' : 'ended through response.raw'
    this.#lender.request.log('warn', `What was written or returned isn't sent: the response was ${end}`)
    return false
  }

  #guard(name: string, isOver: () => boolean): void {
    const raw = this.#raw as unknown as Record<string, unknown>
    const method = raw[name]
    // Responses of HTTP/2 lack some of them.
    if (typeof method !== 'function') return
    raw[name] = (...args: unknown[]) => {
      if (isOver() || this.isLate()) return this.#skip(name, args)
      if (name === 'writeHead' && this.#isHeadLent) this.#joinLists(args)
      return Reflect.apply(method as Callable, raw, args)
    }
  }

  #skip(name: string, args: readonly unknown[]): unknown {
    const error = new Error(`response.raw.${name}() was called after ${this.#end}`)
    const message = `${error.message}: it has no effect`
    if (!this.hasLeft && !this.#isAnsweredByHead) this.#tellOnce('warn', message, { call: name, error })
    // Else it is the pipeline itself that was still sending.
    else if (!this.isAnswered) this.#tellOnce('debug', message, { call: name, error })
    const callback = args.at(-1)
    if (typeof callback === 'function') process.nextTick(callback as Callable, error)
    return name === 'write' ? false : this.#raw
  }

  /** Whether it may have ended without a call: of HTTP/2, a response to HEAD does with its head. */
  get #isAnsweredByHead(): boolean {
    return this.#raw.destroyed && this.#lender.request.raw.method === 'HEAD'
  }

  #tellOnce(...entry: Parameters<LentRequest['log']>): void {
    if (!this.#isTold) this.#lender.request.log(...entry)
    this.#isTold = true
  }

  get #end(): string {
    if (this.isLate()) return 'its timeout'
    if (this.hasLeft) return 'its client had left'
    return this.#raw.writableEnded ? 'it had ended' : 'its head had gone out'
  }

  /** Keeps in a head that others write what was joined to its lists before. */
  #joinLists(args: unknown[]): void {
    const raw = this.#raw
    for (const [key, joined] of this.#fields?.joined() ?? []) {
      const given = Object(args.at(-1)) as object
      const name = Object.keys(given).find((each) => each.toLowerCase() === key)
      if (name === undefined) raw.setHeader(key, joinList(key, textOf(raw.getHeader(key)), joined))
      else args[args.length - 1] = { ...given, [name]: joinList(key, textOf(Reflect.get(given, name)), joined) }
    }
  }
}

function textOf(value: unknown): string {
  return [value ?? []].flat().map(String).join(', ')
}

/** Where the classes of HTTP/1 and HTTP/2 meet. */
const shared: ReadonlySet<unknown> = new Set([Readable.prototype, Stream.prototype, Object.prototype, null])

/**
 * Makes the members of its classes a request's or response's own, where these aren't the classes of HTTP/1.
 *
 * Express replaces the prototypes of both with its own, which inherit from the classes of HTTP/1 and don't fit HTTP/2.
 */
export function pinMembers(raw: object): void {
  if (raw instanceof IncomingMessage || raw instanceof OutgoingMessage) return
  for (let at: unknown = Object.getPrototypeOf(raw); !shared.has(at); at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at as object)) {
      if (!Object.hasOwn(raw, name))
        Object.defineProperty(raw, name, Object.getOwnPropertyDescriptor(at, name) as PropertyDescriptor)
    }
  }
}
