import type { OutgoingHttpHeaders } from 'node:http'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError, ResponseError, RouteError } from '../base/errors.ts'
import type { RegisteredEndpoint } from '../binding/registry.ts'
import { type AnyDeclaration, Declaration, declarationOfBound } from '../declare/declaration.ts'
import type { DeclarationParts, TypedBody } from '../declare/declaration-parts.ts'
import { checkPart } from '../declare/results.ts'
import { type AnySchema, readJsonSchema, SchemaOutline } from '../declare/schema-outline.ts'
import { isJsonType, isMultipartType, isUrlencodedType, parseContentType } from '../http/body/content-type.ts'
import { type Issue, listIssues } from '../http/validation-error.ts'
import { parseHost } from '../net/host.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { printValue } from '../options/print-value.ts'
import { resultMappersOf } from '../pipeline/plan.ts'
import type { Bound } from '../routing/bound.ts'
import { createPath } from '../routing/create-path.ts'
import { isWithin } from '../routing/domain.ts'
import { formatPattern } from '../routing/pattern.ts'
import type { InjectResult } from '../server/inject.ts'
import type { Server } from '../server/server.ts'
import { insideOf } from '../server/server-inside.ts'
import type { TestRequestOptions } from './test-request.ts'

type InputOf<Part> = Part extends StandardSchemaV1
  ? StandardSchemaV1.InferInput<Part>
  : Part extends { readonly schema: infer Schema extends StandardSchemaV1 }
    ? StandardSchemaV1.InferInput<Schema>
    : never

/** What is sent for each part that may be declared. */
interface Sent<Parts> {
  params: 'params' extends keyof Parts ? InputOf<Parts['params']> : Readonly<Record<string, string | number>>
  query: 'query' extends keyof Parts ? InputOf<Parts['query']> : never
  headers: 'headers' extends keyof Parts ? InputOf<Parts['headers']> & OutgoingHttpHeaders : OutgoingHttpHeaders
  cookies: 'cookies' extends keyof Parts ? InputOf<Parts['cookies']> : Readonly<Record<string, string>>
  body: 'body' extends keyof Parts
    ? InputOf<Parts['body']> | (Parts['body'] extends TypedBody ? never : FormBody)
    : never
}

/** What has nothing. */
type Nothing = Record<string, never>

type FormBody = FormData | URLSearchParams

/** The parts that must be sent: those that are declared and must have something. */
type Needed<Parts> = {
  [Part in keyof Sent<Parts> & keyof Parts]: Nothing extends Sent<Parts>[Part] ? never : Part
}[keyof Sent<Parts> & keyof Parts]

