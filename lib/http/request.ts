import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import type { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Application } from './application.ts'
import type { Context } from '../base/context.ts'
import { StateError } from '../base/errors.ts'
import { exitEvent, exitFunction, exitRequest } from '../base/exit.ts'
import { type Forwarded, readForwarded } from '../net/forwarded.ts'
import { findHostField, parseHost } from '../net/host.ts'
import { formatPath, parsePath, type RequestPath } from '../net/path.ts'
import { normalizeAddress } from '../net/proxy-trust.ts'
import { isPathAlone, parseTarget } from '../net/request-target.ts'
import { Cookie } from './cookies/cookie.ts'
import type { FormFields } from './forms/form.ts'
import { RequestBody } from './body/request-body.ts'
import { RequestContext } from './request-context.ts'
import type { RequestSettings } from './request-settings.ts'
import { Response } from './response.ts'
import { type HeldSession, openSession, type Session } from './session.ts'
import type { UploadFile } from './forms/upload-file.ts'
import { mergeInput, validate } from './body/validate.ts'
import type { View } from './view.ts'

/** What gives `request.params` for the path of a request: a route, or the pattern of a hook. */
export interface ParamsReader {
  read(path: RequestPath): Record<string, string>
}

// The head of a request limits them; node:querystring would leave out those beyond 1,000 and say nothing.
const allKeys = { maxKeys: 0 }

const noParams: ParamsReader = { read: () => Object.create(null) }

/**
 * A request. What an application doesn't look at isn't computed: path, query, cookies and the like are read when asked for.
 *
 * `Params` are the parameters of the route, by name; handlers have it from their pattern.
 */
export class Request<Params extends object = Record<string, string>> {
  /** The request of `node:http`. */
  readonly raw: IncomingMessage
  readonly response: Response
  readonly server: Application
  /** In upper case, as received. */
  readonly method: string
  /** The request target as received, with the query. */
  readonly url: string
  /** The host it is for, in lower case and without port, heeding `trustProxy`; `''` where the client names none. */
  readonly host: string
  /** @internal */
  readonly settings: RequestSettings
  /** @internal The path as received, still encoded. */
  readonly rawPath: string
  /** @internal Whether host or protocol can't be read: two Host fields, a list, a bad port. */
  readonly hasBadHost: boolean
  /** @internal Whether the path is known to need no decoding; the route table finds that out. */
  isPlain = false

  /** What trusted proxies say; `undefined` where none is trusted. */
  readonly #forwarded: Forwarded | undefined = undefined
  readonly #queryText: string
  #segments: readonly string[] | undefined | null = null
  #reader = noParams
  #routeReader = noParams
  #params: Record<string, string> | undefined
  #query: Record<string, string | string[]> | undefined
  #custom: Map<string, unknown> | undefined
  #body: RequestBody | undefined
  #id: string | undefined
  #route: string | undefined
  #cookie: Cookie | undefined
  #session: HeldSession | undefined
  #context: Context | undefined
  #view: View | undefined
  #abort: AbortController | undefined
  #releases: (() => unknown)[] | undefined
  #isExited = false

  constructor(raw: IncomingMessage, rawResponse: ServerResponse, server: Application, settings: RequestSettings) {
    this.raw = raw
    this.server = server
    this.settings = settings
    this.method = raw.method ?? 'GET'
    this.url = raw.url ?? '/'
    const target = isPathAlone(this.url) ? undefined : parseTarget(this.url)
    this.rawPath = target?.path ?? this.url
    this.#queryText = target?.query ?? ''
    const field = findHostField(raw.rawHeaders)
    const named = field === undefined ? undefined : parseHost(field)
    const host = named !== undefined && target !== undefined && 'host' in target ? target.host : named
    if (settings.trustsProxy !== undefined)
      this.#forwarded = readForwarded(raw.socket.remoteAddress ?? '', raw.headers, settings.trustsProxy)
    this.host = this.#forwarded?.host ?? host ?? ''
    this.hasBadHost = host === undefined || this.#forwarded?.isBad === true
    this.response = new Response(rawResponse, this)
  }

  /** The route that serves, such as `/user/:id`; `undefined` where none does. */
  get route(): string | undefined {
    return this.#route
  }

