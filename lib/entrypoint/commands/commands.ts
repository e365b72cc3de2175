import { within } from '../../base/within.ts'
import type { Logger } from '../../log/logger.ts'
import { printValue } from '../../options/print-value.ts'
import { type CommandFailure, describeFailure, type FailedCommand, waitFor } from './command-failure.ts'
import type { CommandEvent, CommandTarget, ReadCommand, ReadCommands } from './command-options.ts'
import { GRACE_MS, type ProcessGroup } from './process-group.ts'
import { type ProgramCommand, type ProgramContext, runProgram } from './run-program.ts'

/** What `['ls', '-l']` was most likely meant to be. */
const wordsHint = '; an array of texts is an array of commands, one command of several words is [["ls", "-l"]]'

/** How functions among the commands are called. */
export interface CommandCaller {
  readonly entryPoint: CommandTarget
  /** Calls a function as a hook of the server, in which a stop can't be awaited. */
  readonly callHook: (call: () => unknown) => Promise<void>
}

/** The commands around one life of an entry point, from before it opens until after it has closed. */
export class Commands {
  readonly #entryPoint: CommandTarget
  readonly #callHook: CommandCaller['callHook']
  readonly #commands: ReadCommands
  readonly #logger: Logger
  readonly #groups = new Set<ProcessGroup>()
  readonly #runs = new Map<CommandEvent, Promise<FailedCommand | undefined>>()

  constructor({ entryPoint, callHook }: CommandCaller, commands: ReadCommands, logger: Logger) {
    this.#entryPoint = entryPoint
    this.#callHook = callHook
    this.#commands = commands
    this.#logger = logger
  }

  /**
   * Runs the commands of an event one after another, at the first call; all calls return the same promise.
   *
   * @param address the addresses of the entry point, joined with `,`
   * @param signal ends the command under way when it is aborted, and no other begins: rejects with its reason
   * @returns the command that failed and has `onFailure: 'abort'`, after which no other runs; `undefined` if there is none
   */
  run(event: CommandEvent, address: string, signal?: AbortSignal): Promise<FailedCommand | undefined> {
    const begun = this.#runs.get(event)
    if (begun !== undefined) return begun
    const run = this.#run(event, address, signal)
    this.#runs.set(event, run)
    return run
  }

  /** Ends what the commands have left running. */
  async end(): Promise<void> {
    await Promise.all(Array.from(this.#groups, (group) => group.end()))
  }

  async #run(
    event: CommandEvent,
    address: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<FailedCommand | undefined> {
    const context = this.#createContext(event, address, signal)
    for (const command of this.#commands[event] ?? []) {
      signal.throwIfAborted()
      const failure = await this.#runOne(command, context)
      if (failure === undefined) continue
      const failed = describeFailure(`${event} of entry point "${this.#entryPoint.name}"`, command.run, failure)
      this.#log(failed, command, context)
      if (command.onFailure === 'abort' && !signal.aborted) return failed
    }
    signal.throwIfAborted()
    return undefined
  }

  #createContext(event: CommandEvent, address: string, signal: AbortSignal): ProgramContext {
    const { name } = this.#entryPoint
    const commands = this.#commands[event] ?? []
    return {
      env: { TRIBIND_ENTRY_POINT: name, TRIBIND_ADDRESS: address, TRIBIND_EVENT: event },
      logger: this.#logger,
      fields: { entryPoint: name, event },
      signal,
      groups: this.#groups,
      hint: commands.length > 1 && commands.every(({ run }) => typeof run === 'string') ? wordsHint : '',
    }
  }

  #runOne(command: ReadCommand, context: ProgramContext): Promise<CommandFailure | undefined> {
    const { run, timeout } = command
    if (typeof run !== 'function') return runProgram(command as ProgramCommand, context)
    return callFunction(() => this.#callHook(() => run(this.#entryPoint)), timeout, context.signal)
  }

  #log(failed: FailedCommand, { onFailure }: ReadCommand, { fields }: ProgramContext): void {
    const { message, command, exitCode, signal, cause } = failed
    const level = onFailure === 'abort' ? 'error' : 'warn'
    const error = cause === undefined ? {} : { error: cause }
    this.#logger[level](message, { ...fields, command, exitCode, signal, ...error })
  }
}

/** Calls a function and awaits it. Returns how it failed; one that takes too long can't be ended and is no longer waited for. */
async function callFunction(
  call: () => unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandFailure | undefined> {
  let thrown: CommandFailure | undefined
  const ended = (async () => call())().catch((cause: unknown) => {
    const problem = `threw: ${cause instanceof Error ? cause.message : printValue(cause)}`
    thrown = { failure: 'ERR_TRIBIND_COMMAND_THREW', problem, cause }
  })
  const failure = await waitFor(ended, timeoutMs, signal)
  if (signal.aborted) await within(GRACE_MS, ended)
  return failure ?? thrown
}
