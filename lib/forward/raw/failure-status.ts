import { Refused } from './refused.ts'

/** Returns the status that an HTTP client is answered where no connection could be made, or one broke before the head. */
export function statusOfFailure(error: unknown): 403 | 502 | 504 {
  if (error instanceof Refused) return 403
  return codeOfFailure(error) === 'ETIMEDOUT' ? 504 : 502
}

/** Returns the system's code of a failure; that of its cause, where it has one of ours. */
export function codeOfFailure(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string' && !code.startsWith('ERR_TRIBIND_')) return code
  return cause === undefined ? undefined : codeOfFailure(cause)
}
