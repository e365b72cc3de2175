import { isIP } from 'node:net'
import { ConfigError } from '../../index.ts'
import { isObject, type Option, printValue, textSchema } from '../../kit.ts'

/**
 * From where connections leave: the name of an interface (`eth0`), an address, `auto` for the address at which the client came
 * in, or several of these, joined with `,` or in an array. After one with `!` behind it that fails, none further is tried.
 */
export type Interface = string | readonly string[] | InterfaceList

/** Several interfaces, and which of them a connection tries first. */
export interface InterfaceList {
  list: string | readonly string[]
  /** Whether each connection begins with the first (`fifo`), the next (`round`) or any (`rand`). Default `fifo`. */
  strategy?: InterfaceStrategy
}

const strategies = ['fifo', 'round', 'rand'] as const

export type InterfaceStrategy = (typeof strategies)[number]

/** The option as it is read. */
export interface ReadInterface {
  readonly entries: readonly InterfaceEntry[]
  readonly strategy: InterfaceStrategy
}

/** One of the interfaces that an option names. */
export interface InterfaceEntry {
  /** As it was given, without `!`. */
  readonly text: string
  readonly kind: 'auto' | 'address' | 'name'
  /** Whether none further is tried once this one has failed. */
  readonly isLast: boolean
}

const words =
  'the name of an interface, an address, "auto", a list of these joined with ",", an array of them, or { list, strategy }'

const listSchema = { anyOf: [textSchema, { type: 'array', minItems: 1, items: textSchema }] }

const interfaceSchema = {
  anyOf: [
    ...listSchema.anyOf,
    {
      type: 'object',
      properties: { list: listSchema, strategy: { enum: strategies } },
      required: ['list'],
      additionalProperties: false,
    },
  ],
}

/** Declares an option that is an interface. */
export function interfaceOption(): Option<Interface, 'maybe', ReadInterface> {
  return { isValid: () => true, words, convert: readInterface, json: () => interfaceSchema }
}

/** Returns the interfaces that an option names. @param place the option's path @throws ConfigError naming it */
export function readInterface(value: unknown, place: string): ReadInterface {
  const isList = isObject(value)
  const { list, strategy = 'fifo', ...others } = (isList ? value : { list: value }) as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw wrong('UNKNOWN', `unknown option "${place}.${unknown}". Known options: list, strategy`)
  if (!strategies.includes(strategy as InterfaceStrategy))
    throw wrong(
      'VALUE',
      `option "${place}.strategy" must be one of ${strategies.join(', ')}, got ${printValue(strategy)}`,
    )
  const entries = readList(list, isList ? `${place}.list` : place)
  return { entries, strategy: strategy as InterfaceStrategy }
}

function readList(list: unknown, place: string): InterfaceEntry[] {
  const texts: unknown[] = Array.isArray(list) ? list : [list]
  const parts = texts.flatMap((text) => (typeof text === 'string' ? text.split(',') : [undefined]))
  const entries = parts.map((part) => readEntry(part?.trim()))
  if (entries.length === 0 || entries.includes(undefined))
    throw wrong('VALUE', `option "${place}" must be ${words}, none of them empty, got ${printValue(list)}`)
  return entries as InterfaceEntry[]
}

function readEntry(part: string | undefined): InterfaceEntry | undefined {
  const isLast = part?.endsWith('!') === true
  const text = isLast ? part.slice(0, -1).trim() : part
  if (text === undefined || text === '' || text.includes('!') || text.includes('\0')) return undefined
  return { text, isLast, kind: text === 'auto' ? 'auto' : isIP(text) === 0 ? 'name' : 'address' }
}

function wrong(kind: 'UNKNOWN' | 'VALUE', message: string): ConfigError {
  return new ConfigError(message, { failure: `ERR_TRIBIND_OPTION_${kind}` })
}
