import type { Logger } from '../../log/logger.ts'
import { callFunction } from './call-function.ts'
import { type CommandFailure, createCommandError } from './command-failure.ts'
import type { CommandEvent, ReadCommand, ReadCommands } from './command-options.ts'
import type { ProcessGroup } from './process-group.ts'
import { type ProgramCommand, type ProgramContext, runProgram } from './run-program.ts'

/** The commands around one life of an entry point, from before it opens until after it has closed. */
export class Commands {
  readonly #entryPoint: { readonly name: string }
  readonly #commands: ReadCommands
  readonly #logger: Logger
  readonly #groups = new Set<ProcessGroup>()
  readonly #begun = new Set<CommandEvent>()

  /** @param entryPoint what functions are called with */
  constructor(entryPoint: { readonly name: string }, commands: ReadCommands, logger: Logger) {
    this.#entryPoint = entryPoint
    this.#commands = commands
    this.#logger = logger
  }

  /**
   * Runs the commands of an event one after another, at the first call; later calls do nothing.
   *
   * @param address the addresses of the entry point, joined with `,`
   * @param signal ends the command under way when it is aborted; no other begins
   * @throws CommandError of a command that fails and has `onFailure: 'abort'`; the reason of the signal if it is aborted
   */
  async run(event: CommandEvent, address: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    if (this.#begun.has(event)) return
    this.#begun.add(event)
    const context = this.#createContext(event, address, signal)
    for (const command of this.#commands[event] ?? []) {
      signal.throwIfAborted()
      const failure = await this.#runOne(command, context)
      if (failure !== undefined) this.#fail(command, failure, context)
    }
    signal.throwIfAborted()
  }

  /** Ends what the commands have left running. */
  async end(): Promise<void> {
    await Promise.all(Array.from(this.#groups, (group) => group.end()))
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
    return callFunction(() => run(this.#entryPoint as never), timeout, context.signal)
  }

  /** Logs a failure, and throws it where it is to fail the start. */
  #fail(command: ReadCommand, failure: CommandFailure, { fields, signal }: ProgramContext): void {
    const place = `${String(fields['event'])} of entry point "${this.#entryPoint.name}"`
    const error = createCommandError(place, command.run, failure)
    const { exitCode, cause } = error
    const level = command.onFailure === 'abort' ? 'error' : 'warn'
    this.#logger[level](error.message, {
      ...fields,
      command: error.command,
      exitCode,
      signal: error.signal,
      ...(cause !== undefined && { error: cause }),
    })
    signal.throwIfAborted()
    if (command.onFailure === 'abort') throw error
  }
}

/** What `['ls', '-l']` was most likely meant to be. */
const wordsHint = '; an array of texts is an array of commands, one command of several words is [["ls", "-l"]]'