/** What `client.call` sends: what the schemas of a declaration take, before they check it. */
export type CallInput<Parts> = { readonly [Part in Needed<Parts>]: Sent<Parts>[Part] } & {
  readonly [Part in Exclude<keyof Sent<Parts>, Needed<Parts>>]?: Sent<Parts>[Part] | undefined
} & {
  /** Disconnects the client when aborted; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** The arguments of a call: none are needed where nothing must be sent. */
export type CallArguments<Parts> =
  Nothing extends CallInput<Parts> ? [input?: CallInput<Parts>] : [input: CallInput<Parts>]

type AnyInput = Partial<Record<'params' | 'query' | 'headers' | 'cookies', Readonly<Record<string, unknown>>>> & {
  body?: unknown
  signal?: AbortSignal
}

const values = option<Readonly<Record<string, unknown>>>(isObject, 'an object of values by name')
const inputTable: OptionTable<AnyInput, AnyInput> = defineOptions(
  {
    params: values,
    query: values,
    headers: values,
    cookies: values,
    body: option<unknown>(() => true, 'a body'),
    signal: option<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal'),
  },
  { owner: 'call' },
)

/** A request to the endpoint of a declaration. */
export interface DeclaredCall {
  readonly method: string
  readonly url: string
  readonly options: TestRequestOptions
  /** What the Cookie field begins with. */
  readonly cookies: readonly string[]
  /** The name of the entry point that alone has the endpoint. */
  readonly entryPoint: string | undefined
  /** Rejects where a response doesn't fit the declaration. */
  readonly check: (result: InjectResult) => Promise<void>
}

/**
 * Makes the request for an input of the first endpoint in matching order that has a declaration.
 *
 * @param host to which the client sends requests
 * @throws RouteError where no endpoint has the declaration, and for parameters that its route can't have; ConfigError for an input that
 * can't be sent
 */
export function prepareCall(server: Server, declared: AnyDeclaration, input: object, host: string): DeclaredCall {
  const { params = {}, query = {}, headers = {}, cookies = {}, body, signal } = readInput(declared, input)
  const { bound, isMapped } = findEndpoint(server, declared)
  const search = new URLSearchParams(listTexts('query', query)).toString()
  const url = createPath<string>(
    formatPattern({ ...bound, methods: ['ALL'], domains: [''] }),
    joinTexts('params', params),
  )
  const method = bound.method === 'ALL' ? (body === undefined ? 'GET' : 'POST') : bound.method
  const encoded = body === undefined ? {} : encodeBody(declared.read.body?.type, body)
  const sent = { ...encoded.headers, host: chooseHost(bound.domain, host), ...joinTexts('headers', headers) }
  return {
    method,
    url: search === '' ? url : `${url}?${search}`,
    options: { ...encoded, headers: sent, ...(signal && { signal }) },
    cookies: listTexts('cookies', cookies).map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
    entryPoint: bound.value.entryPoint,
    check: (result) => checkResult(declared, result, `${method} ${url}`, isMapped || method === 'HEAD'),
  }
}

/** @throws ConfigError for what can't be sent, and for a part that the declaration doesn't have and that wouldn't be read */
function readInput(declared: AnyDeclaration, given: object): AnyInput {
  if (!(declared instanceof Declaration))
    throw refuse(`the first argument must be what declaration() returned, got ${printValue(declared)}`)
  const input = inputTable.parse(given as AnyInput)
  const { named, body } = declared.read
  const extra = { query: named.query, body }
  for (const part of ['query', 'body'] as const)
    if (input[part] !== undefined && extra[part] === undefined)
      throw refuse(`${nameOf(declared)} has no "${part}", so it isn't read: declare it, or leave it out`)
  return input
}

/** Returns where a declaration is bound. @throws RouteError if it is bound nowhere */
function findEndpoint(
  server: Server,
  declared: AnyDeclaration,
): { readonly bound: Bound<RegisteredEndpoint>; readonly isMapped: boolean } {
  const served = insideOf(server)?.layers.listing.served()
  const bound = served?.routes().find(({ value }) => declarationOfBound(value) === declared)
  if (bound !== undefined) return { bound, isMapped: resultMappersOf(bound, served?.interceptors() ?? []).length > 0 }
  throw new RouteError(
    `call: no endpoint of server "${server.name}" has ${nameOf(declared)}: bind what its handler() returns, or a class or object that declareMethods has it for`,
    { failure: 'ERR_TRIBIND_ROUTE_DECLARATION_UNBOUND' },
  )
}

function nameOf(declared: AnyDeclaration): string {
  const parts = declared.parts as DeclarationParts
  const { operationId, summary } = parts
  const name = operationId ?? summary
  const has = Object.keys(parts).join(', ') || 'nothing'
  return name === undefined ? `the declaration of ${has}, which has no operationId` : `the declaration "${name}"`
}

/** Returns the host that a client sends requests to, if it is of a domain, else one that is. */
function chooseHost(domain: string, host: string): string {
  return isWithin(parseHost(host) ?? '', domain) ? host : domain.replace(/^\*/, 'www')
}

/** Lists values as they are sent: those of an array one by one, and what is `undefined` or `null` not at all. */
function listTexts(part: string, named: Readonly<Record<string, unknown>>): [name: string, text: string][] {
  return Object.entries(named).flatMap(([name, given]) =>
    [given].flat().flatMap((value): [string, string][] => {
      if (value === undefined || value === null) return []
      if (value instanceof Date) return [[name, value.toISOString()]]
      if (typeof value !== 'object' && typeof value !== 'function') return [[name, String(value as string)]]
      throw refuse(
        `"${part}.${name}" must be text, a number, a boolean, a date or an array of them, got ${printValue(value)}`,
      )
    }),
  )
}

/** Lists the same by name: several values of a parameter are segments, those of a field are a list (RFC 9110, section 5.6.1). */
function joinTexts(part: 'params' | 'headers', named: Readonly<Record<string, unknown>>): Record<string, string> {
  const joined = new Map<string, string>()
  for (const [given, text] of listTexts(part, named)) {
    const name = part === 'headers' ? given.toLowerCase() : given
    const before = joined.get(name)
    joined.set(name, before === undefined ? text : before + (part === 'headers' ? ', ' : '/') + text)
  }
  return Object.fromEntries(joined)
}

function encodeBody(type: string | undefined, body: unknown): TestRequestOptions {
  if (body instanceof FormData || body instanceof URLSearchParams) return { body }
  if (type === undefined) return { json: body }
  const contentType = parseContentType(type)
  if (isUrlencodedType(contentType)) return { body: new URLSearchParams(listTexts('body', body as object as {})) }
  if (isMultipartType(contentType)) return { body: toForm(body as Readonly<Record<string, unknown>>) }
  const headers = { 'content-type': type }
  return isJsonType(contentType) ? { json: body, headers } : { body: body as string, headers }
}

function toForm(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData()
  for (const [name, given] of Object.entries(fields))
    for (const value of [given].flat())
      if (value instanceof Blob) form.append(name, value)
      else for (const [, text] of listTexts('body', { [name]: value })) form.append(name, text)
  return form
}

/** @throws ResponseError for a response that doesn't fit. Where nothing is said of responses, all fit. */
async function checkResult(
  declared: AnyDeclaration,
  result: InjectResult,
  target: string,
  isUnknown: boolean,
): Promise<void> {
  const { responses } = declared.read
  if (responses.size === 0) return
  const response = responses.get(result.status)
  const undeclared = { message: `${result.status} is not declared: ${[...responses.keys()].join(', ')} are` }
  const schema = isUnknown || result.status === 304 ? undefined : response?.body
  const issues = response === undefined ? [undeclared] : schema === undefined ? [] : await checkBody(schema, result)
  if (issues.length === 0) return
  const text = result.text().slice(0, MAX_TEXT)
  throw new ResponseError(
    `call: ${target} answered ${result.status}, which doesn't fit ${nameOf(declared)}: ${listIssues(issues)}. Its body: ${text || 'empty'}`,
    { failure: 'ERR_TRIBIND_RESPONSE_UNDECLARED' },
  )
}

/** How much of a body that doesn't fit an error has, in characters. */
const MAX_TEXT = 500

async function checkBody(schema: AnySchema, result: InjectResult): Promise<readonly Issue[]> {
  let value: unknown
  try {
    value = readBody(result)
  } catch (error) {
    return [{ message: `is not JSON: ${(error as Error).message}`, path: ['body'] }]
  }
  const issues = await checkPart('body', schema, value)
  if (Object.keys(readJsonSchema(schema, 'output')).length === 0) return issues
  const outline = new SchemaOutline(schema, 'output')
  return issues.filter(({ path = [] }) => !isLost(outline, path.slice(1)))
}

function readBody(result: InjectResult): unknown {
  if (result.body.length === 0) return undefined
  return isJsonType(parseContentType(result.headers['content-type'])) ? result.json() : result.text()
}

const jsonTypes = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

/** Whether the value at a path has no JSON Schema, as a `Date` has none: JSON has something else in its place. */
function isLost(outline: SchemaOutline, path: NonNullable<Issue['path']>): boolean {
  const names = path.map((step) => String(typeof step === 'object' ? step.key : step))
  return outline.has(names) && !outline.mustBe(jsonTypes, names)
}

function refuse(problem: string): ConfigError {
  return new ConfigError(`call: ${problem}`, { failure: 'ERR_TRIBIND_OPTION_VALUE' })
}
