import { isObject, type JsonSchema } from '../../kit.ts'

/**
 * Returns a value with the numbers and truth values that are written as texts in it, such as `"true"` and `"8080"`, wherever its schema
 * has no text.
 */
export function readTexts(value: unknown, schema: JsonSchema): unknown {
  const kinds = kindsOf(schema)
  if (typeof value === 'string') return readText(value, kinds)
  if (Array.isArray(value)) {
    const items = kinds.find(({ items }) => items !== undefined)?.['items']
    return value.map((item) => readTexts(item, (items ?? {}) as JsonSchema))
  }
  if (!isObject(value)) return value
  const { properties = {}, additionalProperties } = kindOf(value, kinds)
  const schemaOf = (name: string) => (Object.hasOwn(properties, name) ? properties[name] : additionalProperties)
  const entries = Object.entries(value).map(([name, member]: [string, unknown]) => {
    const schema = schemaOf(name)
    return [name, isObject(schema) ? readTexts(member, schema as JsonSchema) : member]
  })
  return Object.fromEntries(entries)
}

/** Returns a schema that has texts too wherever numbers and truth values may be written as such. */
export function allowTexts(schema: JsonSchema): JsonSchema {
  const { type, anyOf, items, properties, additionalProperties } = schema as SchemaParts
  if (type === 'boolean') return orText(schema, { enum: ['true', 'false'] })
  if (type === 'integer' || type === 'number') return orText(schema, { type: 'string', pattern: digits.source })
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(allowTexts) }),
    ...(items && { items: allowTexts(items) }),
    ...(properties && { properties: mapValues(properties, allowTexts) }),
    ...(isObject(additionalProperties) && { additionalProperties: allowTexts(additionalProperties as JsonSchema) }),
  }
}

/** Returns the alternative for an object: that which knows most of its members. */
function kindOf(value: object, kinds: readonly SchemaParts[]): SchemaParts {
  const objects = kinds.filter(({ type }) => type === 'object')
  const count = ({ properties = {} }: SchemaParts) =>
    Object.keys(value).filter((name) => Object.hasOwn(properties, name)).length
  return objects.toSorted((a, b) => count(b) - count(a))[0] ?? {}
}

/** Lists the alternatives of a schema. */
export function kindsOf(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf } = schema as SchemaParts
  return anyOf === undefined ? [schema] : anyOf.flatMap(kindsOf)
}

type Properties = Readonly<Record<string, JsonSchema>>

interface SchemaParts {
  readonly type?: string
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Properties
  readonly additionalProperties?: unknown
}

const digits = /^-?\d{1,15}$/

function readText(text: string, kinds: readonly JsonSchema[]): unknown {
  if (kinds.some((kind) => takesText(kind, text))) return text
  const has = (type: string) => kinds.some((kind) => kind['type'] === type)
  if (has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return (has('integer') || has('number')) && digits.test(text) ? Number(text) : text
}

function takesText({ type, pattern, enum: values }: JsonSchema, text: string): boolean {
  if (Array.isArray(values)) return values.includes(text)
  return type === 'string' && (pattern === undefined || new RegExp(pattern as string).test(text))
}

/** The description and the default stay at the outside. */
function orText({ description, default: value, ...schema }: JsonSchema, text: JsonSchema): JsonSchema {
  return {
    anyOf: [schema, text],
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
  }
}

function mapValues(properties: Properties, map: (schema: JsonSchema) => JsonSchema): Properties {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, map(schema)]))
}
