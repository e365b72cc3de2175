import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ResponseError } from '../base/errors.ts'
import { ignoreRejection, isPromise } from '../base/in-turn.ts'
import { isJsonType, parseContentType } from '../http/body/content-type.ts'
import { EventStream } from '../http/events/event-stream.ts'
import { formatJson, readBytes } from '../http/output/response-body.ts'
import { isWebResponse } from '../http/output/web-response.ts'
import { isBodySource } from '../http/response-core.ts'
import { Reply } from '../http/reply.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { Request } from '../http/request.ts'
import { type Issue, listIssues } from '../http/validation-error.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import type { JsonSchema } from '../options/option.ts'
import type { ReadResponse } from './declaration-parts.ts'
import { NamedValues } from './named-values.ts'
import type { Declared } from './read-input.ts'
import { callback } from '../options/option-kinds.ts'
import { type AnySchema, readJsonSchema } from './schema-outline.ts'
import { createSerializer, type Envelope, type Serialize } from './serialize.ts'

/** Returns what is written in place of what an endpoint has returned. */
export type MapResult = (value: unknown, request: Request) => unknown

/** Options of `mapResults`. */
export interface MapResultsOptions {
  /** Returns the JSON Schema of what the function returns, from that of what it takes. Default: it isn't known. */
  readonly envelope?: Envelope
}

/** The table of the options of `mapResults`. */
export const mapResultsOptions: OptionTable<MapResultsOptions, MapResultsOptions> = defineOptions(
  { envelope: callback('a function of a JSON Schema') },
  { owner: 'mapResults' },
)

/** A function of `mapResults`, and what it makes of JSON Schemas, where that is known. */
export interface ResultMapper {
  readonly map: MapResult
  readonly envelope?: Envelope | undefined
}

/** Writes what an endpoint has returned. */
export type WriteResult = (core: RequestCore, result: unknown) => void | Promise<void>

/**
 * Returns what writes the results of an endpoint; `undefined` where nothing is to be done to them.
 *
 * @param declared its declaration
 * @param mappers what its results go through, the innermost first
 */
export function createWriter(
  declared: Declared | undefined,
  mappers: readonly ResultMapper[],
): WriteResult | undefined {
  if (declared !== undefined && declared.read.responses.size > 0) {
    const results = new DeclaredResults(declared, mappers)
    return (core, result) => results.write(core, result)
  }
  return mappers.length === 0 ? undefined : (core, result) => writeMapped(core, result, mappers)
}

function writeMapped(core: RequestCore, result: unknown, mappers: readonly ResultMapper[]): void | Promise<void> {
  const { response } = core
  if (result instanceof Reply) response.writeResult(new Reply(result.status, undefined, result))
  const body: unknown = result instanceof Reply ? result.body : result
  if (isBodiless(response.status) || body === undefined || answersItself(body)) return response.writeResult(body)
  return mapThen(core, body, mappers, (value) => response.writeResult(value))
}

/** Writes what a declared endpoint has returned: with the status and as the body that it declares. */
class DeclaredResults {
  readonly #declared: Declared
  readonly #mappers: readonly ResultMapper[]
  readonly #serializers = new Map<number, Serialize>()
  /** The body that is declared for results. */
  readonly #plainBody: AnySchema | undefined

  constructor(declared: Declared, mappers: readonly ResultMapper[]) {
    const { responses, success } = declared.read
    this.#declared = declared
    this.#mappers = mappers
    this.#plainBody = isBodiless(success) ? undefined : responses.get(success)?.body
  }

