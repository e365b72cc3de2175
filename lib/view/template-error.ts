import { ViewError } from '../base/errors.ts'
import { Exit } from '../base/exit.ts'
import { HttpError } from '../base/http-error.ts'

/**
 * What a failure in a template becomes: an error that names the place, unless it does already.
 *
 * An `HttpError` and the exits of a request mean the same in a template as elsewhere.
 *
 * @param file `undefined` for a text that is no file
 */
export function locate(thrown: unknown, file: string | undefined, line?: number): unknown {
  if (thrown instanceof Exit || thrown instanceof HttpError) return thrown
  const isLocated = thrown instanceof ViewError && (thrown.line ?? thrown.file) !== undefined
  if (isLocated && (thrown.line !== undefined || thrown.file === file)) return thrown
  const place = `${file ?? 'a text'}${line === undefined ? '' : `:${line}`}`
  return new ViewError(`${place}: ${describe(thrown)}`, { cause: thrown, file, line })
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === 'string' ? thrown : `what was thrown is no error but of type ${typeof thrown}`
}
