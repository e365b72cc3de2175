import { type ConfigurationIssue, type FailureOptions, HttpError } from '../index.ts'

/** Answers a request to the administration with its status, message and failure, and with issues where there are any. */
export class Problem extends HttpError {
  readonly issues: readonly ConfigurationIssue[] | undefined

  constructor(
    status: number,
    message: string,
    options: FailureOptions & {
      readonly issues?: readonly ConfigurationIssue[]
      readonly headers?: Readonly<Record<string, string>>
    },
  ) {
    super(status, message, options)
    this.issues = options.issues
  }
}

/** Creates the answer for something that isn't there. */
export function unknown(what: string): Problem {
  return new Problem(404, `There is no ${what}`, { failure: 'ERR_TRIBIND_ADMIN_UNKNOWN' })
}

/** Creates the answer for something that what there is now doesn't allow. */
export function conflict(message: string, cause?: unknown): Problem {
  return new Problem(409, message, { failure: 'ERR_TRIBIND_ADMIN_CONFLICT', cause })
}

/** Creates the answer for something that isn't valid. */
export function invalid(issues: readonly ConfigurationIssue[]): Problem {
  const [first] = issues
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : ''
  const what = first === undefined ? 'it is not valid' : [first.path, first.message].filter(Boolean).join(': ') + more
  return new Problem(422, `Nothing has changed: ${what}`, { failure: 'ERR_TRIBIND_ADMIN_INVALID', issues })
}
