import type { Readable } from 'node:stream'
import type { Logger } from '../../log/logger.ts'
import { type CommandFailure, printCommand, waitFor } from './command-failure.ts'
import type { ReadCommand } from './command-options.ts'
import { type Exit, ProcessGroup, type Program } from './process-group.ts'
import { isForShell, splitWords } from './split-words.ts'

/** How many characters a line may have. A longer one becomes several. */
const MAX_LENGTH = 8192

const pieces = new RegExp(`[^]{1,${MAX_LENGTH}}`, 'gu')

const shellHint = '; no shell runs it, set "shell: true" beside "run" for what only a shell does'

/** What all programs of an event run with. */
export interface ProgramContext {
  /** Added to those of this process. */
  readonly env: Readonly<Record<string, string>>
  readonly logger: Logger
  /** The fields of each record. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Ends the program when it is aborted. */
  readonly signal: AbortSignal
  /** Programs of which something still runs, or holds the output. */
  readonly groups: Set<ProcessGroup>
  /** What else to say where there is no such program. */
  readonly hint: string
}

/** A command that isn't a function. */
export type ProgramCommand = ReadCommand & { readonly run: string | readonly string[] }

/** Runs a program to its end; its output goes to the log. Returns how it failed. */
export async function runProgram(
  command: ProgramCommand,
  context: ProgramContext,
): Promise<CommandFailure | undefined> {
  let group: ProcessGroup
  try {
    group = await ProcessGroup.start(toProgram(command, context.env))
  } catch (error) {
    return describeStart(error as NodeJS.ErrnoException, adviseShell(command) || context.hint)
  }
  keep(group, context.groups)
  logOutput(group, command, context)
  const failure = await waitFor(group.whenExited, command.timeout, context.signal)
  if (failure !== undefined) await group.end()
  await group.readOutput()
  const exit = await group.whenExited
  if (failure !== undefined) return { ...failure, exit }
  if (exit.exitCode === 0) return undefined
  // Not the program, which has ended, but what it has left behind.
  await group.end()
  return { failure: 'ERR_TRIBIND_COMMAND_EXIT', problem: describeExit(exit) + adviseShell(command), exit }
}

/** Returns what else to say of a command that failed since it was written for a shell, or `''`. */
function adviseShell({ run, shell }: ProgramCommand): string {
  return typeof run === 'string' && !shell && isForShell(run) ? shellHint : ''
}

function toProgram({ run, shell }: ProgramCommand, env: Readonly<Record<string, string>>): Program {
  const words = typeof run === 'string' && !shell ? splitWords(run) : [run].flat()
  const [file = '', ...args] = words ?? []
  return { file, args, shell, env: { ...process.env, ...env } }
}

function keep(group: ProcessGroup, groups: Set<ProcessGroup>): void {
  groups.add(group)
  void group.whenOver.then(() => groups.delete(group))
}

function logOutput(
  { stdout, stderr }: ProcessGroup,
  { run }: ProgramCommand,
  { logger, fields }: ProgramContext,
): void {
  const all = { ...fields, command: printCommand(run) }
  readLines(stdout, (line) => logger.info(line, all))
  readLines(stderr, (line) => logger.warn(line, all))
}

/** Calls a function for each line of a stream in UTF-8, also for the last one if no line break ends it. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  const take = (line: string) => {
    for (const piece of line.match(pieces) ?? ['']) onLine(piece)
  }
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() as string
    lines.forEach(take)
    if (rest.length <= MAX_LENGTH) return
    take(rest)
    rest = ''
  })
  stream.once('close', () => {
    if (rest !== '') take(rest)
  })
}

function describeStart(cause: NodeJS.ErrnoException, hint: string): CommandFailure {
  const { code, message } = cause
  const reason = code === 'ENOENT' ? `there is no such program${hint}` : message
  return { failure: 'ERR_TRIBIND_COMMAND_START', problem: `could not be started (${code}): ${reason}`, cause }
}

function describeExit({ exitCode, signal }: Exit): string {
  return signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`
}
