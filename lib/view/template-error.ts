import { ViewError } from '../base/errors.ts'
import { Exit } from '../base/exit.ts'
import { toHttpError } from '../base/http-error.ts'

/**
 * Returns the error of a failure in a template, which names the place, unless the failure already does.
 *
 * An `HttpError`, an error of others that counts as one, and the exits of a request are returned as they are: they mean the
 * same in a template as elsewhere.
 *
 * @param file `undefined` for a text that isn't a file
 */
export function locate(thrown: unknown, file: string | undefined, line?: number): unknown {
  if (thrown instanceof Exit || toHttpError(thrown) !== undefined) return thrown
  const isLocated = thrown instanceof ViewError && (thrown.line ?? thrown.file) !== undefined
  if (isLocated && (thrown.line !== undefined || thrown.file === file)) return thrown
  const place = `${file ?? 'a text'}${line === undefined ? '' : `:${line}`}`
  const failure = thrown instanceof ViewError ? thrown.failure : 'ERR_TRIBIND_VIEW_TEMPLATE'
  return new ViewError(`${place}: ${describe(thrown)}`, { failure, cause: thrown, file, line })
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === 'string' ? thrown : `a value of type ${typeof thrown} was thrown; throw an Error`
}
