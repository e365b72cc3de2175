/** The target was reached, and said no. */
const answers: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET'])

/** Returns which of several errors says most of why nothing could be connected to: one that came from the target, or else the last. */
export function mostTelling(errors: readonly unknown[]): unknown {
  return errors.find((error) => answers.has((error as NodeJS.ErrnoException).code)) ?? errors.at(-1)
}
