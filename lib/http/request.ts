import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Context } from '../base/context.ts'
import { exitEvent, exitFunction, exitRequest } from '../base/exit.ts'
import { ignoreRejection } from '../base/in-turn.ts'
import type { Application } from './application.ts'
import { mergeInput, validate } from './body/validate.ts'
import { inputOf, type InputKey } from './checked-inputs.ts'
import { languageOf, setLanguage } from './choose-language.ts'
import type { Cookie } from './cookies/cookie.ts'
import type { Form, FormFields } from './forms/form.ts'
import type { UploadFile } from './forms/upload-file.ts'
import type { Language } from './language.ts'
import type { RequestCore } from './request-core.ts'
import { Response } from './response.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'
import { webRequestOf } from './web-request.ts'

let readCore: (request: object) => RequestCore

/**
 * @internal
 *
 * What stands behind a request; for the pipeline and middleware of tribind, out of reach of applications.
 *
 * @throws TypeError for what isn't a `Request`
 */
export function coreOf(request: object): RequestCore {
  return readCore(request)
}

/**
 * A request. What an application doesn't look at isn't computed: path, query, cookies and the like are read when asked for.
 *
 * `Params` are the parameters of the route, by name; handlers have it from their pattern.
 */
export class Request<Params extends object = Record<string, string>> {
  readonly #core: RequestCore
  #response: Response | undefined = undefined
  #inputs: Map<string, unknown> | undefined = undefined

  static {
    readCore = (request) => (request as Request).#core
  }

  /** @internal */
  constructor(core: RequestCore) {
    this.#core = core
    core.face = this
  }

  /** The request of `node:http`. */
  get raw(): IncomingMessage {
    return this.#core.raw
  }

