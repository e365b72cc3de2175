import { readFileSync } from 'node:fs'
import { TribindError } from '../index.ts'
import { ownFolder, suggestName } from '../kit.ts'
import { endWithParent } from './children/end-with-parent.ts'
import { type Command, UsageError } from './command.ts'
import { commands, runners } from './commands.ts'
import { styleFor } from './style.ts'

/**
 * Runs `tribind`. Returns the exit code: 0 where all went well, 1 where something failed, 2 where the command line can't be understood.
 *
 * @param args those behind the name of the program
 */
export async function main(args: readonly string[]): Promise<number> {
  endWithParent()
  try {
    return await runAsked(args)
  } catch (error) {
    const isUsage = error instanceof UsageError
    if (!isUsage && !(error instanceof TribindError)) throw error
    const style = styleFor(process.stderr)
    process.stderr.write(`${style('red', 'tribind:')} ${error.message}\n${isUsage ? 'See tribind --help.\n' : ''}`)
    return isUsage ? 2 : 1
  }
}

async function runAsked(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args
  const own = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined)
  if (first === 'help') return help(rest)
  if (first !== undefined && !first.startsWith('-')) {
    const command = await commandOf(first)
    return asksForHelp(own, command) ? help([first]) : command.run(rest)
  }
  if (asksForHelp(own)) return help([])
  if (own.some((arg) => ['--version', '-v'].includes(arg))) return say(`${readVersion()}\n`)
  if (args.includes('--')) return runGroups(args)
  // Commands do without it, and without what it loads.
  return (await import('./run-without-command.ts')).runWithoutCommand(args)
}

async function help([name]: readonly string[]): Promise<number> {
  const { printCommandHelp, printHelp } = await import('./help.ts')
  return say(name === undefined ? await printHelp() : printCommandHelp(await commandOf(name)))
}

async function commandOf(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load !== undefined) return load()
  const names = [...Object.keys(commands), 'help']
  throw new UsageError(`there is no command "${name}"${suggestName(name, names) || `; there are ${names.join(', ')}`}`)
}

function asksForHelp(args: readonly string[], { flags = {} }: Partial<Command> = {}): boolean {
  const hasOwn = Object.values(flags).some(({ short }) => short === 'h')
  return args.includes('--help') || (!hasOwn && args.includes('-h'))
}

/** Runs the groups of arguments between `--`, each in a process of its own. */
async function runGroups(args: readonly string[]): Promise<number> {
  const isOnce = args[0] === '--no-restart'
  const groups: string[][] = [[]]
  for (const arg of args.slice(isOnce ? 1 : 0)) {
    if (arg === '--') groups.push([])
    else groups.at(-1)?.push(arg)
  }
  const empty = groups.findIndex((group) => group.length === 0)
  if (empty >= 0)
    throw new UsageError(`group ${empty + 1} of ${groups.length} is empty: arguments stand on both sides of each "--"`)
  return (await runners.groups())(groups, { restart: !isOnce })
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(`${ownFolder}../package.json`, 'utf8')) as { version: string }
  return version
}
