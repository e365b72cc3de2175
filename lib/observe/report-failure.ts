import type { RequestCore } from '../http/request-core.ts'

/** Tells the observers and the log of a failure that comes too late to be the response. */
export function reportFailure(
  core: RequestCore,
  error: unknown,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  core.events?.failed(error, false)
  core.log('error', message, { error, ...fields })
}
