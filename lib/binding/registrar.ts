import { RouteError } from '../base/errors.ts'
import { isPromise } from '../base/in-turn.ts'
import { type MapResult, type MapResultsOptions, mapResultsOptions } from '../declare/results.ts'
import type { Request } from '../http/request.ts'
import { printValue } from '../options/print-value.ts'
import type { StaticOptions } from '../static/static-options.ts'
import type { Event } from '../pipeline/event.ts'
import type { MapError, Middleware } from '../pipeline/exchange.ts'
import type { UpgradeHandler } from '../websocket/web-socket-endpoint.ts'
import type { WebSocketHandler, WebSocketOptions } from '../websocket/web-socket-options.ts'
import type { ParamsOf, RouteOf } from '../routing/params-of.ts'
import type { Binder } from './binder.ts'
import {
  draftHandler,
  draftMethods,
  draftResource,
  draftRest,
  targetController,
  targetEither,
  targetObject,
} from './endpoint-draft.ts'
import type {
  CheckedList,
  MethodList,
  NotClass,
  WithoutPrivate,
  WithPublicActions,
  WithPublicVerbs,
} from './method-list.ts'
import { draftMount, type Mountable } from './mount-draft.ts'
import { bindOpenapi, createOpenapiDocument, type OpenapiDocument } from './openapi.ts'
import type { OpenapiOptions } from './openapi-options.ts'
import { refuseExtraArguments } from './refuse-extra-arguments.ts'
import { draftStatic } from './static-draft.ts'
import { draftUpgrade, draftWebSocket } from './web-socket-draft.ts'

/** Serves a request. What it returns, other than `undefined`, is written as `response.write` does. */
export type Handler<Params extends object = Record<string, string>> = (request: Request<Params>) => unknown

/** Runs at an event of a request. What it returns is not written. */
export type Hook<Params extends object = Record<string, string>> = (request: Request<Params>) => unknown

/** Runs for responses with a certain status before they are packed. */
export type StatusHandler = (request: Request) => unknown

type Class<T extends object> = new () => T
type ParamsIn<Prefix extends string, Pattern extends string> = string extends Prefix | Pattern
  ? Record<string, string>
  : ParamsOf<`${Prefix}${RouteOf<Pattern>}`>

/**
 * All registration calls of a server, a domain or a group. A pattern is `[METHOD:]route[@domain]`.
 *
 * Each call either binds all it stands for, or binds nothing and throws a `RouteError` that names the pattern and the
 * argument at fault: for a bad pattern, for a value that isn't a function, an object or a class, for too many arguments,
 * and after the server was started.
 */
export class Registrar<Prefix extends string = ''> {
  readonly #binder: Binder

  static {
    refuseExtraArguments(this.prototype, ['bindMiddleware', 'use'])
  }

  /** @internal */
  constructor(binder: Binder) {
    this.#binder = binder
  }