  get response(): Response {
    return (this.#response ??= new Response(this.#core))
  }

  get server(): Application {
    return this.#core.server
  }

  /** In upper case, as received. */
  get method(): string {
    return this.#core.changed?.method ?? this.#core.method
  }

  /** The request target as received, with the query. */
  get url(): string {
    return this.#core.url
  }

  /** The host of the request, in lower case and without port, by `trustProxy` that of a proxy; `''` if the client names none. */
  get host(): string {
    return this.#core.host
  }

  /** The route that serves, or that a preflight asks for, such as `/user/:id`; `undefined` where there is neither. */
  get route(): string | undefined {
    return this.#core.route
  }

  /** The name of the entry point that the request came in at; `default` for one that is injected or mounted, unless it says another. */
  get entryPoint(): string {
    return this.#core.settings.entryPoint
  }

  /** Different for every request. */
  get id(): string {
    return this.#core.id
  }

  /** `/` and the decoded segments of the path, without empty ones; a `/` inside one stays `%2F`. */
  get path(): string {
    return this.#core.path
  }

  /** The header fields, with lower-case names. */
  get headers(): IncomingHttpHeaders {
    return this.#core.headers
  }

  /** A header field by its name in any case; several are joined with `, `. */
  header(name: string): string | undefined {
    return this.#core.header(name)
  }

  /** The address of the client, or what proxies that `trustProxy` names say it is; `''` once the connection is gone. */
  get ip(): string {
    return this.#core.ip
  }

  /** Of the connection, or what proxies that `trustProxy` names say it is. */
  get protocol(): 'http' | 'https' {
    return this.#core.protocol
  }

  /** The parameters of the route, decoded; in a hook or middleware with parameters of its own, those. */
  get params(): Params {
    return this.#core.params as Params
  }

  /** The query, decoded; a name that comes twice has an array. The object inherits nothing. */
  get query(): Record<string, string | string[]> {
    return this.#core.query
  }

  /**
   * An input by its name: what `setParam` set, else a parameter of the route, else a field of the body, where that was
   * parsed already, else of the query; of several the last. Default: the fallback.
   */
  get<T = string>(name: string): T | undefined
  get<T = string>(name: string, fallback: T): T
  get(name: string, fallback?: unknown): unknown {
    if (this.#inputs?.has(name)) return this.#inputs.get(name)
    const found = ownString(this.params, name) ?? this.#core.body?.field(name)
    return found === undefined ? (this.#core.getQuery(name) ?? fallback) : found
  }

  /** Sets an input that `get` finds before any other of that name. */
  setParam(name: string, value: unknown): void {
    this.#inputs ??= new Map()
    this.#inputs.set(name, value)
  }

  /** A value of the query; of several the last. */
  getQuery(name: string): string | undefined
  getQuery(name: string, fallback: string): string
  getQuery(name: string, fallback?: string): string | undefined {
    return this.#core.getQuery(name) ?? fallback
  }

  /** A parameter of the route that serves, also in a hook with parameters of its own. */
  getRouter(name: string): string | undefined
  getRouter(name: string, fallback: string): string
  getRouter(name: string, fallback?: string): string | undefined {
    return ownString(this.#core.routeParams, name) ?? fallback
  }

  /** The body as text, decoded by its charset, UTF-8 by default; without a byte order mark. */
  text(): Promise<string> {
    return this.#core.openBody().text()
  }

  /** The body parsed as JSON: 415 for another type or none, 400 where it is broken or has a name that reaches a prototype. */
  json<T = unknown>(): Promise<T> {
    return this.#core.openBody().json() as Promise<T>
  }

  /** The fields of a form, urlencoded or multipart: 415 for another type. The object inherits nothing. */
  form(): Promise<FormFields> {
    return ignoreRejection(this.#readForm().then(({ fields }) => fields))
  }

  /** The body as it is, but inflated. */
  bytes(): Promise<Buffer> {
    return this.#core.openBody().bytes()
  }

  /** The body as a stream, inflated and limited, for one reader; a `StateError` where it was read already. */
  get body(): Readable {
    return this.#core.openBody().stream
  }

  /** The first file of a form's field, or `undefined`. */
  file(name: string): Promise<UploadFile | undefined> {
    return ignoreRejection(this.files(name).then(([first]) => first))
  }

  /** The files of a form, or those of one of its fields. */
  files(name?: string): Promise<UploadFile[]> {
    const isAsked = (file: UploadFile) => name === undefined || file.name === name
    return ignoreRejection(this.#readForm().then(({ files }) => files.filter(isAsked)))
  }

  /** Params over body over query, checked by a Standard Schema validator; a failure is a `ValidationError`, 400. */
  parse<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    return ignoreRejection(this.#parse(schema))
  }

  /**
   * Returns the checked input of an endpoint that has the declaration, as often as asked, from its method on.
   *
   * @throws StateError with the declaration of another endpoint, and before the check, such as in `init`
   */
  input<Input>(declaration: InputKey<Input>): Input {
    return inputOf(this.#core.checked, declaration)
  }

  /** The cookies that came with the request and go with its response. */
  get cookie(): Cookie {
    return this.#core.cookie
  }

  /** What is kept for this client between its requests; a `StateError` where the option `session` isn't set. */
  get session(): Session {
    return this.#core.openSession()
  }

  /** Values of this request. They take precedence over those of the option `baseContext`. */
  get context(): Context {
    return this.#core.context
  }

  /** Renders templates; what is assigned to it is seen by this request alone. Files need the option `view`. */
  get view(): View {
    return this.#core.view
  }

  /**
   * The language of the answer, chosen when it is first asked for: by the option `detectLanguage`, else by Accept-Language.
   * The answer then has Content-Language and, where the header was looked at, `Vary: Accept-Language`.
   *
   * @throws StateError where the option `languages` isn't set
   */
  get language(): Language {
    return languageOf(this.#core)
  }

  /** Sets the language of the answer; to the default one if there is none of that name. @throws StateError as `language` */
  setLanguage(name: string): void {
    setLanguage(this.#core, name)
  }

  /**
   * The request as `fetch` knows it, for libraries that take one. Its URL, like `protocol`, is by `trustProxy` that of a proxy. Its body is
   * inflated and limited, and read through it or through this request, not both.
   *
   * @throws TypeError for CONNECT and TRACE, which it can't be
   */
  get web(): globalThis.Request {
    return webRequestOf(this.#core)
  }

  /** Aborted when the client goes away before it has the whole response. */
  get signal(): AbortSignal {
    return this.#core.signal
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
    this.#core.exitAll()
    throw exitRequest
  }

  /** Whether `exitAll` was called. */
  isExited(): boolean {
    return this.#core.isExited
  }

  async #readForm(): Promise<Form> {
    return this.#core.openBody().form()
  }

  async #parse<Schema extends StandardSchemaV1>(schema: Schema): Promise<StandardSchemaV1.InferOutput<Schema>> {
    const { params, query } = this
    return validate(schema, mergeInput(params, await this.#core.openBody().value(), query), this.#core)
  }
}

function ownString(values: object, name: string): string | undefined {
  return Object.hasOwn(values, name) ? (values as Record<string, string>)[name] : undefined
}
