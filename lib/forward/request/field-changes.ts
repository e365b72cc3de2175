import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError } from '../../index.ts'
import { isObject, type Option, printValue } from '../../kit.ts'

/** Fields to set on what goes to nodes, and on what comes from them; `''` removes one. */
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

/** Where no field is to be changed. */
export const noFieldChanges: ReadFieldChanges = { request: noChanges, response: noChanges }

/** Declares the option `headers`. */
export function fieldChangesOption(): Option<FieldChanges, 'maybe', ReadFieldChanges> {
  return { isValid: isObject, words: 'an object with request and response', convert: readFieldChanges }
}

/** Returns the changes of all nodes and then those of one. */
export function joinChanges(all: ReadFieldChanges, own: ReadFieldChanges | undefined): ReadFieldChanges {
  if (own === undefined) return all
  return {
    request: new Map([...all.request, ...own.request]),
    response: new Map([...all.response, ...own.response]),
  }
}

function readFieldChanges(given: unknown, place: string): ReadFieldChanges {
  const { request, response, ...others } = given as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new ConfigError(`unknown option "${place}.${unknown}". Known options: request, response`, {
      failure: 'ERR_TRIBIND_OPTION_UNKNOWN',
    })
  return {
    request: readChanges(request, `${place}.request`, new Set([...reserved, 'host'])),
    response: readChanges(response, `${place}.response`, reserved),
  }
}

function readChanges(given: unknown, place: string, refused: ReadonlySet<string>): ReadChanges {
  if (given === undefined) return noChanges
  if (!isObject(given)) throw invalid(`option "${place}" must be an object of fields, got ${printValue(given)}`)
  return new Map(Object.entries(given).map(([name, value]) => readChange(name, value, place, refused)))
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
      `option "${place}" can't set ${printValue(name)}: ${isHost ? 'use the option "host"' : 'it belongs to the connection'}`,
    )
  try {
    validateHeaderName(name)
    if (typeof value !== 'string') throw new TypeError('no text')
    validateHeaderValue(name, value)
  } catch {
    throw invalid(`option "${place}" must have names and values of fields, and "" removes one; "${name}" isn't such`)
  }
  return [key, { name, value }]
}

function invalid(message: string): ConfigError {
  return new ConfigError(message, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}
