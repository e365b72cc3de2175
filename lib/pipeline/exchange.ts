import type { ResultMapper } from '../declare/results.ts'
import type { Application } from '../http/application.ts'
import type { ParamsReader, RequestCore, ServedRoute } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import type { ResponseCore, UnansweredStatus } from '../http/response-core.ts'
import type { Event } from './event.ts'

/** What a route calls, such as a handler: what it returns, or what its promise becomes, is written. */
export type Endpoint = ((request: Request) => unknown) & {
  readonly [takesUpgrades]?: true
  readonly [checkServer]?: (server: Application) => void
  readonly [beforeServing]?: (server: Application) => unknown
  readonly [mapped]?: (mappers: readonly ResultMapper[]) => Endpoint
}

/** Marks an endpoint that also serves requests for another protocol, as one that passes requests on to another server. */
export const takesUpgrades: unique symbol = Symbol('takesUpgrades')

/** Marks what an endpoint has to say of a server before it serves there. What it throws fails the start, or the replacement. */
export const checkServer: unique symbol = Symbol('checkServer')

/** Marks what an endpoint does before it serves at a server for the first time. It is awaited. */
export const beforeServing: unique symbol = Symbol('beforeServing')

/** Marks what makes the same endpoint for results that go through functions of `mapResults`, the innermost first. */
export const mapped: unique symbol = Symbol('mapped')

/** Runs what is inside of a middleware: the next middleware and, at last, the endpoint. */
export type Next = () => Promise<void>

/** Runs around what is inside of it, which `next` starts; what it returns, other than `undefined`, is written. */
export type Middleware<Params extends object = Record<string, string>> = (
  request: Request<Params>,
  next: Next,
) => unknown

/** Where something bound comes from: a line of code, or a provider and a name in it. */
export interface Origin {
  /** Such as `/app/routes.ts:12`. */
  toString(): string
}

/** Returns what answers in place of an error, or nothing: then the next one outside is asked. */
export type MapError = (error: unknown, request: Request) => MappedError | undefined | Promise<MappedError | undefined>

/** What answers in place of an error: a value, written as by `response.write`, and a status. */
export interface MappedError {
  readonly value: unknown
  /** From 200 to 599. Default: that of the error. */
  readonly status?: number
}

/** What a request passes besides its endpoint: a hook, a middleware, a status handler, or what maps results or errors. */
export interface Interceptor {
  /** Where it runs: an event, the middleware, the status of the responses that go through it, or for results or errors. */
  readonly stage: Event | 'middleware' | number | MapperStage
  /** Of one that maps it is a `MapResult` or `MapError`. */
  readonly run: (request: Request, next: Next) => unknown
  /** Reads its own parameters; `undefined` where its pattern has none. */
  readonly reader: ParamsReader | undefined
  /** The group whose routes alone it is for; `undefined` where its pattern decides. */
  readonly group: object | undefined
  /** What it makes of the JSON Schemas of results, where it maps those and that is known. */
  readonly envelope?: ResultMapper['envelope']
  /** The entry point that alone has it; `undefined` if all have it. */
  readonly entryPoint: string | undefined
  /** Of the function; `anonymous` where it has none. */
  readonly name: string
  readonly origin: Origin
}

/** Where functions of `mapResults` and `mapErrors` run. */
export type MapperStage = 'result' | 'error'

/** All that a request passes, decided before it starts; never changed once it is made. */
export interface Plan {
  /** The route that serves, or that a preflight asks for; `undefined` where there is neither. */
  readonly route: ServedRoute | undefined
  /** Of the route that serves; `undefined` where none does. */
  readonly endpoint: Endpoint | undefined
  /** The middleware, the outermost first. */
  readonly middleware: readonly Interceptor[]
  readonly statusHandlers: ReadonlyMap<number, readonly Interceptor[]>
  /** What errors go through, the innermost first. */
  readonly errorMappers: readonly MapError[]
  /** The hooks of `BeforeClose` and `AfterClose`. */
  readonly beforeClose: readonly Interceptor[]
  readonly afterClose: readonly Interceptor[]
  readonly hasCloseHooks: boolean
  /** The steps of the pipeline that have something to do. */
  readonly steps: readonly Step[]
}

/** One step of the pipeline, which is in pipeline.ts. */
export interface Step {
  readonly run: (exchange: Exchange) => unknown
  /** Its place in the pipeline; the hooks of one event share theirs. */
  readonly place: number
  /** From which place on all steps run again after this one has failed. */
  readonly resumeAt: number
  /** Whether it runs after `exitAll`, too. */
  readonly isEssential: boolean
  /** Whether it runs again for the response that replaces one whose pipeline failed. */
  readonly isRepeatable: boolean
}

/** Knows about a request that no endpoint serves what its response depends on. */
export interface Unserved {
  /** 404; 405 where the path has routes under other methods only and that may be told; 426 for the path of a WebSocket. */
  statusOf(request: RequestCore): number
  /** The methods that the path has routes for. */
  allowedMethods(request: RequestCore): readonly string[]
}

/** What is known of a request whose steps have failed. */
export interface FailureState {
  /** The place from which on all steps run; before it, only what is repeatable does. */
  resumeAt: number
  count: number
  /** The statuses whose handlers have failed. */
  readonly statuses: Set<number>
}

/** One request on its way to its response. */
export interface Exchange extends UnansweredStatus {
  readonly core: RequestCore
  readonly response: ResponseCore
  readonly plan: Plan
  /** The methods that the path has routes for. */
  allowedMethods(): readonly string[]
  /** The middleware that ended without `next()` or an exit; `undefined` where none did. */
  stoppedBy: Interceptor | undefined
  /** Set once a step has failed. */
  failure: FailureState | undefined
  /** Brings back the response as `exitAll` left it. */
  restore: (() => void) | undefined
}
