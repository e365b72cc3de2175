import type { IncomingMessage } from 'node:http'
import { parseTarget } from '../net/request-target.ts'
import { isToken } from '../net/token.ts'
import { type Complete, defineOptions, type OptionTable } from '../options/define-options.ts'
import { option } from '../options/option.ts'
import { text, textSchema } from '../options/option-kinds.ts'

/** Where a POST may name the method that it stands for. */
export interface MethodOverrideOptions {
  /** The field of the head. Default `X-HTTP-Method-Override`. */
  header?: string
  /** The name in the query, for forms, such as `_method`. Default: none. */
  query?: string
  /** The methods that it may stand for. Default PUT, PATCH and DELETE, which are all there are. */
  methods?: readonly OverridingMethod[]
}

/** A method that a POST may stand for. */
export type OverridingMethod = (typeof overridingMethods)[number]

const overridingMethods = ['PUT', 'PATCH', 'DELETE'] as const

/** The options with their defaults. */
export type ReadMethodOverrideOptions = Complete<MethodOverrideOptions, 'query'>

/** The table of the option `methodOverride`. */
export const methodOverrideOptions: OptionTable<MethodOverrideOptions, ReadMethodOverrideOptions> = defineOptions<
  MethodOverrideOptions,
  ReadMethodOverrideOptions
>({
  header: option(isToken, 'the name of a header field', {
    default: 'X-HTTP-Method-Override',
    json: () => textSchema,
  }),
  query: text(),
  methods: option(areMethods, `an array with at least one of ${overridingMethods.join(', ')}`, {
    default: overridingMethods,
    json: () => ({ type: 'array', minItems: 1, items: { enum: overridingMethods } }),
  }),
})

/** Gives a request the method that it names, before its route is looked up. */
export type OverrideMethod = (raw: IncomingMessage) => void

/** Creates what the option says. The field of the head goes before the query; what isn't allowed has no effect. */
export function createMethodOverride(options: ReadMethodOverrideOptions): OverrideMethod {
  const { query: name, methods } = options
  const header = options.header.toLowerCase()
  return (raw) => {
    if (raw.method !== 'POST') return
    const inQuery = () => (name === undefined ? null : new URLSearchParams(parseTarget(raw.url ?? '').query).get(name))
    const asked = String(raw.headers[header] ?? inQuery()).toUpperCase()
    const method = methods.find((allowed) => allowed === asked)
    if (method !== undefined) raw.method = method
  }
}

function areMethods(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((method) => overridingMethods.includes(method as OverridingMethod))
  )
}
