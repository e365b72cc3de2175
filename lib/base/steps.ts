import { setImmediate } from 'node:timers/promises'

/** Work that can pause: each `yield` is a place to do so. */
export type Steps<T> = Generator<undefined, T>

/** How long work may keep the event loop waiting before it pauses, in milliseconds. */
const SLICE_MS = 2

/** How many values are sorted in one piece. */
const RUN_LENGTH = 128

/** Runs all steps without a pause. */
export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Runs the steps with pauses, in which the event loop serves. Rejects with the signal's reason when it is aborted. */
export async function runInSlices<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    const end = performance.now() + SLICE_MS
    do {
      const { done, value } = steps.next()
      if (done === true) return value
    } while (performance.now() < end)
    await setImmediate()
  }
}

/** Returns the values in order, as `toSorted` does: equal ones stay in theirs. */
export function* sortInSteps<T>(values: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = []
  for (let at = 0; at < values.length; at += RUN_LENGTH) {
    runs.push(values.slice(at, at + RUN_LENGTH).sort(compare))
    yield
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* merge(runs[i] as T[], runs[i + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

function* merge<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = []
  let at = 0
  for (const [i, value] of right.entries()) {
    while (at < left.length && compare(left[at] as T, value) <= 0) merged.push(left[at++] as T)
    merged.push(value)
    if (i % RUN_LENGTH === 0) yield
  }
  for (; at < left.length; at++) merged.push(left[at] as T)
  return merged
}