  write(core: RequestCore, result: unknown): void | Promise<void> {
    const { response, settings } = core
    if (settings.checkResponses === 'off' && this.#isPlain(response, result)) return this.#sendPlain(response, result)
    if (result instanceof Error || result instanceof EventStream) return response.writeResult(result)
    const answer = this.#complete(core, result)
    if (settings.checkResponses === 'off') return this.#send(core, answer, true)
    const issues = findIssues(answer, this.#declared.read.responses, core)
    const conclude = (found: readonly Issue[]) => {
      if (found.length > 0) tell(core, answer.status, found)
      return this.#send(core, answer, found.length === 0)
    }
    return isPromise(issues) ? issues.then(conclude) : conclude(issues)
  }

  /** Whether all that is to be done is to write a result as the body that is declared: so it is with most. */
  #isPlain(response: RequestCore['response'], result: unknown): result is object {
    return (
      this.#mappers.length === 0 &&
      this.#plainBody !== undefined &&
      isPlainValue(result) &&
      response.isUntouched &&
      response.pending === undefined &&
      response.fields === undefined
    )
  }

  #sendPlain(response: RequestCore['response'], result: object): void {
    const { success } = this.#declared.read
    response.status = success
    response.writeJson(result, this.#serializerFor(success, this.#plainBody as AnySchema)(result))
  }

  /** Adds what the declaration says of a result. */
  #complete({ response }: RequestCore, result: unknown): Answer {
    const { responses, success } = this.#declared.read
    const isReply = result instanceof Reply
    const isAnswered = result === undefined && (!response.isUntouched || response.pending !== undefined)
    const isWhole = typeof result === 'object' && result !== null && isResponse(result)
    const instead = isAnswered ? 200 : success
    const status = isReply ? result.status : isWhole ? result.status : response.status || instead
    const declared = responses.get(status)
    const body: unknown = isReply ? result.body : result
    const kind = isAnswered || isWhole ? 'other' : answersItself(body) ? 'itself' : 'value'
    const headers = isReply ? result.headers : {}
    return { status, declared, body, headers, kind, isDropped: !isReply && declared !== undefined && !declared.body }
  }

  #send(core: RequestCore, answer: Answer, isFit: boolean): void | Promise<void> {
    const { response } = core
    const { status, declared, body, headers, kind, isDropped } = answer
    if (kind === 'other') return response.writeResult(body)
    response.writeResult(new Reply(status, undefined, { headers }))
    if (kind === 'itself') return response.writeResult(body)
    if (body === undefined || isDropped || isBodiless(status)) return
    const type = response.fields?.get('content-type')
    const isJson = declared?.body !== undefined && (type === undefined || isJsonType(parseContentType(type)))
    return mapThen(core, body, this.#mappers, (value) => {
      if (!isJson) return response.writeResult(value)
      response.writeJson(value, isFit ? this.#serializerFor(status, declared.body)(value) : formatJson(value))
    })
  }

  #serializerFor(status: number, schema: AnySchema): Serialize {
    const known = this.#serializers.get(status)
    if (known !== undefined) return known
    const envelopes = this.#mappers.flatMap(({ envelope }) => envelope ?? [])
    const serialize = createSerializer(schema, envelopes.length === this.#mappers.length ? envelopes : undefined)
    this.#serializers.set(status, serialize)
    return serialize
  }
}

/** What goes out for a result. */
interface Answer {
  readonly status: number
  readonly declared: ReadResponse | undefined
  readonly body: unknown
  readonly headers: Reply['headers']
  /** Whether the body is a value, answers by itself with the status, or is what the endpoint wrote or a `Response`. */
  readonly kind: 'value' | 'itself' | 'other'
  /** Whether nothing is declared for what the endpoint returned. */
  readonly isDropped: boolean
}

/** Returns what of an answer doesn't fit the declaration, without what can't be known. */
function findIssues(
  { status, declared, body, headers, kind }: Answer,
  responses: ReadonlyMap<number, ReadResponse>,
  { response }: RequestCore,
): readonly Issue[] | Promise<readonly Issue[]> {
  if (declared === undefined) {
    const known = [...responses.keys()].join(', ')
    return [{ message: `${status} is not declared: ${known} are`, path: ['status'] }]
  }
  if (kind === 'other') return []
  const results = [
    kind === 'value' ? checkPart('body', declared.body, body) : [],
    declared.headers === undefined
      ? []
      : checkPart('headers', declared.headers, listFields(declared.headers, response, headers)),
  ]
  return results.some(isPromise)
    ? Promise.all(results.map(async (result) => result)).then((all) => all.flat())
    : (results as Issue[][]).flat()
}

