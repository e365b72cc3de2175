import { StateError } from '../base/errors.ts'
import { isInsideHookOf } from '../base/hook-runs.ts'

/**
 * The promise of a replacement that was asked for inside of a build, and comes after it. Inside that build, awaiting it would
 * never end: `await` and what else passes two functions to `then` get a StateError.
 */
export class AskedInBuild<T> extends Promise<T> {
  #build: object | undefined

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  static ask<T>(build: object, promise: Promise<T>): Promise<T> {
    const asked = new AskedInBuild<T>((resolve, reject) => {
      promise.then(resolve, reject)
    })
    asked.#build = build
    return asked
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const isAwaited = typeof onFulfilled === 'function' && typeof onRejected === 'function'
    if (!isAwaited || this.#build === undefined || !isInsideHookOf(this.#build))
      return super.then(onFulfilled, onRejected)
    // The replacement itself is awaited by nothing then, and may fail.
    super.then(undefined, () => {})
    const error = new StateError(
      'a replacement that is asked for inside of a build comes after it: await it outside of the build',
      { failure: 'ERR_TRIBIND_LAYER_AWAITED' },
    )
    return Promise.reject<T>(error).then(onFulfilled, onRejected)
  }
}
