import { ConfigError } from '../../base/errors.ts'
import { type Complete, defineOptions, type OptionTable, type RowsOf } from '../../options/define-options.ts'
import { type Duration, duration, flag, isFunction, isText, oneOf, textSchema } from '../../options/option-kinds.ts'
import { isObject, option } from '../../options/option.ts'
import { printValue } from '../../options/print-value.ts'
import type { EntryPointStatus } from '../entry-point-status.ts'
import { splitWords } from './split-words.ts'

/** When commands run: before and after an entry point opens, before and after it closes. */
export type CommandEvent = keyof CommandsByEvent

/** What a function among the commands may use of the `EntryPoint` that it is called with, unless it declares its parameter as one. */
export interface CommandTarget {
  readonly name: string
  readonly addresses: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  status(): EntryPointStatus
}

/** A function among the commands. As a method, it may declare its parameter as an `EntryPoint`. */
export type CommandFunction = { call(entryPoint: CommandTarget): unknown }['call']

/** What a command runs: a text that is split into words, words as they are, or a function, which is awaited. */
export type CommandRun = string | readonly string[] | CommandFunction

/** A command with its options. */
export interface CommandOptions {
  /** The program and its arguments, as a text or as words, or a function. */
  run: CommandRun
  /** Whether a shell runs the text. Default false: it is split into words as a shell would, and nothing is expanded. */
  shell?: boolean
  /** How long it may take. Default 30 s. */
  timeout?: Duration
  /** What a failure does: `abort`, for `preUp` and `postUp` alone, fails the start of the entry point. Default `warn`. */
  onFailure?: 'warn' | 'abort'
}

/** What runs before or after an entry point opens or closes. */
export type Command = CommandRun | CommandOptions

/**
 * The commands of an entry point. Those of an array run one after another. Each is bounded by its `timeout`, not by the
 * `stopTimeout` of the server.
 *
 * Programs have `TRIBIND_ENTRY_POINT`, `TRIBIND_ADDRESS` and `TRIBIND_EVENT` in their environment beside that of the process.
 */
export interface CommandsByEvent {
  /**
   * What runs before it listens: a text, a function, which is called with the `EntryPoint`, an object with `run`, or an array of such
   * commands. An array of words stands in an array too, `[['echo', 'one', 'two']]`, unless a word after the first begins with `-`.
   * Default: nothing.
   */
  preUp?: Command | readonly Command[]
  /** What runs when it listens, before it is `ready`, as `preUp`. Default: nothing. */
  postUp?: Command | readonly Command[]
  /** What runs before it accepts no more connections, as `preUp`. Default: nothing. */
  preDown?: Command | readonly Command[]
  /** What runs when its last request has ended, before it is `closed`, as `preUp`. Default: nothing. */
  postDown?: Command | readonly Command[]
}

/** A command with its defaults. */
export type ReadCommand = Complete<CommandOptions> & { readonly timeout: number }

/** The commands of an entry point, as the table of its options returns them. */
export type ReadCommands = { readonly [Event in CommandEvent]?: readonly ReadCommand[] }

const runSchemas = [textSchema, { type: 'array', items: { type: 'string' }, minItems: 1 }]
const runWords = 'a text, a non-empty array of words, or a function'
const commandWords = `a command (${runWords}, or an object with one of them as "run")`

/** The table of the options of one command. */
export const commandOptions: OptionTable<CommandOptions, ReadCommand> = defineOptions(
  {
    run: option(isRun, runWords, { required: true, json: () => ({ anyOf: runSchemas }) }),
    shell: flag({ default: false }),
    timeout: duration(1, { default: '30s' }),
    onFailure: oneOf(['warn', 'abort'], { default: 'warn' }),
  },
  { instead: { command: 'write it as "run"', cmd: 'write it as "run"' } },
)

/** The rows of the commands among the options of an entry point. */
export const commandRows: RowsOf<CommandsByEvent, ReadCommands> = {
  preUp: commandsOf('preUp'),
  postUp: commandsOf('postUp'),
  preDown: commandsOf('preDown'),
  postDown: commandsOf('postDown'),
}

/** Returns the commands among the options of an entry point; `undefined` if there are none. */
export function pickCommands(options: ReadCommands): ReadCommands | undefined {
  const commands = Object.entries(options).filter(([name]) => name in commandRows)
  return commands.length === 0 ? undefined : Object.fromEntries(commands)
}

function commandsOf(event: CommandEvent): Required<typeof commandRows>[CommandEvent] {
  return {
    isValid: (value) => Array.isArray(value) || isCommand(value),
    words: `${commandWords}, or an array of commands`,
    scope: 'entrypoint',
    json: () => {
      const commands = [...runSchemas, commandOptions.jsonSchema()]
      return { anyOf: [...commands, { type: 'array', items: { anyOf: commands } }] }
    },
    convert: (given, path) => readCommands(event, given, path),
  }
}

function readCommands(event: CommandEvent, given: unknown, path: string): readonly ReadCommand[] {
  if (!Array.isArray(given) || areWords(given)) return Object.freeze([readCommand(event, given, path)])
  return Object.freeze(given.map((command, i) => readCommand(event, command, `${path}[${i}]`)))
}

/** Whether an array of texts can only be the words of one command, since a command doesn't begin with an option such as `-c`. */
function areWords(given: readonly unknown[]): boolean {
  return isRun(given) && given.slice(1).some((word) => String(word).startsWith('-'))
}

function readCommand(event: CommandEvent, given: unknown, path: string): ReadCommand {
  if (!isCommand(given)) throw refuse(`option "${path}" must be ${commandWords}, got ${printValue(given)}`)
  const hasOptions = isObject(given)
  const command = commandOptions.parse((hasOptions ? given : { run: given }) as CommandOptions, `${path}.`)
  checkText(command, hasOptions ? `${path}.run` : path)
  if (command.onFailure === 'abort' && event.endsWith('Down'))
    throw refuse(`option "${path}.onFailure" must be warn, got "abort": nothing can keep an entry point from closing`)
  return command
}

/** Checks what takes both `run` and `shell` to tell. */
function checkText({ run, shell }: ReadCommand, path: string): void {
  const got = `got ${printValue(run)}`
  if (typeof run !== 'string') {
    if (shell) throw refuse(`option "${path}" must be a text where "shell" is true, ${got}`)
    return
  }
  const words = shell ? [run.trim()] : splitWords(run)
  if (words === undefined) throw refuse(`option "${path}" must close its quotes, and not end in a backslash, ${got}`)
  if (!isText(words[0])) throw refuse(`option "${path}" must begin with a program, ${got}`)
}

function isCommand(value: unknown): boolean {
  return isObject(value) || isRun(value)
}

function isRun(value: unknown): boolean {
  if (!Array.isArray(value)) return isFunction(value) || isArgument(value)
  return value.every(isArgument) && isText(value[0])
}

/** Whether a program can take this as an argument, which ends at a NUL. */
function isArgument(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0')
}

function refuse(message: string): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}
