import { STATUS_CODES } from 'node:http'
import { ConfigError, type ErrorCode, TribindError, errorCodes } from './errors.ts'

/**
 * Thrown anywhere in a request up to `BeforeOutput`, it becomes the answer: this status and this message.
 *
 * It is the only error whose text reaches the client.
 */
export class HttpError extends TribindError {
  /** 400 to 599 (RFC 9110, section 15.5 and 15.6). */
  readonly status: number

  /**
   * @param status 400 to 599; anything else is a `ConfigError`
   * @param message what the client reads; the reason phrase of the status by default
   */
  constructor(status: number, message?: string, options?: ErrorOptions & { code?: ErrorCode }) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new ConfigError(`HttpError takes a status from 400 to 599, not ${String(status)}`)
    }
    super(options?.code ?? errorCodes.http, message ?? STATUS_CODES[status] ?? `Status ${status}`, options)
    this.status = status
  }
}
