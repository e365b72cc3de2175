import type { RequestCore, RequestEvents } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'

/** Is told of requests: the access log, the diagnostics channels and the asynchronous context are such. */
export interface RequestObserver {
  /** It is told of the requests that arrive while one of these has subscribers; without them, of every request. */
  readonly channels?: readonly { readonly hasSubscribers: boolean }[]
  /** Runs all that is done for the request, which is what `proceed` does. */
  run?(request: Request, proceed: () => void): void
  /** The request has arrived, and no function of the application has seen it. */
  started?(request: Request): void
  /** A route serves the request. */
  routed?(request: Request): void
  /** Middleware and endpoint have done their work, have failed, or were left out. */
  served?(request: Request): void
  /** Something failed; `isAnswer` says whether the response is made from it. */
  failed?(request: Request, error: unknown, isAnswer: boolean): void
  /** The request is over, and what it held is released; `isFinished` says whether the whole response went out. */
  closed?(request: Request, isFinished: boolean): void
}

/** Starts a request that is observed; one that isn't pays nothing for it further on. */
export function startObserved(
  core: RequestCore,
  request: Request,
  observers: readonly RequestObserver[],
  proceed: () => void,
): void {
  core.events = new ObservedEvents(request, observers)
  for (const observer of observers) observer.started?.(request)
  const run = observers.reduceRight<() => void>(
    (inner, observer) => (observer.run === undefined ? inner : () => observer.run?.(request, inner)),
    proceed,
  )
  run()
}

/** Hands the events of one request to its observers, in their order. */
class ObservedEvents implements RequestEvents {
  readonly isCloseAwaited: boolean
  readonly #request: Request
  readonly #observers: readonly RequestObserver[]

  constructor(request: Request, observers: readonly RequestObserver[]) {
    this.#request = request
    this.#observers = observers
    this.isCloseAwaited = observers.some((observer) => observer.closed !== undefined)
  }

  routed(): void {
    for (const observer of this.#observers) observer.routed?.(this.#request)
  }

  served(): void {
    for (const observer of this.#observers) observer.served?.(this.#request)
  }

  failed(error: unknown, isAnswer: boolean): void {
    for (const observer of this.#observers) observer.failed?.(this.#request, error, isAnswer)
  }

  closed(isFinished: boolean): void {
    for (const observer of this.#observers) observer.closed?.(this.#request, isFinished)
  }
}
