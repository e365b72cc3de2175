import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import { type AnySchema, UploadFile } from 'tribind'
import * as v from 'valibot'
import { z } from 'zod'

/** The same schemas by one library. */
export interface Schemas {
  readonly name: string
  /** Whether their JSON Schema is known. */
  readonly tells: boolean
  /** `{ id }`, an integer given as text. */
  readonly id: AnySchema
  /** `{ days, tags }`: a number given as text, 14 by default and 30 at most, and an array of texts, which may be missing. */
  readonly query: AnySchema
  /** `{ reader, note }`: texts, of which `note` may be missing. */
  readonly body: AnySchema
  /** `{ id, state }`, a number and a text. */
  readonly loan: AnySchema
}

const withoutJson = (schema: AnySchema): AnySchema => {
  const { jsonSchema: _, ...standard } = schema['~standard']
  return { '~standard': standard } as AnySchema
}

const ofZod = {
  id: z.object({ id: z.coerce.number().int() }),
  query: z.object({ days: z.coerce.number().max(30).default(14), tags: z.array(z.string()).optional() }),
  body: z.object({ reader: z.string().min(2), note: z.string().optional() }),
  loan: z.object({ id: z.number(), state: z.string() }),
}

const numeric = v.pipe(v.string(), v.transform(Number), v.number())
const ofValibot = {
  id: v.object({ id: v.pipe(v.string(), v.transform(Number), v.number(), v.integer()) }),
  query: v.object({ days: v.optional(v.pipe(numeric, v.maxValue(30)), '14'), tags: v.optional(v.array(v.string())) }),
  body: v.object({ reader: v.pipe(v.string(), v.minLength(2)), note: v.optional(v.string()) }),
  loan: v.object({ id: v.number(), state: v.string() }),
}

const ofArktype = {
  id: type({ id: 'string.integer.parse' }),
  query: type({ days: ['string.numeric.parse', '=', '14'], 'tags?': 'string[]' }),
  body: type({ reader: 'string >= 2', 'note?': 'string' }),
  loan: type({ id: 'number', state: 'string' }),
}

type ByName = Omit<Schemas, 'name' | 'tells'>

function mapSchemas(schemas: ByName, map: (schema: never) => AnySchema): ByName {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, map(schema as never)])) as never
}

/** The schemas of each library, with and without their JSON Schemas. */
export const libraries: readonly Schemas[] = [
  { name: 'zod', tells: true, ...ofZod },
  { name: 'zod without JSON Schema', tells: false, ...mapSchemas(ofZod, withoutJson) },
  { name: 'valibot', tells: false, ...ofValibot },
  { name: 'valibot with JSON Schema', tells: true, ...mapSchemas(ofValibot, toStandardJsonSchema) },
  { name: 'arktype', tells: true, ...ofArktype },
  { name: 'arktype without JSON Schema', tells: false, ...mapSchemas(ofArktype, withoutJson) },
]

export const aFile: z.ZodType<UploadFile> = z.instanceof(UploadFile)