  /** Binds a function. */
  bindHandler<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindEndpoints(pattern, () => [draftHandler(pattern, handler as Handler)])
  }

  /**
   * Binds the methods of an object, which serves all requests, each to the pattern, `/` and its name as a URI; `index` to the
   * pattern itself too. Without a list, all public methods are bound.
   */
  bindObject<T extends object>(pattern: string, object: T & WithoutPrivate<T>): this
  bindObject<T extends object, const L extends MethodList>(
    pattern: string,
    object: T & NotClass<T>,
    methods: L & CheckedList<T, L>,
  ): this
  bindObject(pattern: string, object: object, methods?: MethodList): this {
    return this.#bindEndpoints(pattern, (style) => draftMethods(targetObject(object), pattern, methods, style))
  }

  /** Binds the methods of an object that the list names, as `bindObject` does. */
  bindObjectMethod<T extends object, const L extends MethodList>(
    pattern: string,
    object: T & NotClass<T>,
    methods: L & CheckedList<T, L>,
  ): this {
    return this.#bindEndpoints(pattern, (style) => draftMethods(targetObject(object), pattern, methods ?? '', style))
  }

  /** Binds the methods of an object that are named like an HTTP method, `get`, `post` …, to the pattern with that HTTP method. */
  bindObjectRest<T extends object>(pattern: string, object: T & WithPublicVerbs<T>): this {
    return this.#bindEndpoints(pattern, (style) => draftRest(targetObject(object), pattern, style))
  }

  /** As `bindObject`, with a new instance of the class for every request. */
  bindController<T extends object>(pattern: string, controller: Class<T> & Class<T & WithoutPrivate<T>>): this
  bindController<T extends object, const L extends MethodList>(
    pattern: string,
    controller: Class<T>,
    methods: L & CheckedList<T, L>,
  ): this
  bindController(pattern: string, controller: Class<object>, methods?: MethodList): this {
    return this.#bindEndpoints(pattern, (style) => draftMethods(targetController(controller), pattern, methods, style))
  }

  /** As `bindObjectMethod`, with a new instance of the class for every request. */
  bindControllerMethod<T extends object, const L extends MethodList>(
    pattern: string,
    controller: Class<T>,
    methods: L & CheckedList<T, L>,
  ): this {
    return this.#bindEndpoints(pattern, (style) =>
      draftMethods(targetController(controller), pattern, methods ?? '', style),
    )
  }

  /** As `bindObjectRest`, with a new instance of the class for every request. */
  bindControllerRest<T extends object>(pattern: string, controller: Class<T> & Class<T & WithPublicVerbs<T>>): this {
    return this.#bindEndpoints(pattern, (style) => draftRest(targetController(controller), pattern, style))
  }

  /**
   * Binds the methods of a resource that are there: `index` to GET of the pattern, `store` to POST, `create` to GET of the pattern and
   * `/create`; behind the pattern and `/:id`, `show` to GET, `update` to PUT and PATCH, `destroy` to DELETE, and `edit` to GET of
   * `/edit` there.
   *
   * @param resource a class, of which every request gets a new instance, or an object, which serves all requests
   */
  bindResource<T extends object>(pattern: string, resource: Class<T> & Class<T & WithPublicActions<T>>): this
  bindResource<T extends object>(pattern: string, resource: T & WithPublicActions<T>): this
  bindResource(pattern: string, resource: object): this {
    return this.#bindEndpoints(pattern, (style) => draftResource(targetEither(resource), pattern, style))
  }

  /**
   * Binds a function to the WebSockets of a pattern. It runs when the connection is open. `BeforeServe` and middleware run
   * before; if one of them answers, no WebSocket is opened.
   */
  bindWebSocket<const P extends string>(
    pattern: P,
    handler: WebSocketHandler<ParamsIn<Prefix, P>>,
    options?: WebSocketOptions,
  ): this {
    return this.#bindEndpoints(pattern, () => [draftWebSocket(pattern, handler as WebSocketHandler, options)], 'GET')
  }

  /**
   * Binds a function that answers the handshake of the WebSockets of a pattern itself, such as that of a proxy or socket.io. It
   * gets the request, the socket and what came behind the head, as a listener of `upgrade` on a server of `node:http`.
   * `BeforeServe` and middleware run before; if one of them answers, it isn't called.
   */
  bindUpgrade(pattern: string, handler: UpgradeHandler): this {
    return this.#bindEndpoints(pattern, () => [draftUpgrade(pattern, handler)], 'GET')
  }

  /** Binds a function to an event of the requests that match the pattern. */
  bindHookHandler<const P extends string>(pattern: P, event: Event, hook: Hook<ParamsIn<Prefix, P>>): this {
    this.#binder.bindInterceptors(pattern, [['hook', event, hook as Hook]])
    return this
  }

  /** Binds several functions, by event. */
  bindHookHandlerByMap<const P extends string>(
    pattern: P,
    hooks: Readonly<Partial<Record<Event, Hook<ParamsIn<Prefix, P>>>>>,
  ): this {
    const given = entriesOf(`pattern "${pattern}"`, hooks)
    const entries = given.map(([event, hook]) => ['hook', event as Event, hook as Hook] as const)
    this.#binder.bindInterceptors(pattern, entries)
    return this
  }

  /** Binds middleware to the requests that match the pattern; all middleware runs in order of registration. */
  bindMiddleware<const P extends string>(
    pattern: P,
    ...middleware: readonly [Middleware<ParamsIn<Prefix, P>>, ...Middleware<ParamsIn<Prefix, P>>[]]
  ): this {
    const entries = middleware.map((run) => ['middleware', 'middleware', run as Middleware] as const)
    this.#binder.bindInterceptors(pattern, entries)
    return this
  }

  /** Binds middleware to all requests, or on a group to its routes, bound before or after this call. */
  use(...middleware: readonly [Middleware, ...Middleware[]]): this {
    const run = middleware.map((one) => ['middleware', 'middleware', one] as const)
    this.#binder.bindToAll('use', run, this.#binder.group)
    return this
  }

  /** Binds a function that runs for responses with a status, from 200 to 599, before they are packed. */
  bindStatusHandler(status: number, handler: StatusHandler): this {
    this.#binder.bindToAll('bindStatusHandler', [['status', status, handler]])
    return this
  }

  /** Binds several status handlers, by status. */
  bindStatusHandlerByMap(handlers: Readonly<Record<number, StatusHandler>>): this {
    const call = 'bindStatusHandlerByMap'
    // A key that stands for no number stays as it is, for the message.
    const toStatus = (key: string) => (String(Number(key)) === key ? Number(key) : (key as never))
    const entries = entriesOf(call, handlers).map(([key, run]) => ['status', toStatus(key), run as never] as const)
    this.#binder.bindToAll(call, entries)
    return this
  }

  /**
   * Passes what endpoints return through a function before it is written, such as one that puts it into an envelope: of all endpoints
   * below this scope, bound before or after this call, the innermost scope first. Answers with 204, 205 and 304 are left out, and what isn't a
   * value: nothing, bytes, streams, event streams, a `Response`.
   *
   * @param options.envelope returns the JSON Schema of what the function returns, from that of what it takes
   */
  mapResults(map: MapResult, options?: MapResultsOptions): this {
    const { envelope } = mapResultsOptions.parse(options ?? {})
    this.#binder.bindToAll('mapResults', [['middleware', 'result', map as never, envelope]], this.#binder.group)
    return this
  }

  /**
   * Lets a function answer in place of errors: it returns `{ value, status }`, or nothing for the next one outside and at last the usual answer.
   * Header fields of an `HttpError` stay. The value doesn't pass `mapResults`.
   */
  mapErrors(map: MapError): this {
    this.#binder.bindToAll('mapErrors', [['middleware', 'error', map as never]], this.#binder.group)
    return this
  }

  /** `bindHandler` with GET, which serves HEAD too. */
  get<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('GET', pattern, handler as Handler)
  }

  /** `bindHandler` with POST. */
  post<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('POST', pattern, handler as Handler)
  }

  /** `bindHandler` with PUT. */
  put<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('PUT', pattern, handler as Handler)
  }

  /** `bindHandler` with PATCH. */
  patch<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('PATCH', pattern, handler as Handler)
  }

  /** `bindHandler` with DELETE. */
  delete<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('DELETE', pattern, handler as Handler)
  }

  /** `bindHandler` with all methods. */
  all<const P extends string>(pattern: P, handler: Handler<ParamsIn<Prefix, P>>): this {
    return this.#bindVerb('ALL', pattern, handler as Handler)
  }

  /**
   * Serves the files of a folder to GET and HEAD requests that no route matches. Of several folders, that with the longest prefix
   * serves.
   *
   * @param prefix `route[@domain]`, without `*`
   * @param folder an existing one, by its path from the working directory or its `file:` URL; of several, the first with the file serves it
   */
  serveStatic(prefix: string, folder: string | URL | readonly (string | URL)[], options?: StaticOptions): this {
    return this.#bindEndpoints(prefix, () => [draftStatic(this.#binder.scope, prefix, folder, options ?? {})], 'GET')
  }

  /**
   * Hands all requests below a prefix to another server, which sees the rest of their path and answers by its own options, hooks and
   * routes. Nothing of the other server is started: its addresses, components and startup hooks have no part in it.
   *
   * @param prefix `route[@domain]`, without `*`
   */
  mount(prefix: string, other: Mountable): this {
    return this.#bindEndpoints(prefix, () => [draftMount(this.#binder.scope, prefix, other)], 'ALL')
  }

  /**
   * Creates a group. Everything bound on it has the prefix before its pattern, and the domain of the group.
   *
   * @param prefix `route[@domain]`
   * @param register called at once with the group
   */
  group<const P extends string>(
    prefix: P,
    register?: (group: RouterGroup<`${Prefix}${RouteOf<P>}`>) => void,
  ): RouterGroup<`${Prefix}${RouteOf<P>}`> {
    const group = new RouterGroup<`${Prefix}${RouteOf<P>}`>(this.#binder.createGroup(prefix))
    if (register !== undefined) callRegister(`pattern "${prefix}"`, register as (group: object) => unknown, group)
    return group
  }

  /**
   * Binds the OpenAPI document of what is bound here, also after this call, and a page that shows and tries it. On a domain, a group
   * or an entry point it tells of that part only, with whole paths.
   * @throws ConfigError for a wrong option, and if the package of the page is missing
   */
  openapi(options: OpenapiOptions): this {
    bindOpenapi(this.#binder, options)
    return this
  }

  /** Returns the OpenAPI document of what is bound here by now, as `openapi` binds it. @throws ConfigError for a wrong option */
  async openapiDocument(options: OpenapiOptions): Promise<OpenapiDocument> {
    return createOpenapiDocument(this.#binder, options)
  }

  #bindVerb(method: string, pattern: string, handler: Handler): this {
    return this.#bindEndpoints(pattern, () => [draftHandler(pattern, handler)], method)
  }

  #bindEndpoints(...given: Parameters<Binder['bindEndpoints']>): this {
    this.#binder.bindEndpoints(...given)
    return this
  }
}

/** A prefix, with or without a domain, to bind under; created by `group`. */
export class RouterGroup<Prefix extends string = ''> extends Registrar<Prefix> {}

/** @throws RouteError for what isn't an object */
function entriesOf(what: string, map: unknown): [string, unknown][] {
  if (typeof map === 'object' && map !== null) return Object.entries(map)
  throw new RouteError(`${what}: the argument must be an object of functions, got ${printValue(map)}`, {
    failure: 'ERR_TRIBIND_ROUTE_HANDLER',
  })
}

/** @throws RouteError for what isn't a function, and for an async one: the call would return before it has bound all */
function callRegister(what: string, register: (group: object) => unknown, group: object): void {
  if (typeof register !== 'function')
    throw new RouteError(`${what}: the argument must be a function of the group, got ${printValue(register)}`, {
      failure: 'ERR_TRIBIND_ROUTE_HANDLER',
    })
  const result = register(group)
  if (!isPromise(result)) return
  result.then(undefined, () => {})
  throw new RouteError(`${what}: the function of a group must not be async; await before the group is made`, {
    failure: 'ERR_TRIBIND_ROUTE_HANDLER',
  })
}
