import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import type { TLSSocket } from 'node:tls'
import type { Context } from '../base/context.ts'
import { ignoreRejection } from '../base/in-turn.ts'
import { type Forwarded, readForwarded } from '../net/forwarded.ts'
import type { Level } from '../log/logger.ts'
import { findHostField, parseHost } from '../net/host.ts'
import { formatPath, parsePath, type RequestPath } from '../net/path.ts'
import { normalizeAddress } from '../net/address-ranges.ts'
import { parseTarget } from '../net/request-target.ts'
import type { Application } from './application.ts'
import type { BodyOwner } from './body/body-flow.ts'
import { RequestBody } from './body/request-body.ts'
import type { CheckedInput } from './checked-inputs.ts'
import { languageOf } from './choose-language.ts'
import { Cookie, type CookieLines, takeCookieLines } from './cookies/cookie.ts'
import type { Language } from './language.ts'
import { RequestContext } from './request-context.ts'
import type { RequestSettings } from './request-settings.ts'
import type { RequestView } from './request-view.ts'
import { type AnsweredRequest, ResponseCore } from './response-core.ts'
import { type HeldSession, openSession, type Session, type SessionCarrier } from './session.ts'
import type { View } from './view.ts'

/** Reads the parameters of a path by a route, or by the pattern of a hook or middleware. */
export interface ParamsReader {
  read(path: RequestPath): Record<string, string>
}

/** The route that serves a request, or that a preflight asks for. */
export interface ServedRoute {
  readonly route: string
  readonly reader: ParamsReader
}

/** What is told of the events of a request; see lib/observe. */
export interface RequestEvents {
  /** Whether `closed` is to be told. */
  readonly isCloseAwaited: boolean
  routed(): void
  served(): void
  failed(error: unknown, isAnswer: boolean): void
  closed(isFinished: boolean): void
}

// The head of a request limits them; node:querystring would drop those beyond 1,000.
const allKeys = { maxKeys: 0 }

/** Those that were asked for: few requests need one, so it is no field of all. */
const signals = new WeakMap<RequestCore, AbortSignal>()

const noParams: ParamsReader = { read: () => Object.create(null) }

/** The state of a request, behind the `Request` that applications see. What isn't asked for isn't computed. */
export class RequestCore implements RequestPath, AnsweredRequest, BodyOwner, SessionCarrier {
  readonly raw: IncomingMessage
  readonly response: ResponseCore
  readonly server: Application
  readonly settings: RequestSettings
  readonly method: string
  readonly url: string
  /** The path as received, still encoded. */
  readonly rawPath: string
  readonly host: string
  /** The status of a request whose head can't be served, for a bad host for example: two Host fields, a list, a bad port. */
  readonly refusal: number | undefined
  /** Whether the path is known to need no decoding; the route table finds that out. */
  isPlain = false
  /** The `Request` that functions of the application are called with. */
  face: unknown = undefined
  /** `undefined` where nothing observes the request. */
  events: RequestEvents | undefined = undefined
  isExited = false
  /** The route that serves, or that a preflight asks for; `undefined` where there is neither. */
  served: ServedRoute | undefined = undefined
  /** What is inside of a middleware that changes the request sees this; the rest of tribind keeps to what was received. */
  changed: RequestView | undefined = undefined
  /** The body, where it was asked for. */
  body: RequestBody | undefined = undefined
  /** The input that its endpoint declares, once that was checked. */
  checked: CheckedInput | undefined = undefined
  /** The cookies, where they were asked for or set. */
  cookies: Cookie | undefined = undefined
  /** What is to be released when the request is over; `null` once it was. */
  releases: (() => unknown)[] | undefined | null = undefined
  /** The session, where it was asked for or loaded. */
  session: HeldSession | undefined = undefined
  /** What trusted proxies say; `undefined` where none is trusted. */
  readonly #forwarded: Forwarded | undefined
  #segments: readonly string[] | undefined | null = null
  /** Reads `params`; `undefined` where that is left to the route. */
  #reader: ParamsReader | undefined = undefined
  #params: Record<string, string> | undefined = undefined
  #query: Record<string, string | string[]> | undefined = undefined
  #id: string | undefined = undefined
  #context: Context | undefined = undefined
  #view: View | undefined = undefined

