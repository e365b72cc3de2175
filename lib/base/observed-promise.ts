import { isPromise } from './in-turn.ts'

/** The work whose end an `ObservedPromise` stands for. */
export interface Work {
  begin(): void | PromiseLike<unknown>
  /** Called once `begin`, or its promise, has ended, successfully or not. */
  ended?(): unknown
}

/**
 * A promise that knows whether it is awaited. It creates no native promise while its work is synchronous.
 *
 * `next()` and the calls that serve files return one. If it isn't awaited, the pipeline waits for the work and handles its
 * failure.
 */
export class ObservedPromise implements Promise<void> {
  #pending: Promise<void> | undefined
  #failure: { readonly thrown: unknown } | undefined
  #isObserved = false

  constructor(work: Work) {
    try {
      const result = work.begin()
      if (isPromise(result)) {
        this.#pending = Promise.resolve(result)
          .finally(() => work.ended?.())
          .then(() => {})
        // It may fail before it is awaited.
        this.#pending.catch(() => {})
      }
    } catch (thrown) {
      this.#failure = { thrown }
    }
    if (this.#pending === undefined) work.ended?.()
  }

  get [Symbol.toStringTag](): string {
    return 'Promise'
  }

  /** Returns the work under way, or throws its failure, unless it is awaited: then there is nothing to do for the pipeline. */
  takeUnobserved(): Promise<void> | undefined {
    if (this.#isObserved) return undefined
    if (this.#failure !== undefined) throw this.#failure.thrown
    return this.#pending
  }

  /** Resolves at the end of the work. Rejects only if the promise isn't awaited elsewhere. */
  ended(): Promise<void> {
    return this.#promise().catch((error: unknown) => {
      if (!this.#isObserved) throw error
    })
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  then<A = void, B = never>(
    onFulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isObserved = true
    return this.#promise().then(onFulfilled, onRejected)
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<void | B> {
    return this.then(undefined, onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<void> {
    this.#isObserved = true
    return this.#promise().finally(onFinally)
  }

  #promise(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.thrown as Error)
    return this.#pending ?? Promise.resolve()
  }
}
