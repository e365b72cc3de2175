import { isPromise } from '../base/is-promise.ts'

/**
 * What `next()` gives: a promise that knows whether anybody waits for it, and costs none where nothing inside is async.
 *
 * A middleware may leave out `await` or `return`; then the pipeline takes up what is going on inside, and its failure.
 */
export class Continuation implements Promise<void> {
  #pending: Promise<unknown> | undefined
  #failure: { readonly thrown: unknown } | undefined
  #isObserved = false

  /** @param settled is called once `run`, or its promise, has ended in whatever way */
  constructor(run: () => void | PromiseLike<unknown>, settled: () => unknown) {
    try {
      const result = run()
      if (isPromise(result)) {
        this.#pending = Promise.resolve(result).finally(settled)
        // Somebody may come to wait after it has failed.
        this.#pending.catch(() => {})
      }
    } catch (thrown) {
      this.#failure = { thrown }
    }
    if (this.#pending === undefined) settled()
  }

  get [Symbol.toStringTag](): string {
    return 'Promise'
  }

  /** What nobody waits for yet: throws where it failed, a promise where it goes on. */
  takeUnobserved(): Promise<unknown> | undefined {
    if (this.#isObserved) return undefined
    if (this.#failure !== undefined) throw this.#failure.thrown
    return this.#pending
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  then<A = void, B = never>(
    onFulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#observe().then(onFulfilled, onRejected)
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<void | B> {
    return this.#observe().catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<void> {
    return this.#observe().finally(onFinally)
  }

  #observe(): Promise<void> {
    this.#isObserved = true
    if (this.#failure !== undefined) return Promise.reject(this.#failure.thrown)
    return this.#pending === undefined ? Promise.resolve() : this.#pending.then(() => {})
  }
}
