import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonSchema } from '../options/option.ts'

/** The names down to a value. */
type Path = readonly string[]

/** A schema of any library, with its JSON Schema where the library can tell it. */
export type AnySchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> & {
  readonly '~standard': Partial<Pick<StandardJSONSchemaV1.Props, 'jsonSchema'>>
  /** What valibot calls the schemas of an object's keys. */
  readonly entries?: Readonly<Record<string, unknown>>
}

/** What a schema tells of keys and types, at any path. */
export class SchemaOutline {
  readonly #schema: AnySchema
  /** That of what is checked, or of what the check returns. */
  readonly #side: 'input' | 'output'
  #root: JsonSchema | undefined

  constructor(schema: AnySchema, side: 'input' | 'output') {
    this.#schema = schema
    this.#side = side
  }

  /** Returns the names at a path; none where the schema doesn't tell. */
  at(path: Path): string[] {
    const properties = this.#at(path).flatMap((schema) => Object.keys(objectIn(schema['properties'])))
    const names = properties.length > 0 ? properties : Object.keys(entriesAt(this.#schema, path))
    return [...new Set(names)]
  }

  /** Whether a value can be at a path. */
  has(path: Path): boolean {
    return this.#at(path).length > 0
  }

  /** Whether a value at a path must be of one of some types of JSON Schema; false where the schema doesn't tell. */
  mustBe(types: readonly string[], path: Path): boolean {
    const named = this.#at(path).flatMap(typesOf)
    return named.length > 0 && named.every((type) => types.includes(type))
  }

  #at(path: Path): JsonSchema[] {
    this.#root ??= readJsonSchema(this.#schema, this.#side)
    return path.reduce(
      (schemas, name) => this.#forms(schemas.flatMap((schema) => childrenOf(schema, name))),
      this.#forms([this.#root]),
    )
  }

  /** Lists schemas with those that they refer to and that they consist of. */
  #forms(schemas: readonly JsonSchema[]): JsonSchema[] {
    const all = new Set(schemas)
    for (const schema of all) {
      const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => (schema[name] ?? []) as JsonSchema[])
      for (const part of [...parts, ...this.#referred(schema['$ref'])]) all.add(part)
    }
    return [...all]
  }

  #referred(reference: unknown): JsonSchema[] {
    if (typeof reference !== 'string' || !reference.startsWith('#')) return []
    const names = reference.split('/').slice(1)
    const found = names.reduce<unknown>((at, name) => objectIn(at)[decodeURIComponent(name)], this.#root)
    return typeof found === 'object' && found !== null ? [found as JsonSchema] : []
  }
}

/** Lists the types that a schema names by itself; `any` if it names none, nor other schemas. */
function typesOf(schema: JsonSchema): string[] {
  const { type, const: only, enum: values = only === undefined ? undefined : [only] } = schema
  if (type !== undefined) return [type].flat() as string[]
  if (Array.isArray(values)) return values.map((value) => typeof value)
  return ['anyOf', 'oneOf', 'allOf', '$ref'].some((name) => name in schema) ? [] : ['any']
}

/** Returns the schemas of what is in an object or array under a name. */
function childrenOf(schema: JsonSchema, name: string): JsonSchema[] {
  const properties = objectIn(schema['properties'])
  if (Object.hasOwn(properties, name)) return [properties[name] as JsonSchema]
  const rest = /^\d+$/.test(name) ? schema['items'] : undefined
  return [rest, schema['additionalProperties']].filter((one) => typeof one === 'object' && one !== null) as JsonSchema[]
}

/** Returns the JSON Schema of a schema, of what is checked or of what the check returns; an empty one where the schema doesn't tell. */
export function readJsonSchema(
  schema: AnySchema,
  side: 'input' | 'output',
  target: 'draft-2020-12' | 'draft-07' = 'draft-2020-12',
): JsonSchema {
  const { jsonSchema, vendor } = schema['~standard']
  try {
    // Else zod throws where a part has no JSON Schema.
    const libraryOptions = vendor === 'zod' ? { libraryOptions: { unrepresentable: 'any' } } : {}
    return jsonSchema?.[side]({ target, ...libraryOptions }) ?? {}
  } catch {
    // No schema of this kind stands for it.
    return {}
  }
}

/** Returns the schemas of the keys of an object in valibot, which has no JSON Schema by itself. */
function entriesAt(schema: AnySchema, path: Path): object {
  const at = path.reduce<unknown>((at, name) => objectIn(objectIn(at)['entries'])[name], schema)
  return objectIn(objectIn(at)['entries'])
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
