import { parseArgs } from 'node:util'
import { suggestName } from '../../kit.ts'
import { type Flags, UsageError } from '../command.ts'

/** What was written behind the name of a command. */
export interface ReadArgs {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | undefined>>
}

/** Reads the arguments of a command. @throws UsageError naming the flag */
export function readArgs(command: string, args: readonly string[], flags: Flags): ReadArgs {
  const { tokens } = parseArgs({ args: [...args], options: flags, strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, string | boolean | undefined> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = flags[token.name]
    const fail = (problem: string) => {
      throw new UsageError(`${command}: ${token.rawName} ${problem}; see tribind help ${command}`)
    }
    if (flag === undefined) fail(`is unknown${suggestName(token.name, Object.keys(flags))}`)
    if (flag?.type === 'string' && (token.value === undefined || token.value === '')) fail(`needs a value`)
    if (flag?.type === 'boolean' && token.value !== undefined) fail(`takes no value, got "${token.value}"`)
    if (values[token.name] !== undefined) fail('is there twice')
    values[token.name] = token.value ?? true
  }
  return { positionals, values }
}
