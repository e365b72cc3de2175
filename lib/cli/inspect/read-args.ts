import { type Flags, UsageError } from '../command.ts'
import { parseFlags } from '../parse-flags.ts'

/** What was written behind the name of a command, where no flag stands twice. */
export interface ReadArgs {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | true | undefined>>
}

/** Reads the arguments of a command. @throws UsageError naming the command and the flag */
export function readArgs(command: string, args: readonly string[], flags: Flags): ReadArgs {
  try {
    const { positionals, values } = parseFlags(flags, args)
    return { positionals, values: Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value])) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${command}: ${error.message}`)
  }
}
