import type { FailureCode } from '../base/error-codes.ts'
import { ConfigError, type FailureOptions } from '../base/errors.ts'
import { nearestName } from '../base/nearest-name.ts'
import {
  type Fields,
  isObject,
  type JsonSchema,
  type Option,
  type OptionRow,
  type Presence,
  type Report,
} from './option.ts'
import { printValue } from './print-value.ts'

/**
 * The rows of a table, exactly one for each option of an interface.
 *
 * An option that `Read` always has needs a default, or is required.
 */
export type RowsOf<Given, Read extends Given = Complete<Given> & Given> = {
  readonly [Name in keyof Required<Given>]: Option<
    Exclude<Given[Name], undefined>,
    object extends Pick<Read, Name> ? 'maybe' : 'always',
    Exclude<Read[Name], undefined>
  >
}

/** The options as a table returns them: never `undefined`, and all set except those named in `Unset`. */
export type Complete<Given, Unset extends keyof Given = never> = {
  readonly [Name in Exclude<keyof Given, Unset>]-?: Exclude<Given[Name], undefined>
} & { readonly [Name in Unset]?: Exclude<Given[Name], undefined> }

type AnyOption = Option<unknown, Presence, unknown>

/** The settings of a table as a whole. */
export interface TableSettings<Read> {
  /** The function that takes the options; messages begin with it. Default: none. */
  readonly owner?: string
  /** The class of the errors. Default: `ConfigError`. */
  readonly error?: new (message: string, options: FailureOptions) => Error
  /** Checks several options together. Returns what is wrong, or `undefined`. */
  readonly check?: (options: Read, place: string) => string | undefined
  /** What to do instead, by the name of an option that is left out on purpose. */
  readonly instead?: Readonly<Record<string, string>>
}

/** Declares options: their checks, defaults and descriptions. The types are those of the interface that documents them. */
export function defineOptions<Given extends object, Read extends Given>(
  rows: NoInfer<RowsOf<Given, Read>>,
  settings: NoInfer<TableSettings<Read>> = {},
): OptionTable<Given, Read> {
  return new OptionTable<Given, Read>(rows, settings)
}

/** A table of options. It checks options, fills in the defaults and lists the options for documentation. */
export class OptionTable<Given extends object, Read extends Given = Complete<Given> & Given> implements Fields<Read> {
  /** Whether any option is secret, nested ones included. */
  readonly hasSecrets: boolean
  readonly #rows: ReadonlyMap<string, AnyOption>
  readonly #settings: TableSettings<Read>

  constructor(rows: RowsOf<Given, Read>, settings: TableSettings<Read>) {
    this.#rows = new Map(Object.entries<AnyOption>(rows))
    this.#settings = settings
    this.hasSecrets = Object.values<AnyOption>(rows).some(({ secret }) => secret === true)
  }

