import { isPromise } from '../base/is-promise.ts'

/**
 * Runs a generator that yields what may be a promise, and gets back what it became.
 *
 * So a sequence with `try` and `finally` is written once, and runs without a promise where nothing in it is one.
 */
export function drive(sequence: Generator<unknown, void, unknown>): void | Promise<void> {
  const pending = advance(sequence, sequence.next())
  if (pending !== undefined) return driveAsync(sequence, pending)
}

async function driveAsync(sequence: Generator<unknown, void, unknown>, first: PromiseLike<unknown>): Promise<void> {
  let pending: PromiseLike<unknown> | undefined = first
  while (pending !== undefined) {
    const resume: () => IteratorResult<unknown, void> = await Promise.resolve(pending).then(
      (value) => () => sequence.next(value),
      (thrown: unknown) => () => sequence.throw(thrown),
    )
    pending = advance(sequence, resume())
  }
}

/** Goes on to the next promise; `undefined` at the end. */
function advance(
  sequence: Generator<unknown, void, unknown>,
  result: IteratorResult<unknown, void>,
): PromiseLike<unknown> | undefined {
  while (result.done !== true) {
    if (isPromise(result.value)) return result.value
    result = sequence.next(result.value)
  }
  return undefined
}
