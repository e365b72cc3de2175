import type { FailureCode } from '../../base/error-codes.ts'
import type { CommandError, FailureOptions } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'
import type { CommandRun } from './command-options.ts'
import type { Exit } from './process-group.ts'

/** How a command failed. */
export interface CommandFailure {
  readonly failure: FailureCode
  /** What follows the name of the command in the message. */
  readonly problem: string
  /** How its program ended, if there was one. */
  readonly exit?: Exit
  readonly cause?: unknown
}

/** What a `CommandError` is made from. Not the error: tsx may load the module of its class a second time for `import()`. */
export interface FailedCommand extends FailureOptions, Pick<CommandError, 'command' | 'exitCode' | 'signal'> {
  readonly message: string
}

/** Describes a failure for log and error. `place` is its event and entry point, as the message begins. */
export function describeFailure(place: string, run: CommandRun, given: CommandFailure): FailedCommand {
  const { failure, problem, exit, cause } = given
  const command = printCommand(run)
  const kind = typeof run === 'function' ? 'function' : 'command'
  const what = command === '' ? 'a function' : `${kind} ${printValue(command)}`
  const { exitCode = null, signal = null } = exit ?? {}
  const reason = cause === undefined ? {} : { cause }
  return { message: `${place}: ${what} ${problem}`, failure, command, exitCode, signal, ...reason }
}

/** Returns a command as one text, words with other than plain characters in quotes; of a function, its name. */
export function printCommand(run: CommandRun): string {
  if (typeof run === 'function') return run.name
  if (typeof run === 'string') return run
  return run.map((word) => (/^[\w./:=@-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
}

/** Resolves when a command has ended, or to why it is no longer waited for. */
export function waitFor(
  ended: Promise<unknown>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandFailure | undefined> {
  return new Promise((resolve) => {
    const settle = (failure?: CommandFailure) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(failure)
    }
    const stop = () => settle({ failure: 'ERR_TRIBIND_COMMAND_STOPPED', problem: 'was ended by a stop of the server' })
    const timer = setTimeout(() => {
      settle({ failure: 'ERR_TRIBIND_COMMAND_TIMEOUT', problem: `took longer than its timeout of ${timeoutMs} ms` })
    }, timeoutMs)
    signal.addEventListener('abort', stop)
    void ended.then(() => settle())
    if (signal.aborted) stop()
  })
}
