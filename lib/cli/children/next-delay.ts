const SHORTEST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
/** How long a process has to run for the next delay to be the shortest again. */
const STEADY_MS = 30_000

/** Returns the delay before a process that failed starts again, in milliseconds. @param before the last one, 0 if there was none */
export function nextDelay(before: number, ranForMs: number): number {
  if (before === 0 || ranForMs >= STEADY_MS) return SHORTEST_DELAY_MS
  return Math.min(before * 2, LONGEST_DELAY_MS)
}
