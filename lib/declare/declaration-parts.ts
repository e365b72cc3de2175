import { ConfigError } from '../base/errors.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { flag, isText, text } from '../options/option-kinds.ts'
import { printValue } from '../options/print-value.ts'
import { isToken } from '../net/token.ts'
import type { AnySchema } from './schema-outline.ts'

/** A response of an endpoint: its body, or what is told of it. A body is sent as JSON. */
export type DeclaredResponse =
  AnySchema | { readonly description?: string; readonly body?: AnySchema; readonly headers?: AnySchema }

/** A body of another type than JSON and forms, of which the schema gets the text. */
export interface TypedBody {
  /** A media type, such as `text/csv`. Of a type of JSON, such as `application/merge-patch+json`, the schema gets the value. */
  readonly type: string
  readonly schema: AnySchema
}

/** What an endpoint takes and returns. Schemas are Standard Schemas, such as those of zod, valibot and arktype. */
export interface DeclarationParts {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly operationId?: string
  readonly deprecated?: boolean
  /** Whether the OpenAPI document leaves it out. */
  readonly hidden?: boolean
  /** Names of security schemes, of which any one is needed. The document tells of them; a middleware is to check them. */
  readonly security?: readonly string[]
  /** Of the parameters of the route. */
  readonly params?: AnySchema
  readonly query?: AnySchema
  /** Of header fields, by their names in any case. */
  readonly headers?: AnySchema
  readonly cookies?: AnySchema
  /** Of JSON, or of the fields and files of a form, urlencoded or multipart. */
  readonly body?: AnySchema | TypedBody
  /** By status, from 200 to 599. */
  readonly responses?: Readonly<Record<number, DeclaredResponse>>
}

/** The parts of a request that are read by names. */
export const namedParts = ['params', 'query', 'headers', 'cookies'] as const

/** One of the parts of a request that are read by names. */
export type NamedPart = (typeof namedParts)[number]

/** A part of a request that is declared. */
export interface InputPart {
  readonly part: NamedPart | 'body'
  readonly schema: AnySchema
}

/** A response in its one form: what isn't declared is left out. */
export type ReadResponse = Exclude<DeclaredResponse, AnySchema>

/** What a declaration says of requests and responses, each part in one form. */
export interface ReadDeclaration {
  /** Those that are declared. */
  readonly named: Readonly<Partial<Record<NamedPart, AnySchema>>>
  /** Without a type: JSON, urlencoded or multipart. The type is in lower case, without parameters. */
  readonly body: { readonly type?: string; readonly schema: AnySchema } | undefined
  /** All that is declared of requests, the body last. */
  readonly input: readonly InputPart[]
  /** By status, the lowest first. */
  readonly responses: ReadonlyMap<number, ReadResponse>
  /** The status of what an endpoint returns: the first 2xx that is declared, 200 without any. */
  readonly success: number
}

const schemaWords = 'a Standard Schema, as zod, valibot and arktype make them'
const aSchema = option<AnySchema>(isSchema, schemaWords)
const texts = option<readonly string[]>(areTexts, 'an array of non-empty strings')

const partsTable: OptionTable<DeclarationParts, DeclarationParts> = defineOptions(
  {
    summary: text(),
    description: text(),
    tags: texts,
    operationId: text(),
    deprecated: flag(),
    hidden: flag(),
    security: texts,
    params: aSchema,
    query: aSchema,
    headers: aSchema,
    cookies: aSchema,
    body: option(isBody, `${schemaWords}, or { type, schema } with a media type such as "text/csv"`),
    responses: option(isObject, 'an object of responses by status'),
  },
  { owner: 'declaration' },
)

const responseTable = defineOptions<Exclude<DeclaredResponse, AnySchema>, ReadResponse>(
  { description: text(), body: aSchema, headers: aSchema },
  { owner: 'declaration' },
)

/** Returns the parts of a declaration in one form. @throws ConfigError naming the part that is unknown or wrong */
export function readParts(parts: DeclarationParts): ReadDeclaration {
  const { body, responses = {}, ...others } = partsTable.parse(parts)
  const named = namedParts.flatMap((part) => (others[part] === undefined ? [] : [[part, others[part]] as const]))
  const read = body && readBody(body)
  const input: InputPart[] = named.map(([part, schema]) => ({ part, schema }))
  if (read !== undefined) input.push({ part: 'body', schema: read.schema })
  const byStatus = new Map(Object.entries(responses).map(([status, response]) => readResponse(status, response)))
  return Object.freeze({
    named: Object.freeze(Object.fromEntries(named)),
    body: read,
    input,
    responses: byStatus,
    success: [...byStatus.keys()].find((status) => status < 300) ?? 200,
  })
}

function readBody(body: AnySchema | TypedBody): ReadDeclaration['body'] {
  return isSchema(body) ? { schema: body } : { type: body.type.toLowerCase(), schema: body.schema }
}

function readResponse(key: string, response: DeclaredResponse): [status: number, response: ReadResponse] {
  const status = Number(key)
  const place = `responses.${key}`
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw refuse(`the statuses of "responses" must be integers from 200 to 599, got ${printValue(key)}`)
  if (isSchema(response)) return [status, { body: response }]
  if (!isObject(response))
    throw refuse(
      `option "${place}" must be ${schemaWords}, or { description, body, headers }, got ${printValue(response)}`,
    )
  return [status, responseTable.parse(response, `${place}.`)]
}

function refuse(problem: string): ConfigError {
  return new ConfigError(`declaration: ${problem}`, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}

function isSchema(value: unknown): value is AnySchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as Partial<AnySchema>)['~standard']
  return typeof standard?.validate === 'function'
}

function isBody(value: unknown): boolean {
  if (isSchema(value)) return true
  if (!isObject(value)) return false
  const { type, schema, ...others } = value as Record<keyof TypedBody, unknown>
  const isType = typeof type === 'string' && type.split('/').length === 2 && type.split('/').every(isToken)
  return isType && isSchema(schema) && Object.keys(others).length === 0
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}