  constructor(raw: IncomingMessage, rawResponse: ServerResponse, server: Application, settings: RequestSettings) {
    this.raw = raw
    this.server = server
    this.settings = settings
    this.method = raw.method ?? 'GET'
    const url = raw.url ?? '/'
    this.url = url
    // Most targets are a path alone: an object with its parts would be made for nothing.
    const target = url.startsWith('/') && !url.includes('?') ? undefined : parseTarget(url)
    this.rawPath = target?.path ?? url
    const refusal = findHeadRefusal(raw, url)
    const field = findHostField(raw.rawHeaders)
    const named = field === undefined ? undefined : parseHost(field)
    const host = named !== undefined && target !== undefined && 'host' in target ? target.host : named
    this.#forwarded =
      settings.trustsProxy && readForwarded(raw.socket.remoteAddress ?? '', raw.headers, settings.trustsProxy)
    this.host = this.#forwarded?.host ?? host ?? ''
    const isBadHost = host === undefined || this.#forwarded?.isBad === true
    this.refusal = isBadHost ? 400 : refusal
    this.response = new ResponseCore(rawResponse, this)
  }

  /** The route that serves, or that a preflight asks for, such as `/user/:id`; `undefined` where there is neither. */
  get route(): string | undefined {
    return this.served?.route
  }

