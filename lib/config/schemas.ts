import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type AnySchema, isObject, SchemaOutline } from '../kit.ts'

/** A schema for all values, or one for each part by its name. */
export type ConfigSchema = StandardSchemaV1 | Readonly<Record<string, StandardSchemaV1>>

/** The type of the values that a schema returns. */
export type ConfigValues<Schema extends ConfigSchema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Schema extends Readonly<Record<string, StandardSchemaV1>>
    ? { [Name in keyof Schema]: StandardSchemaV1.InferOutput<Schema[Name]> }
    : never

/** A schema and the part of the configuration that it is for. */
export interface Part {
  /** `undefined` for the whole. */
  readonly name: string | undefined
  readonly schema: StandardSchemaV1
  readonly known: SchemaOutline
  readonly knownOutput: SchemaOutline
}

/** Lists the parts of a configuration: one for each name, or the whole. */
export function partsOf(schema: ConfigSchema): readonly Part[] {
  if (isSchema(schema)) return [createPart(undefined, schema)]
  return Object.entries(schema as Readonly<Record<string, StandardSchemaV1>>).map(([name, one]) =>
    createPart(name, one),
  )
}

/** Whether a value is a schema, or an object of schemas. */
export function isConfigSchema(value: unknown): value is ConfigSchema {
  if (isSchema(value)) return true
  return isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isSchema)
}

function createPart(name: string | undefined, schema: StandardSchemaV1): Part {
  const any: AnySchema = schema
  return { name, schema, known: new SchemaOutline(any, 'input'), knownOutput: new SchemaOutline(any, 'output') }
}

/** Whether a value is a Standard Schema; those of ArkType are functions. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  if (typeof value !== 'function' && !isObject(value)) return false
  const { '~standard': standard } = value as Partial<StandardSchemaV1>
  return typeof standard?.validate === 'function'
}
