import { type AnySchema, SchemaOutline } from './schema-outline.ts'

/** Values by name, such as those of a query: texts, arrays of them, files. */
export type Values = Readonly<Record<string, unknown>>

/** What a schema asks for under a name. */
interface Asked {
  readonly isArray: boolean
  readonly isNumber: boolean
}

/** A name that no schema has: what it asks for there is what it asks for under all that it doesn't name. */
const OTHER = '\0'

const known = new WeakMap<AnySchema, NamedValues>()

/**
 * Brings values that are texts into the form in which a schema asks for them, as far as its JSON Schema tells: a single value where an
 * array is asked for is an array of one, and an empty text where a number is asked for isn't there.
 */
export class NamedValues {
  /** The names that the schema is known to have. */
  readonly names: readonly string[]
  readonly #asked: ReadonlyMap<string, Asked>
  readonly #others: Asked

  private constructor(schema: AnySchema) {
    const [input, output] = [new SchemaOutline(schema, 'input'), new SchemaOutline(schema, 'output')]
    const askedFor = (name: string): Asked => {
      const isArray = input.mustBe(['array', 'null'], [name])
      const path = isArray ? [name, '0'] : [name]
      return { isArray, isNumber: [input, output].some((side) => side.mustBe(['number', 'integer', 'null'], path)) }
    }
    this.names = input.at([])
    this.#asked = new Map(this.names.map((name) => [name, askedFor(name)]))
    this.#others = askedFor(OTHER)
  }

  static of(schema: AnySchema): NamedValues {
    const values = known.get(schema) ?? new NamedValues(schema)
    known.set(schema, values)
    return values
  }

  /**
   * Returns the values for the schema. The object inherits nothing and has no name `__proto__`.
   *
   * @param areFields whether a text may be a list with commas, as header fields are (RFC 9110, section 5.6.1)
   */
  read(values: Values, areFields = false): Values {
    const read: Record<string, unknown> = Object.create(null)
    for (const name of Object.keys(values)) {
      if (name === '__proto__') continue
      const asked = this.#asked.get(name) ?? this.#others
      const given = values[name]
      const value = arrange(areFields && asked.isArray ? splitList(given) : given, asked)
      if (value !== undefined) read[name] = value
    }
    return read
  }
}

function arrange(value: unknown, { isArray, isNumber }: Asked): unknown {
  if (Array.isArray(value)) {
    const all = isNumber ? value.filter((one) => one !== '') : value
    return all.length > 0 ? all : undefined
  }
  if (isNumber && value === '') return undefined
  return isArray ? [value] : value
}

/** Splits at commas, but for those in quoted strings. */
function splitList(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const members = value.match(/(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g) ?? []
  return members.map((member) => member.trim()).filter((member) => member !== '')
}
