import { STATUS_CODES } from 'node:http'
import type { AnySchema, DeclarationParts } from '../index.ts'
import { type Bound, hasErrorMapper, type RegisteredInterceptor, resultMappersOf } from '../kit.ts'
import type { Operation } from './choose-operations.ts'
import type { ErrorBodies } from './error-bodies.ts'
import { isJson, type Json, readObject } from './json-schema.ts'
import type { Envelope, Schemas } from './schemas.ts'

/** What an operation is described with. */
export interface Describing {
  readonly schemas: Schemas
  readonly errors: ErrorBodies
  readonly interceptors: readonly Bound<RegisteredInterceptor>[]
}

/** OpenAPI has other places for them, and tools ignore them among the parameters. */
const otherwiseTold = new Set(['accept', 'authorization', 'content-type'])

/** Returns an operation as OpenAPI has it, in which schemas still stand for what `Schemas.resolve` makes of them. */
export async function describeOperation(operation: Operation, describing: Describing): Promise<Json> {
  const { declaration, id, route, domains, bound } = operation
  const parts: DeclarationParts = declaration?.parts ?? {}
  const { tags, summary = bound.value.name, description, deprecated, security } = parts
  const parameters = describeParameters(operation, describing)
  const body = declaration?.read.body
  return {
    ...(tags !== undefined && { tags }),
    summary: summary === 'anonymous' ? `${operation.method} ${operation.path}` : summary,
    ...(description !== undefined && { description }),
    operationId: id,
    ...(deprecated === true && { deprecated }),
    'x-pattern': route,
    ...(domains.length > 0 && { servers: domains.map(describeDomain) }),
    ...(security !== undefined && { security: security.map((name) => ({ [name]: [] })) }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: await describeBody(body, describing) }),
    responses: describeResponses(operation, describing),
  }
}

/** Whatever the scheme: that of the document, as browsers read it. */
function describeDomain(domain: string): Json {
  if (!domain.startsWith('*.')) return { url: `//${domain}` }
  return { url: `//{subdomain}${domain.slice(1)}`, variables: { subdomain: { default: 'www' } } }
}

function describeParameters(operation: Operation, { schemas }: Describing): Json[] {
  const { params, query, headers, cookies } = operation.declaration?.read.named ?? {}
  return [
    ...describePath(operation, params, schemas),
    ...describeNamed('query', query, schemas),
    ...describeNamed('header', headers, schemas).filter(({ name }) => !otherwiseTold.has(String(name).toLowerCase())),
    ...describeNamed('cookie', cookies, schemas),
  ]
}

function describePath({ parameters }: Operation, declared: AnySchema | undefined, schemas: Schemas): Json[] {
  const fields = declared === undefined ? [] : schemas.fieldsOf(declared, 'input').fields
  return parameters.map(({ name, bound, isRest }) => {
    const schema = fields.find((field) => field.name === bound)?.schema ?? { type: 'string' }
    const field = describeField(schema)
    const told = [...(field.description === undefined ? [] : [field.description]), ...(isRest ? [restDescription] : [])]
    return {
      name,
      in: 'path',
      ...field,
      ...(told.length > 0 && { description: told.join(' ') }),
      required: true,
      schema,
    }
  })
}

const restDescription =
  'It stands for the rest of the path, as "*" does: any number of segments with the "/" between them, also none.'

/** Tools show what is said of a parameter, not of its schema. */
function describeField(schema: unknown): { readonly description?: string; readonly deprecated?: true } {
  const { description, deprecated } = (schema ?? {}) as Json
  return {
    ...(typeof description === 'string' && { description }),
    ...(deprecated === true && { deprecated }),
  }
}

function describeNamed(place: string, declared: AnySchema | undefined, schemas: Schemas): Json[] {
  if (declared === undefined) return []
  const { fields, isOpen } = schemas.fieldsOf(declared, 'input')
  const named = fields.map(({ name, schema, isRequired }) => ({
    name,
    in: place,
    ...describeField(schema),
    ...(isRequired && { required: true }),
    schema,
  }))
  // Header fields and cookies of any name can't be told.
  if (!isOpen || place !== 'query') return named
  const taken = new Set(fields.map(({ name }) => name))
  const any = { in: place, description: 'Parameters of any name.', style: 'form', explode: true }
  return [
    ...named,
    { name: taken.has('query') ? 'others' : 'query', ...any, schema: { type: 'object', additionalProperties: true } },
  ]
}

