import { STATUS_CODES } from 'node:http'
import { type ErrorCode, errorCodes, type FailureCode } from './error-codes.ts'
import { ChainError, ConfigError, EgressError, TribindError } from './errors.ts'
import { isField } from './is-field.ts'

/** They describe the body that is to be replaced, or its connection. */
const framing = /^(?:connection|content-(?:encoding|length|type)|keep-alive|trailer|transfer-encoding|upgrade)$/i

/** In production, an answer that is no fault of the server has a stack without frames, which would cost more than all else of it. */
const hasFrames = process.env['NODE_ENV'] !== 'production'

/** Options of an `HttpError`. */
export interface HttpErrorOptions extends ErrorOptions {
  code?: ErrorCode
  /** Default: the code of the family. */
  failure?: FailureCode
  /** Header fields of the response, such as `WWW-Authenticate`. */
  headers?: Readonly<Record<string, string>>
}

/**
 * Answers a request with its status and message, if it is thrown anywhere up to `BeforeOutput`.
 *
 * Its text reaches the client. Of other errors, only those with a `status` and `expose: true` do the same. Below 500, its `stack` has no
 * frames where NODE_ENV is `production`.
 */
export class HttpError extends TribindError {
  /** From 400 to 599 (RFC 9110, sections 15.5 and 15.6). */
  readonly status: number
  /** Header fields of the response. */
  readonly headers: Readonly<Record<string, string>> | undefined

  /**
   * @param status from 400 to 599; any other is a `ConfigError`
   * @param message sent to the client; default: the reason phrase of the status
   */
  constructor(status: number, message?: string, options?: HttpErrorOptions) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new ConfigError(`the status of an HttpError must be an integer from 400 to 599, got ${String(status)}`, {
        failure: 'ERR_TRIBIND_HTTP_ERROR_STATUS',
      })
    }
    const code = options?.code ?? errorCodes.http
    const { stackTraceLimit } = Error
    // An assignment would throw where `Error` is frozen, by `--frozen-intrinsics` for example.
    if (status < 500 && !hasFrames) Reflect.set(Error, 'stackTraceLimit', 0)
    try {
      super(code, message ?? STATUS_CODES[status] ?? `Status ${status}`, {
        ...options,
        failure: options?.failure ?? code,
      })
    } finally {
      Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
    }
    this.status = status
    this.headers = options?.headers
  }
}

/**
 * Returns the `HttpError` that an error counts as, with the error as its `cause`; `undefined` for any other.
 *
 * An `HttpError` is its own. An `EgressError` or `ChainError` has a status, and a message that isn't for the client. An error of
 * others counts where it says what clients may know, as those of `http-errors` do: it has a `status` or `statusCode` from 400 to
 * 599, and `expose`, without which it may be the failure of another server that this one has asked. Its message is for the client
 * only if `expose` is true.
 *
 * @param needsExpose false for errors of Express middleware, where a status is enough
 */
export function toHttpError(error: unknown, needsExpose = true): HttpError | undefined {
  if (error instanceof HttpError) return error
  if (error instanceof EgressError || error instanceof ChainError)
    return new HttpError(error.status, undefined, { failure: error.failure, cause: error })
  try {
    return isForeign(error) && (!needsExpose || typeof error.expose === 'boolean') ? adapt(error) : undefined
  } catch {
    // It can't be read.
    return undefined
  }
}

type ForeignError = Error & Readonly<Record<'status' | 'statusCode' | 'expose' | 'headers', unknown>>

function isForeign(error: unknown): error is ForeignError {
  return error instanceof Error && !(error instanceof TribindError)
}

function adapt(error: ForeignError): HttpError | undefined {
  const status = Number(error.status ?? error.statusCode)
  if (!Number.isInteger(status) || status < 400 || status > 599) return undefined
  const headers = readHeaders(error.headers)
  return new HttpError(status, error.expose === true ? error.message : undefined, {
    failure: errorCodes.http,
    cause: error,
    headers,
  })
}

/** The fields whose values are text that HTTP allows. */
function readHeaders(headers: unknown): Record<string, string> {
  const entries = typeof headers === 'object' && headers !== null ? Object.entries(headers) : []
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => !framing.test(entry[0]) && isField(...entry)),
  )
}
