import { STATUS_CODES } from 'node:http'
import { ConfigError, HttpError, type Middleware, type Request, type StatusHandler, StateError } from '../index.ts'
import { conflict, invalid, Problem } from './problem.ts'

/** `undefined` for faults of ours. */
const failed = new WeakMap<Request, HttpError | undefined>()

/** Makes of each error what answers it, and remembers it for `answerError`. */
export const rememberErrors: Middleware = async (request, next) => {
  try {
    await next()
  } catch (error) {
    const answer = toAnswer(error)
    failed.set(request, answer)
    throw answer ?? error
  }
}

/** Answers an error with JSON: `code`, `message`, and `issues` where there are any. */
export const answerError: StatusHandler = (request) => {
  const { response } = request
  // A handler has answered so itself.
  if (request.route !== undefined && !failed.has(request)) return
  const error = failed.get(request)
  const { status } = response
  const message = error?.message ?? response.buffer().toString()
  response.clearBuffer()
  protect(request)
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.writeJson({
    code: error?.failure ?? (status === 404 ? 'ERR_TRIBIND_ADMIN_UNKNOWN' : 'ERR_TRIBIND_HTTP'),
    message: message === '' ? STATUS_CODES[status] : message,
    ...(error instanceof Problem && error.issues !== undefined && { issues: error.issues }),
  })
}

/** The statuses that `answerError` is for. */
export const errorStatuses: readonly number[] = [
  400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 414, 415, 417, 422, 426, 429, 431, 500, 501, 503, 505,
]

/** Sets the fields that all answers have. */
export function protect({ response }: Request): void {
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('X-Content-Type-Options', 'nosniff')
}

/** `undefined` for what is a fault of ours. */
function toAnswer(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error
  if (error instanceof StateError) return conflict(error.message, error)
  if (!(error instanceof ConfigError)) return undefined
  return invalid(error.issues ?? [{ path: '', message: error.message }])
}
