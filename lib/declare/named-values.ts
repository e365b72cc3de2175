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
  /** By the names in lower case. */
  readonly #fields: ReadonlyMap<string, string>
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
    this.#fields = new Map(this.names.map((name) => [name.toLowerCase(), name]))
    this.#asked = new Map(this.names.map((name) => [name, askedFor(name)]))
    this.#others = askedFor(OTHER)
  }

  static of(schema: AnySchema): NamedValues {
    const values = known.get(schema)
    if (values !== undefined) return values
    const made = new NamedValues(schema)
    known.set(schema, made)
    return made
  }

  /**
   * Returns the values for the schema. The object inherits nothing and has no name `__proto__`.
   *
   * @param areFields whether they are header fields: their names have no case, and a text may be a list with commas (RFC 9110, sections
   * 5.1 and 5.6.1)
   */
  read(values: Values, areFields = false): Values {
    const read: Record<string, unknown> = Object.create(null)
    for (const key of Object.keys(values)) {
      const name = areFields ? this.nameOfField(key) : key
      if (name === '__proto__') continue
      const asked = this.#asked.get(name) ?? this.#others
      const given = values[key]
      const value = arrange(areFields && asked.isArray ? splitList(given) : given, asked)
      if (value !== undefined) read[name] = value
    }
    return read
  }

  /** Returns the name that the schema has for a header field; else that in lower case. */
  nameOfField(field: string): string {
    const key = field.toLowerCase()
    return this.#fields.get(key) ?? key
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