  get id(): string {
    return (this.#id ??= crypto.randomUUID())
  }

  set id(id: string) {
    this.#id = id
  }

  get path(): string {
    const { segments, rawPath } = this.changed?.path ?? this
    return segments === undefined ? rawPath : formatPath(segments)
  }

  /** How the log names the request: method and path as received. */
  get logName(): string {
    return `${this.method} ${printablePath(this.rawPath)}`
  }

  /** The decoded segments of the path; `undefined` where it can't be decoded. */
  get segments(): readonly string[] | undefined {
    if (this.#segments === null) this.#segments = parsePath(this.rawPath)
    return this.#segments
  }

  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }

  header(name: string): string | undefined {
    const { headers } = this.raw
    const key = name.toLowerCase()
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined
    return Array.isArray(value) ? value.join(', ') : value
  }

  get ip(): string {
    return this.#forwarded?.ip ?? normalizeAddress(this.raw.socket.remoteAddress ?? '')
  }

  /** Whether the connected machine is a proxy whose forwarded fields count. */
  get isFromProxy(): boolean {
    return this.#forwarded !== undefined
  }

  get protocol(): 'http' | 'https' {
    if (this.#forwarded?.protocol !== undefined) return this.#forwarded.protocol
    return (this.raw.socket as TLSSocket).encrypted ? 'https' : 'http'
  }

  /** The host with its port, as the client wrote it. */
  get authority(): string | undefined {
    return this.#forwarded?.authority ?? this.raw.headers.host
  }

  get params(): Record<string, string> {
    return (this.#params ??= (this.#reader ?? this.served?.reader ?? noParams).read(this))
  }

  /** The parameters of the route that serves. */
  get routeParams(): Record<string, string> {
    return (this.served?.reader ?? noParams).read(this)
  }

  get query(): Record<string, string | string[]> {
    return (this.#query ??= parseQuery(parseTarget(this.url).query, '&', '=', allKeys) as Record<
      string,
      string | string[]
    >)
  }

  /** A value of the query; of several the last. */
  getQuery(name: string): string | undefined {
    const value = Object.hasOwn(this.query, name) ? this.query[name] : undefined
    return Array.isArray(value) ? value.at(-1) : value
  }

  openBody(): RequestBody {
    return (this.body ??= new RequestBody(this))
  }

  get cookie(): Cookie {
    return (this.cookies ??= new Cookie(
      this.raw.headers.cookie,
      this.protocol === 'https',
      this.settings.cookieSecrets,
      this.response,
    ))
  }

  /** @throws StateError where the server has no sessions */
  openSession(): Session {
    if (this.session === undefined) {
      this.session = openSession(this.settings.sessions, this)
      // A change could no longer be told to the client: the session counts as saved.
      if (this.response.sent) void ignoreRejection(Promise.resolve(this.saveSession()))
    }
    return this.session.face
  }

  /** The session as guests know it; `undefined` where there is none for this request. */
  openGuestSession(): object | undefined {
    if (this.session === undefined && this.settings.sessions?.covers(this) !== true) return undefined
    this.openSession()
    return this.session?.guestFace
  }

  addCookieLine(line: string): void {
    if (this.response.lent?.addLine('Set-Cookie', line) !== true) this.response.addHeader('Set-Cookie', line)
  }

  /** Saves what changed in the session, where one is open and not saved yet. */
  saveSession(): void | Promise<void> {
    return this.session?.commit()
  }

  reopenSession(): void {
    this.session?.reopen()
  }

  /** Loads the session the request brings, ahead of its first use. */
  loadSession(): void | Promise<void> {
    this.session ??= this.settings.sessions?.openDue(this)
    return this.session?.load()
  }

  get context(): Context {
    return (this.#context ??= new RequestContext(this.server, this.settings.baseContext?.()))
  }

  get view(): View {
    return (this.#view ??= this.settings.views.createView(this.response, translatorOf(this)))
  }

  get signal(): AbortSignal {
    const known = signals.get(this)
    if (known !== undefined) return known
    const abort = new AbortController()
    const { raw } = this.response
    const leave = () => raw.writableFinished || abort.abort(new Error('The client closed the connection'))
    if (raw.destroyed) leave()
    else raw.once('close', leave)
    signals.set(this, abort.signal)
    return abort.signal
  }

  exitAll(): void {
    this.isExited = true
  }

  /** Makes the parameters those that another reader reads, and returns the one before. */
  readParamsWith(reader: ParamsReader): ParamsReader {
    const before = this.#reader ?? this.served?.reader ?? noParams
    this.#reader = reader
    this.#params = undefined
    return before
  }

  /** Registers what is to be given back when the request is over, between `BeforeClose` and `AfterClose`; not later. */
  onRelease(release: () => unknown): void {
    if (this.releases === undefined) this.releases = [release]
    else this.releases?.push(release)
  }

  /** Hands over what is to be given back. */
  takeReleases(): (() => unknown)[] {
    const { releases } = this
    this.releases = null
    return releases ?? []
  }

  log(level: Level, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.settings.logger[level](message, { ...fields, requestId: this.id })
  }

  takeCookieLines(): CookieLines | undefined {
    return this.cookies && takeCookieLines(this.cookies)
  }
}

/** Returns what templates call as `t`; `undefined` where the server has no languages. */
function translatorOf(core: RequestCore): Language['t'] | undefined {
  return core.settings.languages && ((key, values) => languageOf(core).t(key, values))
}

/**
 * Returns a path that is safe to print. Characters other than visible ASCII are percent-encoded.
 *
 * @param rawPath the path as received, its bytes as latin1 characters, as Node.js passes them
 */
export function printablePath(rawPath: string): string {
  return rawPath.replace(
    /[^\x21-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/**
 * Returns the status of a request whose target, version or framing the parser of `node:http` lets through and no server may
 * serve, or `undefined`.
 *
 * 400 for a target with a fragment (RFC 9112, section 3.2) and for HTTP/0.9, 505 for a later version than HTTP/1.1 over a
 * connection of HTTP/1.1, 501 for another transfer coding than `chunked` (RFC 9112, section 6.1).
 */
function findHeadRefusal(raw: IncomingMessage, url: string): number | undefined {
  if (url.includes('#')) return 400
  const { httpVersionMajor: version } = raw
  if (version === 0) return 400
  if (version > 1 && !('stream' in raw)) return 505
  return hasUnknownCoding(raw.rawHeaders) ? 501 : undefined
}

const TRANSFER_ENCODING = 'transfer-encoding'

function hasUnknownCoding(rawHeaders: readonly string[]): boolean {
  let hasOne = false
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length !== TRANSFER_ENCODING.length || name.toLowerCase() !== TRANSFER_ENCODING) continue
    if (hasOne || (rawHeaders[i + 1] as string).trim().toLowerCase() !== 'chunked') return true
    hasOne = true
  }
  return false
}
