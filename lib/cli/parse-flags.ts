import { parseArgs } from 'node:util'
import { suggestName } from '../kit.ts'
import { type Flags, UsageError } from './command.ts'

/** What arguments say. */
export interface ParsedFlags {
  /** The values of each flag that was written, by its long name, in order; true for one without a value. */
  readonly values: Readonly<Record<string, readonly (string | true)[]>>
  readonly positionals: readonly string[]
}

/** Reads arguments by the table of the flags that there are. @throws UsageError naming the first that can't be understood */
export function parseFlags(flags: Flags, args: readonly string[]): ParsedFlags {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short }]) => [name, { type, ...(short !== undefined && { short }) }]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, (string | true)[]> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined
    if (flag === undefined)
      throw new UsageError(`there is no flag "${token.rawName}"${adviseFlag(token.rawName, flags)}`)
    const all = (Object.hasOwn(values, token.name) ? values[token.name] : undefined) ?? []
    if (all.length > 0 && flag.multiple !== true) throw new UsageError(`the flag "${token.rawName}" stands there twice`)
    values[token.name] = [...all, readValue(flag.type, token, flag.value ?? 'VALUE')]
  }
  return { values, positionals }
}

interface OptionToken {
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function readValue(
  type: 'string' | 'boolean',
  { rawName, value, inlineValue }: OptionToken,
  words: string,
): string | true {
  if (type === 'boolean') {
    if (value !== undefined) throw new UsageError(`the flag "${rawName}" takes no value, got "${value}"`)
    return true
  }
  // As GOST has it, `-L=:8080`.
  const text = inlineValue && !rawName.startsWith('--') ? value?.replace(/^=/, '') : value
  if (text === undefined || text === '')
    throw new UsageError(`the flag "${rawName}" needs a value: ${rawName} ${words}`)
  if (!inlineValue && /^-./.test(text))
    throw new UsageError(
      `the flag "${rawName}" needs a value, got "${text}": for a value that begins with "-" write ${rawName}=${text}`,
    )
  return text
}

function adviseFlag(rawName: string, flags: Flags): string {
  const names = Object.entries(flags).flatMap(([name, { short }]) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ])
  // One letter is near every other: what differs in its case alone is meant.
  if (!/^-.$/.test(rawName)) return suggestName(rawName, names)
  const other = names.find((name) => name.toLowerCase() === rawName.toLowerCase())
  return other === undefined ? `; there are ${names.join(', ')}` : `, did you mean "${other}"?`
}
