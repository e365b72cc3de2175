import { ConfigError } from '../base/errors.ts'
import { isField } from '../base/is-field.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, type Option } from '../options/option.ts'
import { printValue } from '../options/print-value.ts'

/** Fields to set on requests and on responses; `''` removes one. */
export interface FieldChanges {
  request?: Readonly<Record<string, string>>
  response?: Readonly<Record<string, string>>
}

/** The changes of one direction: by the name in lower case, the name as it was given and its value. */
export type ReadChanges = ReadonlyMap<string, { readonly name: string; readonly value: string }>

export interface ReadFieldChanges {
  readonly request: ReadChanges
  readonly response: ReadChanges
}

type UnreadFieldChanges = { readonly [Name in keyof FieldChanges]?: unknown }

/** Fields that belong to a connection or say where a message ends. */
const reserved = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const noChanges: ReadChanges = new Map()

/** Whether a field of a request, by its lower-case name, may be changed. */
export function isChangeable(key: string): boolean {
  return key !== 'host' && !reserved.has(key)
}

/** Where no field is to be changed. */
export const noFieldChanges: ReadFieldChanges = { request: noChanges, response: noChanges }

/** Returns changes and then those of `own`, which take precedence. */
export function joinChanges(all: ReadChanges | undefined, own: ReadChanges): ReadChanges {
  if (all === undefined || all.size === 0) return own
  return new Map([...all, ...own])
}

const rowsOfChanges = {
  request: changesOption(new Set([...reserved, 'host'])),
  response: changesOption(reserved),
} as const

/** The table of field changes where they are an option of others. */
export const fieldChanges: OptionTable<UnreadFieldChanges, ReadFieldChanges> = defineOptions(rowsOfChanges)

/** The table of the options of `headers`. */
export const headersOptions: OptionTable<UnreadFieldChanges, ReadFieldChanges> = defineOptions(rowsOfChanges, {
  owner: 'headers',
})

function changesOption(refused: ReadonlySet<string>): Option<unknown, 'always', ReadChanges> {
  return {
    isValid: isObject,
    words: 'an object of fields',
    default: {},
    defaultText: 'none',
    convert: (given, place) =>
      new Map(Object.entries(given as object).map(([name, value]) => readChange(name, value, place, refused))),
    json: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  }
}

function readChange(
  name: string,
  value: unknown,
  place: string,
  refused: ReadonlySet<string>,
): [string, { name: string; value: string }] {
  const key = name.toLowerCase()
  const isHost = key === 'host' && refused.has(key)
  if (refused.has(key))
    throw invalid(
      `option "${place}" can't set ${printValue(name)}: ${isHost ? 'use the option "host" of forward' : 'it belongs to the connection'}`,
    )
  if (!isField(name, value))
    throw invalid(`option "${place}" must have names and values of fields, and "" removes one; "${name}" isn't such`)
  return [key, { name, value: value as string }]
}

function invalid(message: string): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}
