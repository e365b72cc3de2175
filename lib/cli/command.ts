/** A command of the program, such as `tribind run`. */
export interface Command {
  /** How it is written, such as `run MODULE [--workers N]`. */
  readonly usage: string
  /** What it does, in one sentence, for `tribind --help`. */
  readonly summary: string
  /** Returns the exit code. @throws UsageError */
  run(args: readonly string[]): Promise<number>
}

/** What was written can't be understood: it is told on standard error, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
