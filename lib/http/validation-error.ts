import type { StandardSchemaV1 } from '@standard-schema/spec'
import { errorCodes } from '../base/error-codes.ts'
import { HttpError } from '../base/http-error.ts'

/** What is wrong with an input: a message and where, as every Standard Schema validator reports it. */
export type Issue = StandardSchemaV1.Issue

const MAX_ISSUES_NAMED = 10

/** How many issues are kept: of an array, each member may have some. */
export const MAX_ISSUES = 1000

/** An input that its schema refuses: 400, with the first ten issues in the message. */
export class ValidationError extends HttpError {
  /** The first 1,000; the message says how many there are. */
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[], options?: ErrorOptions) {
    super(400, describe(issues), {
      ...options,
      code: errorCodes.validation,
      failure: errorCodes.validation,
    })
    this.issues = issues.length > MAX_ISSUES ? issues.slice(0, MAX_ISSUES) : issues
  }
}

function describe(issues: readonly Issue[]): string {
  return `The input is not valid: ${listIssues(issues)}`
}

/** Returns the first ten issues, each with its path, for a message. */
export function listIssues(issues: readonly Issue[]): string {
  const named = issues.slice(0, MAX_ISSUES_NAMED).map(({ path, message }) => {
    const place = path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    return place ? `${place}: ${message}` : message
  })
  const rest = issues.length - named.length
  return `${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}