  /**
   * Returns a frozen copy of the options with the defaults and without what is `undefined`. Arrays are copied too. Only own
   * enumerable properties count; each is read once.
   *
   * @param place where the options are nested, with a dot at its end: `https.`
   * @param report takes note of an error, after which what is returned has no use. Default: throws it, and thereby the first
   * @throws ConfigError, or the table's own class, naming an option that doesn't exist, is missing or has a wrong value
   */
  parse(given: Given, place = '', report: Report = raise): Read {
    if (!isObject(given))
      throw this.#fail('ERR_TRIBIND_OPTION_VALUE', `expected an object of options, got ${describe(given)}`)
    let errors = 0
    const count: Report = (error) => {
      errors++
      report(error)
    }
    const own = { ...given } as Readonly<Record<string, unknown>>
    for (const name of Object.keys(own)) if (!this.#rows.has(name)) count(this.#unknown(name, place))
    const read: Record<string, unknown> = {}
    for (const [name, row] of this.#rows) {
      const value = own[name] === undefined ? (row.createDefault?.(read) ?? row.default) : own[name]
      if (value !== undefined) read[name] = this.check(name as string & keyof Given, value, place, count)
      else if (row.required)
        count(this.#fail('ERR_TRIBIND_OPTION_MISSING', `option "${place}${name}" is required: ${row.words}`))
    }
    if (errors === 0) this.#checkTogether(read as Read, place, report)
    return Object.freeze(read) as Read
  }

  /**
   * Returns the value of one option as `parse` returns it.
   *
   * @throws ConfigError, or the table's own class, naming the option
   */
  check(name: string & keyof Given, value: unknown, place = '', report: Report = raise): unknown {
    const { isValid, words, fields, convert, secret } = this.#rows.get(name) as AnyOption
    if (!isValid(value)) {
      const got = secret ? '' : `, got ${printValue(value)}`
      return report(this.#fail('ERR_TRIBIND_OPTION_VALUE', `option "${place}${name}" must be ${words}${got}`))
    }
    if (fields !== undefined && isObject(value)) return fields.parse(value as never, `${place}${name}.`, report)
    if (convert !== undefined) return reportThrown(report, () => convert(value, place + name, report))
    return Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value
  }

  /** Returns rows of the table, for another that has the same options. */
  pick<Name extends string & keyof Given>(...names: readonly Name[]): Pick<RowsOf<Given, Read>, Name> {
    return Object.fromEntries(names.map((name) => [name, this.#rows.get(name)])) as never
  }

  /** Returns a frozen copy of options that `parse` returned, without those that are secret. */
  withoutSecrets(read: Read): Partial<Read> {
    const shown = Object.entries(read).flatMap(([name, value]: [string, unknown]) => {
      const { fields, secret } = this.#rows.get(name) as AnyOption
      if (fields !== undefined && isObject(value)) return [[name, fields.withoutSecrets(value as never)]]
      return secret ? [] : [[name, value]]
    })
    return Object.freeze(Object.fromEntries(shown)) as Partial<Read>
  }

  /** Returns the options in the form in which they were given, with the defaults that `parse` returned for the others. */
  complete(given: Given, read: Read): object {
    const entries = [...this.#rows].map(([name, { fields }]: [string, AnyOption]): [string, unknown] => {
      const value = given[name as keyof Given]
      const wasRead = read[name as keyof Read]
      if (value === undefined) return [name, wasRead]
      return [name, fields && isObject(value) ? fields.complete(value as never, wasRead as never) : value]
    })
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }

  /** Returns the JSON Schema of what data can set, in the draft 2020-12. */
  jsonSchema(): JsonSchema {
    const rows = [...this.#rows].filter(([, row]) => isOfData(row))
    const required = rows.filter(([, row]) => row.required).map(([name]) => name)
    return {
      type: 'object',
      properties: Object.fromEntries(rows.map(([name, row]) => [name, propertyOf(row)])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    }
  }

  /** Lists the options, each followed by those nested in it. */
  rows(place = ''): OptionRow[] {
    return [...this.#rows].flatMap(([name, { words, fields, defaultText, scope, ...row }]) => [
      {
        name: place + name,
        words,
        ...(row.summary !== undefined && { summary: row.summary }),
        default: row.default,
        defaultText,
        isRequired: row.required === true,
        isSecret: row.secret === true,
        scope,
      },
      ...(fields?.rows(`${place}${name}.`) ?? []),
    ])
  }

  #checkTogether(read: Read, place: string, report: Report): void {
    const problem = reportThrown(report, () => this.#settings.check?.(read, place))
    if (problem !== undefined) report(this.#fail('ERR_TRIBIND_OPTION_CONFLICT', problem))
  }

  #unknown(name: string, place: string): Error {
    return this.#fail('ERR_TRIBIND_OPTION_UNKNOWN', `unknown option "${place}${name}"${this.#advise(name, place)}`)
  }

  #advise(name: string, place: string): string {
    const { instead = {} } = this.#settings
    if (Object.hasOwn(instead, name)) return `: ${instead[name]}`
    const known = [...this.#rows.keys()]
    const nearest = nearestName(name, known)
    const guess = nearest === undefined ? '.' : `, did you mean "${place}${nearest}"?`
    return `${guess} Known options: ${known.join(', ')}`
  }

  #fail(failure: FailureCode, problem: string): Error {
    const { owner, error = ConfigError } = this.#settings
    return new error(owner === undefined ? problem : `${owner}: ${problem}`, { failure })
  }
}

/**
 * Checks the only value that a call takes, and returns it as a table would.
 *
 * @param owner the call; messages begin with it
 * @param name how messages name the value
 */
export function parseValue<Value, Read>(
  owner: string,
  name: string,
  row: Option<Value, 'always', Read>,
  value: Value,
): Read {
  const table = new OptionTable<Record<string, unknown>, Record<string, unknown>>({ [name]: row } as never, { owner })
  return table.parse({ [name]: value })[name] as Read
}

const raise: Report = (error) => {
  throw error
}

/** Returns what a function returns. An error is reported, and `undefined` returned. */
function reportThrown<T>(report: Report, call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    report(error as Error)
    return undefined
  }
}

/** Whether data, such as a configuration file, can set an option. */
function isOfData({ json, fields }: AnyOption): boolean {
  return json !== undefined || fields !== undefined
}

function propertyOf({ json, fields, words, summary, ...row }: AnyOption): JsonSchema {
  const schemas = [fields?.jsonSchema(), json?.()].filter((schema) => schema !== undefined)
  const [schema] = schemas.length > 1 ? [{ anyOf: schemas }] : schemas
  const description = summary === undefined ? words : `${summary}: ${words}`
  return { ...schema, description, ...(row.default !== undefined && { default: row.default }) }
}

/** Describes a value without the content of strings and arrays, which may be a secret in the wrong place. */
function describe(value: unknown): string {
  if (typeof value === 'string') return 'a string'
  return Array.isArray(value) ? 'an array' : printValue(value)
}