/**
 * Checks a body, or header fields, by the schema that is declared for it. A schema that returns something else than it takes isn't asked:
 * what is answered is what it returns.
 */
export function checkPart(
  part: 'body' | 'headers',
  schema: AnySchema | undefined,
  value: unknown,
): readonly Issue[] | Promise<readonly Issue[]> {
  if (schema === undefined) return value === undefined ? [] : [{ message: 'none is declared', path: [part] }]
  if (isTransformed(schema)) return []
  const place = ({ issues = [] }: Result) =>
    issues.map(({ message, path = [] }): Issue => ({ message, path: [part, ...path] }))
  const result = schema['~standard'].validate(value)
  // Where the check of another part throws, this one is never awaited.
  return isPromise(result) ? ignoreRejection(Promise.resolve(result).then(place)) : place(result)
}

type Result = StandardSchemaV1.Result<unknown>

const transformed = new WeakMap<AnySchema, boolean>()

/** Whether a schema returns something else than it takes, as far as it tells: what it returns can't be checked by it then. */
function isTransformed(schema: AnySchema): boolean {
  const known = transformed.get(schema)
  if (known !== undefined) return known
  const [input, output] = (['input', 'output'] as const).map((side) => typesOf(readJsonSchema(schema, side)))
  transformed.set(schema, input !== output)
  return input !== output
}

/** Returns a JSON Schema as text, without what differs for defaults and undeclared fields. */
function typesOf(schema: JsonSchema): string {
  const isOther = (name: string) => name === 'required' || name === 'additionalProperties' || name === 'default'
  return JSON.stringify(schema, (name, value: unknown) => (isOther(name) ? undefined : value))
}

/** Returns the header fields of a response under the names that a schema has for them. */
function listFields(schema: AnySchema, { fields }: RequestCore['response'], headers: Reply['headers']): object {
  const names = NamedValues.of(schema)
  const all: Record<string, unknown> = Object.create(null)
  for (const { name, values } of fields?.fields() ?? [])
    all[names.nameOfField(name)] = values.length > 1 ? values : values[0]
  for (const [name, value] of Object.entries(headers)) all[names.nameOfField(name)] = value
  return all
}

/** @throws ResponseError where the option `checkResponses` is `fail` */
function tell(core: RequestCore, status: number, issues: readonly Issue[]): void {
  const message = `${core.logName}: the response ${status} does not fit the declaration of its endpoint: ${listIssues(issues)}`
  if (core.settings.checkResponses === 'fail')
    throw new ResponseError(message, { failure: 'ERR_TRIBIND_RESPONSE_UNDECLARED' })
  core.log('warn', message, { route: core.route })
}

/** Passes a value through the functions of `mapResults`. Stays synchronous until one of them returns a promise. */
function mapThen(
  core: RequestCore,
  value: unknown,
  mappers: readonly ResultMapper[],
  write: (value: unknown) => void,
): void | Promise<void> {
  let mapped = value
  for (const [i, { map }] of mappers.entries()) {
    mapped = map(mapped, core.face as Request)
    if (isPromise(mapped))
      return Promise.resolve(mapped).then((awaited) => mapThen(core, awaited, mappers.slice(i + 1), write))
  }
  write(mapped)
}

/** Whether a response with that status has no body (RFC 9110, section 6.4.1). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

/** Whether a value is an object as JSON has it: no stream, no reply, no error. */
function isPlainValue(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  return (
    Object.getPrototypeOf(value) === Object.prototype && !(Symbol.iterator in value) && !(Symbol.asyncIterator in value)
  )
}

/** Whether a value answers by itself and isn't one to map: an open event stream, a stream, a web `Response`, bytes, an error. */
function answersItself(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof EventStream || value instanceof Error || isBodySource(value)) return true
  return readBytes(value) !== undefined || isResponse(value)
}

function isResponse(value: object): value is globalThis.Response {
  return Symbol.toStringTag in value && isWebResponse(value)
}
