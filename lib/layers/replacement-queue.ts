import { setImmediate } from 'node:timers/promises'
import { StateError } from '../base/errors.ts'
import { isInsideHookOf } from '../base/hook-runs.ts'

/** Runs replacements one after another, in the order of the calls. */
export class ReplacementQueue {
  /** Settled when the last replacement asked for has ended. */
  #last: Promise<unknown> = Promise.resolve()
  #building: object | undefined

  /**
   * Runs a replacement after all that were asked for before.
   *
   * @param releases what its caller waits for besides
   */
  add<T>(carryOut: () => Promise<T>, releases: readonly Promise<void>[]): Promise<T> {
    const carriedOut = this.#last.then(carryOut)
    // Requests are served between one and the next.
    const leaveTurn = () => setImmediate()
    this.#last = carriedOut.then(leaveTurn, leaveTurn)
    // The next one doesn't wait for it: a function of onRetire may await that one, or never end.
    const replaced = carriedOut.finally(() => Promise.all(releases))
    const build = this.#building
    return build !== undefined && isInsideHookOf(build) ? AskedInBuild.ask(build, replaced) : replaced
  }

  /** Runs a build: what is asked for inside of it comes after it. */
  async build<T>(content: object, run: () => Promise<T>): Promise<T> {
    this.#building = content
    try {
      return await run()
    } finally {
      this.#building = undefined
    }
  }

  /** Resolves when all that was asked for has ended. */
  async whenIdle(): Promise<void> {
    await this.#last
  }
}

/**
 * The promise of a replacement that was asked for inside of a build, and comes after it. Inside that build, awaiting it would
 * never end: `await` and what else passes two functions to `then` get a StateError.
 */
class AskedInBuild<T> extends Promise<T> {
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
