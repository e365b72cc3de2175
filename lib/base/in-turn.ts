/** Returns whether a value has a `then` method, whatever its class. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Returns a promise as it is, and keeps it from ending the process if it rejects before it is awaited. */
export function ignoreRejection<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Returned by `run` of a sequence after the last step. */
export const done: unique symbol = Symbol('done')

/** Steps that run one after another. */
export interface Sequence {
  /** A promise that the next step also waits for, after a step that returned a promise. */
  readonly pending?: PromiseLike<unknown> | undefined
  /** Runs the step of that index, or returns `done` after the last. A promise is awaited before the next step. */
  run(index: number): unknown
  /** Handles what a step threw or its promise rejected with, and returns the index of the next step, or throws. */
  failed(index: number, thrown: unknown): number
}

/** Runs the steps in order. Stays synchronous until a step returns a promise. */
export function runInTurn(steps: Sequence, from = 0): void | Promise<void> {
  let at = from
  for (;;) {
    try {
      const result = steps.run(at)
      if (result === done) return
      if (result !== undefined && isPromise(result)) return resume(steps, at, result)
      at++
    } catch (thrown) {
      at = steps.failed(at, thrown)
    }
  }
}

async function resume(steps: Sequence, at: number, pending: PromiseLike<unknown>): Promise<void> {
  let next = at + 1
  try {
    await pending
    if (steps.pending !== undefined) await steps.pending
  } catch (thrown) {
    next = steps.failed(at, thrown)
  }
  return runInTurn(steps, next)
}