  /** Different for every request. */
  get id(): string {
    return (this.#id ??= crypto.randomUUID())
  }

  /** @internal Takes over the id that somebody before this server gave the request. */
  adoptId(id: string): void {
    this.#id = id
  }

  /** `/` and the decoded segments of the path, without empty ones; a `/` inside one stays `%2F`. */
  get path(): string {
    const { segments } = this
    return segments === undefined ? this.rawPath : formatPath(segments)
  }

  /** @internal The decoded segments of the path; `undefined` where it can't be decoded. */
  get segments(): readonly string[] | undefined {
    if (this.#segments === null) this.#segments = parsePath(this.rawPath)
    return this.#segments
  }

  /** The header fields, with lower-case names. */
  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }

  /** A header field by its name in any case; several are joined with `, `. */
  header(name: string): string | undefined {
    const { headers } = this.raw
    const key = name.toLowerCase()
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The address of the client, or what proxies that `trustProxy` names say it is; `''` once the connection is gone. */
  get ip(): string {
    return this.#forwarded?.ip ?? normalizeAddress(this.raw.socket.remoteAddress ?? '')
  }

  /** Of the connection, or what proxies that `trustProxy` names say it is. */
  get protocol(): 'http' | 'https' {
    if (this.#forwarded?.protocol !== undefined) return this.#forwarded.protocol
    return (this.raw.socket as TLSSocket).encrypted ? 'https' : 'http'
  }

  /** @internal The host with its port, as the client wrote it. */
  get authority(): string | undefined {
    return this.#forwarded?.authority ?? this.raw.headers.host
  }

  /** The parameters of the route, decoded; in a hook or middleware with parameters of its own, those. */
  get params(): Params {
    this.#params ??= this.#reader.read(this)
    return this.#params as Params
  }

  /** The query, decoded; a name that comes twice has an array. The object inherits nothing. */
  get query(): Record<string, string | string[]> {
    return (this.#query ??= parseQuery(this.#queryText, '&', '=', allKeys) as Record<string, string | string[]>)
  }

  /**
   * An input by its name: what `setParam` set, else a parameter of the route, else a field of the body, where that was
   * parsed already, else of the query; of several the last. Where there is none, the fallback.
   */
  get<T = string>(name: string): T | undefined
  get<T = string>(name: string, fallback: T): T
  get(name: string, fallback?: unknown): unknown {
    if (this.#custom?.has(name)) return this.#custom.get(name)
    const found = ownString(this.params, name) ?? this.#body?.field(name)
    return found === undefined ? (this.getQuery(name) ?? fallback) : found
  }

  /** Sets an input that `get` finds before any other of that name. */
  setParam(name: string, value: unknown): void {
    this.#custom ??= new Map()
    this.#custom.set(name, value)
  }

  /** A value of the query; of several the last. */
  getQuery(name: string): string | undefined
  getQuery(name: string, fallback: string): string
  getQuery(name: string, fallback?: string): string | undefined {
    const value = Object.hasOwn(this.query, name) ? this.query[name] : undefined
    return (Array.isArray(value) ? value.at(-1) : value) ?? fallback
  }

  /** A parameter of the route that serves, also in a hook with parameters of its own. */
  getRouter(name: string): string | undefined
  getRouter(name: string, fallback: string): string
  getRouter(name: string, fallback?: string): string | undefined {
    return ownString(this.#routeReader.read(this), name) ?? fallback
  }

  /** The body as text, decoded by its charset, UTF-8 by default; without a byte order mark. */
  text(): Promise<string> {
    return this.#readBody().text()
  }

  /** The body parsed as JSON: 415 for another type or none, 400 where it is broken or has a name that reaches a prototype. */
  json<T = unknown>(): Promise<T> {
    return this.#readBody().json() as Promise<T>
  }

  /** The fields of a form, urlencoded or multipart: 415 for another type. The object inherits nothing. */
  async form(): Promise<FormFields> {
    return (await this.#readBody().form()).fields
  }

  /** The body as it is, but inflated. */
  bytes(): Promise<Buffer> {
    return this.#readBody().bytes()
  }

  /** The body as a stream, inflated and limited, for one reader; a `StateError` where it was read already. */
  get body(): Readable {
    return this.#readBody().stream
  }

  /** The first file of a form's field; `undefined` where there is none. */
  async file(name: string): Promise<UploadFile | undefined> {
    return (await this.files(name))[0]
  }

  /** The files of a form, or those of one of its fields. */
  async files(name?: string): Promise<UploadFile[]> {
    const { files } = await this.#readBody().form()
    return files.filter((file) => name === undefined || file.name === name)
  }

  /** Params over body over query, checked by a Standard Schema validator; a failure is a `ValidationError`, 400. */
  async parse<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    const { params, query } = this
    return validate(schema, mergeInput(params, await this.#readBody().value(), query))
  }

  /** The cookies that came with the request and go with its response. */
  get cookie(): Cookie {
    return (this.#cookie ??= new Cookie(
      this.raw.headers.cookie,
      this.protocol === 'https',
      this.settings.cookieSecrets,
    ))
  }

  /** What is kept for this client between its requests; a `StateError` where the option `session` isn't set. */
  get session(): Session {
    return (this.#session ??= openSession(this.settings.sessions, this))
  }

  /** @internal The session, where anybody asked for it. */
  get heldSession(): HeldSession | undefined {
    return this.#session
  }

  /** @internal Opens the session before anybody asks, where the request brings one. */
  loadSession(): void | Promise<void> {
    const { sessions } = this.settings
    if (sessions?.isDue(this)) return (this.#session ??= sessions.open(this)).load()
  }

  /** Values that travel with this request, over those of the option `baseContext`. */
  get context(): Context {
    return (this.#context ??= new RequestContext(this.server, this.settings.baseContext?.()))
  }

  /** Renders templates; what is assigned to it is seen by this request alone. A `StateError` without `options.view`. */
  get view(): View {
    if (this.#view === undefined) {
      const { views } = this.settings
      if (views === undefined) {
        throw new StateError('there are no views: give the server the option "view", such as { root: \'views\' }')
      }
      this.#view = views.createView(this.response)
    }
    return this.#view
  }

  /** Aborted when the client goes away before it has the whole response. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = (this.#abort = new AbortController())
      const { raw } = this.response
      const leave = () => raw.writableFinished || abort.abort(new Error('The client closed the connection'))
      if (raw.destroyed) leave()
      else raw.once('close', leave)
    }
    return this.#abort.signal
  }

  /** Leaves the function it is called in; what comes after it, in the order of events, goes on. */
  exit(): never {
    throw exitFunction
  }

  /** Leaves the function and the other hooks of this event. */
  exitHook(): never {
    throw exitEvent
  }

  /** Leaves everything up to the output: no further hook, middleware, method or status handler runs. */
  exitAll(): never {
    this.#isExited = true
    throw exitRequest
  }

  /** Whether `exitAll` was called. */
  isExited(): boolean {
    return this.#isExited
  }

  /** @internal Makes `params` those of the route that serves. */
  enterRoute(route: string, reader: ParamsReader): void {
    this.#route = route
    this.#routeReader = reader
    this.#reader = reader
  }

  /** @internal Makes `params` those of somebody else, and gives whose they were. */
  readParamsWith(reader: ParamsReader): ParamsReader {
    const before = this.#reader
    this.#reader = reader
    this.#params = undefined
    return before
  }

  /** @internal Registers what is to be given back when the request is over, after `AfterClose`. */
  onRelease(release: () => unknown): void {
    this.#releases ??= []
    this.#releases.push(release)
  }

  /** @internal */
  get holdsNothing(): boolean {
    return this.#releases === undefined
  }

  /** @internal Hands over what is to be given back. */
  takeReleases(): (() => unknown)[] {
    const releases = this.#releases ?? []
    this.#releases = undefined
    return releases
  }

  /** @internal */
  takeCookieLines(): string[] | undefined {
    return this.#cookie?.takeLines()
  }

  #readBody(): RequestBody {
    return (this.#body ??= new RequestBody(this))
  }
}

function ownString(values: object, name: string): string | undefined {
  return Object.hasOwn(values, name) ? (values as Record<string, string>)[name] : undefined
}
