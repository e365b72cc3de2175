import type { Request } from '../http/request.ts'
import { publishError } from './diagnostics.ts'

/** Tells subscribers and the log of a failure that comes too late to be the answer. */
export function reportFailure(
  request: Request,
  error: unknown,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  publishError(request, error)
  request.server.logger.error(message, { error, ...fields, requestId: request.id })
}
