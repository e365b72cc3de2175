import { STATUS_CODES } from 'node:http'
import { ResponseError } from '../../base/errors.ts'
import { printValue } from '../../options/print-value.ts'
import { ValidationError } from '../validation-error.ts'
import { formatJson, type ResponseBody } from './response-body.ts'

/** The members of a problem (RFC 9457, section 3.1), and any of your own. */
export interface ProblemDetails {
  /** A URI that names the kind of problem. Default: none, which stands for `about:blank`. */
  readonly type?: string | undefined
  /** Default: the reason phrase of the status. */
  readonly title?: string | undefined
  /** What is wrong this time, for people. */
  readonly detail?: string | undefined
  /** A URI of this occurrence. */
  readonly instance?: string | undefined
  /** It is the status of the response. */
  readonly status?: never
  readonly [extension: string]: unknown
}

/** The media type of a problem. */
export const problemType = 'application/problem+json'

/** @throws ResponseError for a status that is no error, for members that aren't text, and for what JSON has no text for */
export function formatProblem(status: number, details: ProblemDetails): string {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw new ResponseError(`the status of a problem must be an integer from 400 to 599, got ${printValue(status)}`, {
      failure: 'ERR_TRIBIND_RESPONSE_STATUS',
    })
  for (const name of ['type', 'title', 'detail', 'instance']) {
    const value = details[name]
    if (value !== undefined && typeof value !== 'string')
      throw new ResponseError(`the "${name}" of a problem must be a string, got ${printValue(value)}`, {
        failure: 'ERR_TRIBIND_RESPONSE_CONTENT',
      })
  }
  const { type, title = STATUS_CODES[status] ?? `Status ${status}`, ...others } = details
  return formatJson({ type, title, ...others, status })
}

// The first that is listed decides. Clients that ask for JSON know what to do with a problem.
const ranges = [problemType, 'application/json', 'application/*', '*/*']

/** What responses were replaced for: no field of all, since few fail. */
const failures = new WeakMap<object, unknown>()

/** Keeps what a response was replaced for; `undefined` where nothing was thrown. */
export function keepFailure(response: object, error: unknown): void {
  failures.set(response, error)
}

/** Returns what a response was replaced for, where it is kept. */
export function failureOf(response: object): unknown {
  return failures.get(response)
}

/** A response that tells of a failure. */
export interface FailedResponse {
  readonly status: number
  readonly body: ResponseBody
  readonly request: { header(name: string): string | undefined }
  setHeader(name: string, value: string): void
  joinHeader(name: string, value: string): void
}

/** Writes the answer to a failure, whose text it is told; a promise where that takes time. Never throws or rejects. */
export type WriteFailure = (response: FailedResponse, text: string) => void | Promise<void>

/** Writes the text of an error, as a problem where the client takes one: with the issues of a `ValidationError`, and nothing else. */
export function writeProblem(response: FailedResponse, text: string): void {
  const { status, body, request } = response
  response.joinHeader('Vary', 'Accept')
  if (status < 400 || weightOf(request.header('accept'), ranges) === 0) return body.writeText(text)
  const error = failures.get(response)
  const detail = text === STATUS_CODES[status] ? undefined : text
  response.setHeader('Content-Type', problemType)
  body.writeText(
    formatProblem(status, { detail, ...(error instanceof ValidationError && { issues: listIssues(error) }) }),
  )
}

/** Returns whether a field Accept names HTML, and puts it before JSON, as browsers do for pages. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return false
  return weightOf(accept, ['text/html']) > weightOf(accept, ranges)
}

function listIssues({ issues }: ValidationError): object[] {
  return issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((step) => toJsonStep(typeof step === 'object' ? step.key : step)),
  }))
}

function toJsonStep(step: PropertyKey): string | number {
  return typeof step === 'symbol' ? String(step) : step
}

/**
 * Returns how much a field Accept wants a media type, from 0 for not at all to 1 (RFC 9110, section 12.5.1); without a field, or with
 * an empty one, 1.
 *
 * @param ranges the ranges that cover the type, the most specific first: the first of them that the field lists decides
 */
function weightOf(field: string | undefined, ranges: readonly string[]): number {
  if (field === undefined || field.trim() === '') return 1
  const weights = new Map(field.split(',').map(readRange))
  const decisive = ranges.find((range) => weights.has(range))
  return decisive === undefined ? 0 : (weights.get(decisive) as number)
}

function readRange(item: string): [range: string, weight: number] {
  const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return [range, weight === undefined ? 1 : Number(weight.slice(2))]
}
