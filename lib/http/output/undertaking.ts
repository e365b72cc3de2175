/**
 * What a call has begun and the application may leave to itself: a promise that knows whether anybody waits for it.
 *
 * Its failure goes to whoever waits; where nobody does, to the pipeline, by `taken`.
 */
export class Undertaking extends Promise<void> {
  // What `then` gives is a promise like any other.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  #isObserved = false

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = void, B = never>(
    onFulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isObserved = true
    return super.then(onFulfilled, onRejected)
  }

  /** Its end for the pipeline: fails only where nobody else has waited for it. */
  taken(): Promise<void> {
    return super.then(undefined, (error: unknown) => {
      if (!this.#isObserved) throw error
    })
  }
}
