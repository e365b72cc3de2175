import type { ServicesModel } from './services/model.ts'

/** A command of the program, such as `tribind run`. */
export interface Command {
  /** How it is written, such as `run MODULE [--workers N]`. */
  readonly usage: string
  /** What it does, in one sentence, for `tribind --help`. */
  readonly summary: string
  /** Its flags: what `parseFlags` reads, and `tribind help NAME` lists. Default: none. */
  readonly flags?: Flags
  /** Command lines to show, each with what it does. Default: none. */
  readonly examples?: readonly (readonly [line: string, does: string])[]
  /** Returns the exit code. @throws UsageError */
  run(args: readonly string[]): Promise<number>
}

/** Flags by their long names, as `parseArgs` of `node:util` takes them, with what `--help` says. */
export type Flags = Readonly<Record<string, Flag>>

export interface Flag {
  readonly type: 'string' | 'boolean'
  /** One letter. */
  readonly short?: string
  /** Whether it may be written several times. */
  readonly multiple?: true
  /** What stands for its value in `--help`, such as `FILE`. */
  readonly value?: string
  /** What it does, in a few words. */
  readonly summary: string
}

/** Reads what is to run, again each time. @throws ConfigError with all that is wrong */
export type ReadServices = () => Promise<{
  readonly model: ServicesModel
  /** What has no effect, or may not be meant; one line each. */
  readonly warnings: readonly string[]
}>

/** Runs services until they are stopped. Returns the exit code. */
export type RunServices = (read: ReadServices) => Promise<number>

/** Runs groups of arguments, each in a process of its own. Returns the exit code. @param restart false for `--no-restart` */
export type RunGroups = (
  groups: readonly (readonly string[])[],
  options: { readonly restart: boolean },
) => Promise<number>

/** What was written can't be understood: it is told on standard error, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
