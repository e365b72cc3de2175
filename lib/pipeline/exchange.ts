import type { Application } from '../http/application.ts'
import type { ParamsReader, Request } from '../http/request.ts'
import type { Response } from '../http/response.ts'
import type { Event } from './event.ts'
import type { Service } from './service.ts'

/** Runs what is inside of a middleware: the next middleware and, at last, the service. */
export type Next = () => Promise<void>

/** Runs around what is inside of it, which `next` sets off; what it returns, other than `undefined`, is written. */
export type Middleware<Params extends object = Record<string, string>> = (
  request: Request<Params>,
  next: Next,
) => unknown

/** Something that a request passes besides its service: a hook, a middleware or a status handler. */
export interface Interceptor {
  /** Where it stands: an event, the middleware, or the status of the responses that go through it. */
  readonly stage: Event | 'middleware' | number
  readonly run: (request: Request, next: Next) => unknown
  /** What its own parameters are read with; `undefined` where its pattern has none. */
  readonly reader: ParamsReader | undefined
  /** The group whose routes alone it is for; `undefined` where its pattern decides. */
  readonly group: object | undefined
}

/** What serves a request. */
export interface Served {
  readonly route: string
  readonly reader: ParamsReader
  readonly service: Service
}

/** All that a request passes, decided before it sets out; never changed once it is made. */
export interface Plan {
  /** `undefined` where no route serves. */
  readonly served: Served | undefined
  readonly hooks: Readonly<Partial<Record<Event, readonly Interceptor[]>>>
  readonly middleware: readonly Interceptor[]
  readonly statusHandlers: ReadonlyMap<number, readonly Interceptor[]>
  /** Whether requests may bring sessions. */
  readonly hasSessions: boolean
  /** The steps of the road that have something to do. */
  readonly steps: readonly Step[]
}

/** One request on its way to its response. */
export interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly plan: Plan
  readonly server: Application
  /** The methods that the path has routes for, asked only where the request's own has none; `undefined` where that stays secret. */
  readonly allowedMethods: (() => readonly string[]) | undefined
  /** Whether a path that nothing serves is that of a WebSocket; `undefined` where there are none. */
  readonly needsUpgrade: (() => boolean) | undefined
  /** Set once the request has left the straight road. */
  detour: Detour | undefined
  /** Gives back the response as `exitAll` left it. */
  restore: (() => void) | undefined
}

/** What is known of a request on which something failed. */
export interface Detour {
  /** The place on the road from which on each step has its first turn; before it, only what can be repeated runs. */
  resumeAt: number
  failures: number
  /** The statuses whose handlers failed: they don't run again. */
  readonly failedStatuses: Set<number>
}

/** One step of the road, which is in pipeline.ts. */
export interface Step {
  readonly place: number
  readonly run: (exchange: Exchange) => void | PromiseLike<unknown>
  /** Whether it has anything to do under a plan. */
  readonly isNeeded: (plan: Omit<Plan, 'steps'>) => boolean
  /** Runs also after `exitAll`. */
  readonly isEssential: boolean
  /** Runs again for the response that takes the place of one whose way failed. */
  readonly isRepeatable: boolean
}
