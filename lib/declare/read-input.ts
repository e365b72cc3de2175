import type { StandardSchemaV1 } from '@standard-schema/spec'
import { HttpError } from '../base/http-error.ts'
import { ignoreRejection, isPromise } from '../base/in-turn.ts'
import { isFormType, isJsonType } from '../http/body/content-type.ts'
import type { RequestBody } from '../http/body/request-body.ts'
import type { Form } from '../http/forms/form.ts'
import type { RequestCore } from '../http/request-core.ts'
import { tellIssues } from '../http/tell-issues.ts'
import { type Issue, ValidationError } from '../http/validation-error.ts'
import type { InputPart, NamedPart, ReadDeclaration } from './declaration-parts.ts'
import { NamedValues, type Values } from './named-values.ts'
import type { AnySchema } from './schema-outline.ts'

/** What has a declaration in its one form. */
export interface Declared {
  readonly read: ReadDeclaration
}

/** Recursive schemas go as deep as their input does. */
const MAX_DEPTH = 100

type Result = StandardSchemaV1.Result<unknown>

/** What is done with a checked input. */
type Use = (input: object) => unknown

/**
 * Reads and checks the input that is declared, keeps it for `request.input`, and hands it over. Does so at once where nothing is to be
 * awaited. Returns what is returned there, or a promise of it.
 *
 * Security: schemas see no name `__proto__`, and no JSON that is nested deeper than 100 levels. Sizes have the limits of `maxBodySize`,
 * `upload` and the head of a request.
 *
 * @throws ValidationError with the issues of all parts, 1,000 at most; HttpError 415 for a body of another type, 400 for one that can't
 * be read
 */
export function readInput(declared: Declared, core: RequestCore, use: Use): unknown {
  const { body } = declared.read
  const reading = body && readBody(core.openBody(), body.type)
  // One promise for the check and for what follows.
  return reading === undefined
    ? checkParts(declared, core, undefined, use)
    : reading.then((value) => checkParts(declared, core, value, use))
}

function checkParts(declared: Declared, core: RequestCore, body: unknown, use: Use): unknown {
  const results = declared.read.input.map(({ part, schema }) => {
    const result = part === 'body' ? checkBody(schema, body) : checkNamed(part, schema, core)
    // Where the check of another part throws, this one is never awaited.
    return isPromise(result) ? ignoreRejection(Promise.resolve(result)) : result
  })
  const conclude = (all: readonly Result[]) => use(concludeInput(declared, core, all))
  return results.some(isPromise)
    ? Promise.all(results.map(async (result) => result)).then(conclude)
    : conclude(results as Result[])
}

function checkNamed(part: NamedPart, schema: AnySchema, core: RequestCore): Result | Promise<Result> {
  return schema['~standard'].validate(NamedValues.of(schema).read(sources[part](core), part === 'headers'))
}

const sources: Readonly<Record<NamedPart, (core: RequestCore) => Values>> = {
  params: (core) => core.params,
  query: (core) => core.query,
  headers: (core) => Object.fromEntries(Object.entries(core.headers).filter(([name]) => !name.startsWith(':'))),
  cookies: (core) => core.cookie.all(),
}

/** Checks a body; of one that isn't there, the schema says no more than whether it must be. */
function checkBody(schema: AnySchema, body: unknown): Result | Promise<Result> {
  const values = body instanceof FormValues ? NamedValues.of(schema).read(body.values) : checkDepth(body)
  const result = schema['~standard'].validate(values)
  if (body !== undefined) return result
  const tell = (checked: Result) => (checked.issues === undefined ? checked : { issues: [missing] })
  return isPromise(result) ? result.then(tell) : tell(result)
}

const missing: Issue & { readonly code: string } = { code: 'missing', message: 'The body is missing' }

function concludeInput(declared: Declared, core: RequestCore, results: readonly Result[]): object {
  const input: Partial<Record<InputPart['part'], unknown>> = {}
  const issues: Issue[] = []
  results.forEach((result, i) => {
    const { part } = declared.read.input[i] as InputPart
    if (result.issues === undefined) input[part] = result.value
    else for (const issue of tellIssues(result.issues, core)) issues.push(placeIssue(issue, part))
  })
  if (issues.length > 0) throw new ValidationError(issues)
  core.checked = { key: declared, input }
  return input
}

/** What schemas have on their issues besides may be the value itself. */
function placeIssue({ message, path = [] }: Issue, part: InputPart['part']): Issue {
  return { message, path: [part, ...path.map((step) => (typeof step === 'object' ? step.key : step))] }
}

/** The fields and files of a form, which are texts where JSON has numbers. */
class FormValues {
  readonly values: Values

  constructor({ fields, files }: Form) {
    const values: Record<string, unknown> = Object.assign(Object.create(null) as object, fields)
    for (const file of files) {
      const before = values[file.name]
      values[file.name] = before === undefined ? file : [before, file].flat()
    }
    this.values = values
  }
}

/**
 * Returns a promise of a body as its type says; `undefined` where there is none.
 *
 * @param type the only one that is taken. Default: JSON, and forms
 */
function readBody(body: RequestBody, type: string | undefined): Promise<unknown> | undefined {
  if (body.isEmpty) return undefined
  const { contentType } = body
  if (type !== undefined && contentType.essence !== type) return body.refuse(`The body must be ${type}`)
  if (isFormType(contentType)) return body.form().then((form) => new FormValues(form))
  if (isJsonType(contentType)) return body.json()
  if (type === undefined) return body.refuse('The body must be JSON or a form')
  return /^(?:image|audio|video)\/|^application\/octet-stream$/.test(type) ? body.bytes() : body.text()
}

function checkDepth(value: unknown): unknown {
  if (value instanceof Uint8Array || !isDeeper(value, MAX_DEPTH)) return value
  throw new HttpError(400, `The body is nested deeper than ${MAX_DEPTH} levels`, { failure: 'ERR_TRIBIND_BODY_DEPTH' })
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  // Once for each value of a body: without an array of them, and without a text for each place in an array.
  if (Array.isArray(value)) {
    for (const one of value as readonly unknown[]) if (isDeeper(one, levels - 1)) return true
    return false
  }
  for (const name in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[name], levels - 1)) return true
  return false
}
