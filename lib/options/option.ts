/** Whether an option may have a value. */
export type Check = (value: unknown) => boolean

/** What there is to say of an option besides the values it may have. */
export interface About<Value> {
  /** The value of the option where it isn't given. */
  readonly default?: Value
  /** Returns the default where it depends on the environment, or on options earlier in the table. */
  readonly createDefault?: (earlier: Readonly<Record<string, unknown>>) => Value
  /** The default in words, where it has no value in the table or one that says too little. */
  readonly defaultText?: string
  /** Whether options without this one are refused. */
  readonly required?: true
  /** Whether messages leave the value out. */
  readonly secret?: true
  /** `entrypoint` for what each entry point may have otherwise. Default: what the table is for, such as the whole server. */
  readonly scope?: 'entrypoint'
}

/** Whether an option is always set once it is read: it is required or has a default. */
export type Presence = 'always' | 'maybe'

/** One entry of a table. `Value` is what may be given, `Read` what the table returns for it. */
export interface Option<Value, P extends Presence = Presence, Read = Value> extends About<Value> {
  readonly isValid: Check
  /** What the value must be, as a message says it after "must be". */
  readonly words: string
  /** The table that reads a value which is an object of options. */
  readonly fields?: Fields<Read>
  /** For types only. */
  readonly presence?: P
}

/** What an option needs of the table that reads its value. */
export interface Fields<Read> {
  readonly hasSecrets: boolean
  parse(given: never, place: string): Read
  rows(place: string): OptionRow[]
}

/** An option as documentation shows it. */
export interface OptionRow {
  /** With its place: `https.key`. */
  readonly name: string
  readonly words: string
  /** `undefined` where there is no default, or only one in words. */
  readonly default: unknown
  readonly defaultText: string | undefined
  readonly isRequired: boolean
  readonly isSecret: boolean
  readonly scope: 'entrypoint' | undefined
}

type AlwaysSet = { readonly default: unknown } | { readonly createDefault: unknown } | { readonly required: true }

/** The presence of an option, from what there is to say of it. */
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
 * @param isOther checks a value that isn't an object; it is kept as it is. Default: there is no such value.
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
