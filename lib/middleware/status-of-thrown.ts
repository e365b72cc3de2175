import { Exit } from '../base/exit.ts'
import { toHttpError } from '../base/http-error.ts'

/** Returns the status of the answer to what was thrown; `undefined` for an exit, which isn't a failure. */
export function statusOfThrown(thrown: unknown): number | undefined {
  return thrown instanceof Exit ? undefined : (toHttpError(thrown)?.status ?? 500)
}
