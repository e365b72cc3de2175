import { onDemand } from '../base/on-demand.ts'
import { isObject, type JsonSchema } from '../options/option.ts'
import { formatJson } from '../http/output/response-body.ts'
import { type AnySchema, readJsonSchema } from './schema-outline.ts'

/** Returns the JSON text of a value. */
export type Serialize = (value: unknown) => string

/** Returns the JSON Schema of what a function makes of a value, from that of the value. */
export type Envelope = (schema: JsonSchema) => JsonSchema

type Build = (schema: JsonSchema) => Serialize | undefined

const fastJson = onDemand<Build>('fast-json-stringify', () => {
  // In `try`, so that bundlers let it be missing.
  try {
    return require('fast-json-stringify')
  } catch {
    return () => undefined
  }
})

/**
 * Returns what turns bodies into JSON: fast-json-stringify, where that is installed and takes the JSON Schema of the body. It writes what
 * is declared, and nothing else. What it refuses goes out as by JSON.stringify.
 *
 * @param envelopes those around the body, the innermost first; `undefined` if one isn't known
 */
export function createSerializer(schema: AnySchema, envelopes: readonly Envelope[] | undefined): Serialize {
  const known =
    envelopes && wrap(withoutPatterns(readJsonSchema(schema, 'output', 'draft-07')) as JsonSchema, envelopes)
  if (known === undefined) return formatJson
  // Of a union, the schema of a member with other fields isn't that of a value with undeclared ones. Without that, it is.
  const attempts = [() => build(known), () => build(openUp(known) as JsonSchema)]
  const built: (Serialize | undefined)[] = []
  const fits = createTypeCheck(known)
  return (value) => {
    // What has another type it would turn into what is declared: null into "", a text into a number.
    if (!fits(value)) return formatJson(value)
    for (let i = 0; i < attempts.length; i++) {
      const serialize = i < built.length ? built[i] : (built[i] = attempts[i]?.())
      try {
        if (serialize !== undefined) return serialize(value)
      } catch {
        // The value doesn't fit.
      }
    }
    return formatJson(value)
  }
}

type TypeCheck = (value: unknown) => boolean

const types: Readonly<Record<string, TypeCheck>> = {
  string: (value) => typeof value === 'string' || value instanceof Date,
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value) || typeof value === 'bigint',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** Returns whether a value, and what is in it, has the types of a JSON Schema, as far as they are written where they hold. */
function createTypeCheck(schema: unknown, root: unknown = schema, known = new Map<string, TypeCheck>()): TypeCheck {
  if (!isObject(schema)) return () => true
  const { type, properties, items, anyOf, additionalProperties, $ref } = schema as Readonly<Record<string, unknown>>
  const create = (part: unknown) => createTypeCheck(part, root, known)
  if (typeof $ref === 'string') {
    // Made when it is called first, since a schema may contain itself.
    return (value) => {
      const check = known.get($ref) ?? create(at(root, $ref))
      known.set($ref, check)
      return check(value)
    }
  }
  if (Array.isArray(anyOf)) {
    const members = anyOf.map(create)
    return (value) => members.some((isMember) => isMember(value))
  }
  const names = typeof type === 'string' ? [type] : Array.isArray(type) ? type : []
  const allowed = names.map((name) => types[String(name)] ?? (() => true))
  const fields = Object.entries(isObject(properties) ? properties : {}).map(([name, of]) => [name, create(of)] as const)
  const isItem = create(items)
  const isOther = isObject(additionalProperties) ? create(additionalProperties) : undefined
  const declared = new Set(fields.map(([name]) => name))
  return (value) => {
    if (allowed.length > 0 && !allowed.some((isOfType) => isOfType(value))) return false
    if (Array.isArray(value)) return items === undefined || value.every(isItem)
    if (typeof value !== 'object' || value === null) return true
    for (const [name, isField] of fields) {
      const field = (value as Readonly<Record<string, unknown>>)[name]
      if (field !== undefined && !isField(field)) return false
    }
    if (isOther === undefined) return true
    return Object.entries(value).every(([name, other]) => declared.has(name) || other === undefined || isOther(other))
  }
}

/** Returns the part of a schema that a reference names; `undefined` if it isn't there. */
function at(root: unknown, reference: string): unknown {
  const names = reference.split('/').slice(1)
  return names.reduce<unknown>(
    (part, name) => (isObject(part) ? (part as JsonSchema)[decodeURIComponent(name)] : undefined),
    root,
  )
}

/** Returns `undefined` where the package isn't installed, or doesn't take the schema. */
function build(schema: JsonSchema): Serialize | undefined {
  try {
    return fastJson()(schema)
  } catch {
    return undefined
  }
}

/** Returns the schema within its envelopes, with its definitions where references look for them; `undefined` if it says nothing. */
function wrap(schema: JsonSchema, envelopes: readonly Envelope[]): JsonSchema | undefined {
  if (Object.keys(schema).length === 0) return undefined
  if (envelopes.length === 0) return schema
  const { $schema: _, definitions, $defs, ...body } = nameItself(schema)
  const around = envelopes.reduce<JsonSchema>((inner, envelope) => envelope(inner), body)
  return { ...around, ...(definitions !== undefined && { definitions }), ...($defs !== undefined && { $defs }) }
}

/** Returns a schema that may be put into another: one that refers to itself as a whole does so by a name then. */
function nameItself(schema: JsonSchema): JsonSchema {
  const reference = '#/definitions/the-whole-body'
  const text = JSON.stringify(schema)
  const named = text.replaceAll('"$ref":"#"', JSON.stringify({ $ref: reference }).slice(1, -1))
  if (named === text) return schema
  const { $schema: _, definitions, $defs, ...body } = JSON.parse(named) as JsonSchema
  const all = { ...(definitions as object | undefined), 'the-whole-body': body }
  return { $ref: reference, definitions: all, ...($defs !== undefined && { $defs }) }
}

/** What is said of texts besides their type: fast-json-stringify has no need of it, and may not take it. */
const ofTexts = new Set(['pattern', 'contentEncoding'])
const dates = new Set(['date-time', 'date', 'time'])

/** Returns a copy of a schema without what is said of texts besides that they are dates. */
function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns)
  if (!isObject(schema)) return schema
  // What has such a name and isn't a text is the schema of a property.
  const parts = Object.entries(schema).filter(
    ([name, value]) => typeof value !== 'string' || !(ofTexts.has(name) || (name === 'format' && !dates.has(value))),
  )
  return Object.fromEntries(parts.map(([name, value]) => [name, withoutPatterns(value)]))
}

/** Returns a copy of a schema that takes objects with undeclared fields, too. */
function openUp(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(openUp)
  if (!isObject(schema)) return schema
  const parts = Object.entries(schema).filter(([name, value]) => name !== 'additionalProperties' || value !== false)
  return Object.fromEntries(parts.map(([name, value]) => [name, openUp(value)]))
}
