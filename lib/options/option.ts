/** Returns whether an option may have a value. */
export type Check = (value: unknown) => boolean

/** A JSON Schema, in the draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Takes note of what is wrong with an option. */
export type Report = (error: Error) => void

/** What describes an option besides the values that it may have. */
export interface About<Value> {
  /** The value of the option if it isn't set. */
  readonly default?: Value
  /** Returns the default, if it depends on the environment or on options earlier in the table. */
  readonly createDefault?: (earlier: Readonly<Record<string, unknown>>) => Value
  /** What it does, in a few words that could follow its name, for documentation. Default: its words alone. */
  readonly summary?: string
  /** The default in words, if the table has no value for it or one that says too little. */
  readonly defaultText?: string
  /** Whether the option must be set. */
  readonly required?: true
  /** Whether messages leave the value out. */
  readonly secret?: true
  /** `entrypoint` if each entry point may set its own. Default: the table's subject, such as the whole server. */
  readonly scope?: 'entrypoint'
  /** Returns the schema of what data can set. An option without one, and without fields, can be set by code only. */
  readonly json?: () => JsonSchema
}

/** Whether an option is always set once the table has read it, because it is required or has a default. */
export type Presence = 'always' | 'maybe'

/** One entry of a table. `Value` is what may be set, `Read` what the table returns for it. */
export interface Option<Value, P extends Presence = Presence, Read = Value> extends About<Value> {
  readonly isValid: Check
  /** What the value must be, in the words that follow "must be" in a message. */
  readonly words: string
  /** The table that reads a value which is an object of options. */
  readonly fields?: Fields<Read>
  /** Returns what the table returns for a valid value at its place in the options. Default: the value itself. */
  readonly convert?: (value: unknown, place: string, report?: Report) => Read
  /** For types only. */
  readonly presence?: P
}

/** What an option needs of the table that reads its value. */
export interface Fields<Read> {
  readonly hasSecrets: boolean
  parse(given: never, place: string, report: Report): Read
  /** Returns a copy of what `parse` returned, without what is secret. */
  withoutSecrets(read: never): object
  rows(place: string): OptionRow[]
  jsonSchema(): JsonSchema
  /** Returns the options in the form in which they were given, with the defaults that `parse` returned for the others. */
  complete(given: never, read: never): object
}

/** An option as documentation shows it. */
export interface OptionRow {
  /** With its place: `https.key`. */
  readonly name: string
  readonly words: string
  readonly summary?: string
  /** `undefined` if there is no default, or only one in words. */
  readonly default: unknown
  readonly defaultText: string | undefined
  readonly isRequired: boolean
  readonly isSecret: boolean
  readonly scope: 'entrypoint' | undefined
}

type AlwaysSet = { readonly default: unknown } | { readonly createDefault: unknown } | { readonly required: true }

/** The presence of an option, derived from its description. */
export type PresenceOf<A> = A extends AlwaysSet ? 'always' : 'maybe'

/** Declares an option whose value a function checks. */
export function option<Value, const A extends About<NoInfer<Value>> = About<Value>>(
  isValid: Check,
  words: string,
  about?: A,
): Option<Value, PresenceOf<A>> {
  return { ...about, isValid, words }
}

/**
 * Declares an option whose value is an object of options, which another table reads.
 *
 * @param isOther whether a value that isn't an object is valid; it is kept as it is. Default: no such value is.
 */
export function nested<Value, Read, const A extends About<NoInfer<Value>> = About<Value>>(
  fields: Fields<Read>,
  words: string,
  about?: A,
  isOther: Check = () => false,
): Option<Value, PresenceOf<A>, Read> {
  const isValid = (value: unknown) => isObject(value) || isOther(value)
  return { ...about, isValid, words, fields, ...(fields.hasSecrets && { secret: true }) }
}

/** Whether a value is an object that can hold options. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
