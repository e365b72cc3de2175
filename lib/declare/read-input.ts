import type { StandardSchemaV1 } from '@standard-schema/spec'
import { HttpError } from '../base/http-error.ts'
import { isPromise } from '../base/in-turn.ts'
import { isFormType, isJsonType } from '../http/body/content-type.ts'
import type { RequestBody } from '../http/body/request-body.ts'
import { keepInput } from '../http/checked-inputs.ts'
import type { Form } from '../http/forms/form.ts'
import type { RequestCore } from '../http/request-core.ts'
import { tellIssues } from '../http/tell-issues.ts'
import { type Issue, ValidationError } from '../http/validation-error.ts'
import type { NamedPart, ReadDeclaration } from './declaration-parts.ts'
import { NamedValues, type Values } from './named-values.ts'
import type { AnySchema } from './schema-outline.ts'

/** What has a declaration in its one form. */
export interface Declared {
  readonly read: ReadDeclaration
}

/** Recursive schemas go as deep as their input does. */
const MAX_DEPTH = 100
const MAX_ISSUES = 1000

type Result = StandardSchemaV1.Result<unknown>
type Part = NamedPart | 'body'

/**
 * Reads and checks the input that is declared, and keeps it for `request.input`. Returns it at once where nothing is to be awaited.
 *
 * Security: schemas see no name `__proto__`, and no JSON that is nested deeper than 100 levels. Sizes have the limits of `maxBodySize`,
 * `upload` and the head of a request.
 *
 * @throws ValidationError with the issues of all parts, 1,000 at most; HttpError 415 for a body of another type, 400 for one that can't
 * be read
 */
export function readInput(declared: Declared, core: RequestCore): object | Promise<object> {
  const { body } = declared.read
  if (body === undefined) return checkParts(declared, core)
  return readBody(core.openBody(), body.type).then((value) => checkParts(declared, core, value))
}

function checkParts(declared: Declared, core: RequestCore, body?: unknown): object | Promise<object> {
  const { named, body: declaredBody } = declared.read
  const parts = Object.keys(named) as Part[]
  if (parts.length === 0 && declaredBody === undefined) return concludeInput(declared, core, parts, [])
  const results = parts.map((part) => {
    const schema = named[part as NamedPart] as AnySchema
    return schema['~standard'].validate(
      NamedValues.of(schema).read(sources[part as NamedPart](core), part === 'headers'),
    )
  })
  if (declaredBody !== undefined) {
    parts.push('body')
    results.push(checkBody(declaredBody.schema, body))
  }
  const conclude = (all: readonly Result[]) => concludeInput(declared, core, parts, all)
  return results.some(isPromise)
    ? Promise.all(results.map(async (result) => result)).then(conclude)
    : conclude(results as Result[])
}

const sources: Readonly<Record<NamedPart, (core: RequestCore) => Values>> = {
  params: (core) => core.params,
  query: (core) => core.query,
  headers: (core) => Object.fromEntries(Object.entries(core.headers).filter(([name]) => !name.startsWith(':'))),
  cookies: (core) => core.cookie.all(),
}

/** Checks a body; of one that isn't there, the schema says no more than whether it must be. */
function checkBody(schema: AnySchema, body: unknown): Result | Promise<Result> {
  const values = body instanceof FormValues ? NamedValues.of(schema).read(body.values) : body
  const result = schema['~standard'].validate(values)
  if (body !== undefined) return result
  const tell = (checked: Result) => (checked.issues === undefined ? checked : { issues: [missing] })
  return isPromise(result) ? result.then(tell) : tell(result)
}

const missing: Issue & { readonly code: string } = { code: 'missing', message: 'The body is missing' }

function concludeInput(
  declared: Declared,
  core: RequestCore,
  parts: readonly Part[],
  results: readonly Result[],
): object {
  const input: Partial<Record<Part, unknown>> = {}
  const issues: Issue[] = []
  for (const [i, part] of parts.entries()) {
    const result = results[i] as Result
    if (result.issues === undefined) input[part] = result.value
    else for (const issue of tellIssues(result.issues.slice(0, MAX_ISSUES), core)) issues.push(placeIssue(issue, part))
  }
  if (issues.length > 0) throw new ValidationError(issues.slice(0, MAX_ISSUES))
  keepInput(core, declared, input)
  return input
}

/** What schemas have on their issues besides may be the value itself. */
function placeIssue({ message, path = [] }: Issue, part: Part): Issue {
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
 * Returns a body as its type says; `undefined` where there is none.
 *
 * @param type the only one that is taken. Default: JSON, and forms
 */
async function readBody(body: RequestBody, type: string | undefined): Promise<unknown> {
  if (body.isEmpty) return undefined
  const { contentType } = body
  if (type !== undefined && contentType.essence !== type) return body.refuse(`The body must be ${type}`)
  if (isFormType(contentType)) return new FormValues(await body.form())
  if (isJsonType(contentType)) return checkDepth(await body.json())
  if (type === undefined) return body.refuse('The body must be JSON or a form')
  return /^(?:image|audio|video)\/|^application\/octet-stream$/.test(type) ? body.bytes() : body.text()
}

function checkDepth(value: unknown): unknown {
  if (!isDeeper(value, MAX_DEPTH)) return value
  throw new HttpError(400, `The body is nested deeper than ${MAX_DEPTH} levels`, { failure: 'ERR_TRIBIND_BODY_DEPTH' })
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  // Once for each value of a body: without an array of them.
  for (const name in value) if (isDeeper((value as Readonly<Record<string, unknown>>)[name], levels - 1)) return true
  return false
}