type DeclaredBody = NonNullable<NonNullable<Operation['declaration']>['read']['body']>

async function describeBody({ type, schema }: DeclaredBody, { schemas }: Describing): Promise<Json> {
  const types = type === undefined ? bodyTypes(schemas, schema) : [type]
  const content = types.map((one) => [one, { schema: schemas.use(schema, 'input') }])
  return { required: await isRequired(schema), content: Object.fromEntries(content) as Json }
}

const json = 'application/json'
const urlencoded = 'application/x-www-form-urlencoded'
const multipart = 'multipart/form-data'

/** Files come in multipart alone, and forms have no objects in objects. */
function bodyTypes(schemas: Schemas, schema: AnySchema): string[] {
  const root = schemas.toJson(schema, 'input')
  if (Object.keys(root).length === 0) return [json, urlencoded, multipart]
  const { properties, isOpen } = readObject(root)
  const kinds = Object.values(properties).map((property) => kindOf(property, root))
  if (kinds.includes('file')) return [multipart]
  const isFlat = (kinds.length > 0 || (isOpen && root['type'] === 'object')) && !kinds.includes('nested')
  return isFlat ? [json, urlencoded, multipart] : [json]
}

function kindOf(schema: unknown, root: Json): 'file' | 'nested' | 'flat' {
  if (!isJson(schema)) return 'flat'
  const { $ref, type, format, items } = schema
  if (typeof $ref === 'string') return 'nested'
  if (format === 'binary') return 'file'
  if (type === 'array') return kindOf(items, root)
  return type === 'object' || Object.keys(readObject(schema, root).properties).length > 0 ? 'nested' : 'flat'
}

/** A body that isn't there is 400 where the schema refuses `undefined`. */
async function isRequired(schema: AnySchema): Promise<boolean> {
  try {
    return (await schema['~standard'].validate(undefined)).issues !== undefined
  } catch {
    return true
  }
}

function describeResponses({ declaration, bound }: Operation, describing: Describing): Json {
  const { errors, interceptors } = describing
  if (declaration === undefined) return { default: { description: 'Any response.' } }
  const { responses } = declaration.read
  const told: Record<string, Json> = {}
  const mappers = resultMappersOf(bound, interceptors)
  const within = { ...describing, envelopes: mappers.flatMap(({ envelope }) => envelope ?? []) }
  for (const [status, response] of responses) told[status] = describeResponse(status, response, within)
  if (responses.size === 0) told['default'] = { description: 'Any other response.' }
  else if (![...responses.keys()].some((status) => status < 300)) told[200] = { description: 'OK' }
  const areMapped = hasErrorMapper(bound, interceptors)
  for (const status of errorsOf(declaration)) told[status] ??= errors.describe(status, areMapped)
  return told
}

type AnyDeclaration = NonNullable<Operation['declaration']>

/** Returns the statuses of what the server itself refuses. */
function errorsOf({ parts, read }: AnyDeclaration): number[] {
  const hasBody = read.body !== undefined
  const isChecked = hasBody || Object.keys(read.named).length > 0
  const isSecured = parts.security !== undefined && parts.security.length > 0
  return [...(isChecked ? [400] : []), ...(isSecured ? [401, 403] : []), ...(hasBody ? [413, 415] : [])]
}

type DeclaredResponse =
  AnyDeclaration['read']['responses'] extends ReadonlyMap<number, infer Response> ? Response : never

/** The statuses of responses without a body. */
const bodiless = new Set([204, 205, 304])

function describeResponse(
  status: number,
  response: DeclaredResponse,
  { schemas, envelopes }: Describing & { readonly envelopes: readonly Envelope[] },
): Json {
  const { description = STATUS_CODES[status] ?? `Status ${status}`, body, headers } = response
  const fields = headers === undefined ? [] : schemas.fieldsOf(headers, 'output').fields
  const told = fields
    .filter(({ name }) => name.toLowerCase() !== 'content-type')
    .map(({ name, schema, isRequired: isAlways }) => [name, { ...(isAlways && { required: true }), schema }])
  return {
    description,
    ...(told.length > 0 && { headers: Object.fromEntries(told) as Json }),
    ...(body !== undefined &&
      !bodiless.has(status) && { content: { [json]: { schema: schemas.useWithin(body, envelopes) } } }),
  }
}
