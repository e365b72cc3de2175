import { STATUS_CODES } from 'node:http'
import { type ErrorCode, errorCodes } from './error-codes.ts'
import { ConfigError, type FailureOptions, TribindError } from './errors.ts'

/**
 * Answers a request with its status and message, if it is thrown anywhere up to `BeforeOutput`.
 *
 * It is the only error whose message reaches the client.
 */
export class HttpError extends TribindError {
  /** From 400 to 599 (RFC 9110, sections 15.5 and 15.6). */
  readonly status: number

  /**
   * @param status from 400 to 599; any other is a `ConfigError`
   * @param message sent to the client; default: the reason phrase of the status
   */
  constructor(status: number, message?: string, options?: FailureOptions & { code?: ErrorCode }) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new ConfigError(`the status of an HttpError must be an integer from 400 to 599, got ${String(status)}`, {
        failure: 'ERR_TRIBIND_HTTP_ERROR_STATUS',
      })
    }
    super(options?.code ?? errorCodes.http, message ?? STATUS_CODES[status] ?? `Status ${status}`, options)
    this.status = status
  }
}
