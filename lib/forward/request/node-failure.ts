import { ChainError, EgressError, HttpError } from '../../index.ts'

/**
 * What a node can fail with before there is a head: it can't be connected to, breaks off, is too slow, or doesn't speak HTTP.
 * `stale` is a kept connection that it closed before it had answered anything.
 */
export type FailureKind = 'connect' | 'reset' | 'timeout' | 'head' | 'stale'

/** Says that a node has failed, and how. */
export class NodeFailure extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, cause: Error) {
    super(cause.message, { cause })
    this.name = 'NodeFailure'
    this.kind = kind
  }

  /** The answer to the client. */
  toHttpError(where: string): HttpError {
    const error = this.cause as Error
    const cause = new Error(`${where}: ${describe(error)}`, { cause: error })
    switch (this.kind) {
      case 'connect':
        return isTooSlow(error)
          ? new HttpError(504, undefined, { failure: 'ERR_TRIBIND_FORWARD_TIMEOUT', cause })
          : new HttpError(502, undefined, { failure: 'ERR_TRIBIND_FORWARD_CONNECT', cause })
      case 'timeout':
        return new HttpError(504, undefined, { failure: 'ERR_TRIBIND_FORWARD_TIMEOUT', cause })
      case 'head':
        return new HttpError(502, undefined, { failure: 'ERR_TRIBIND_FORWARD_HEAD', cause })
      default:
        return new HttpError(502, undefined, { failure: 'ERR_TRIBIND_FORWARD_RESET', cause })
    }
  }
}

function isTooSlow(error: Error): boolean {
  if (error instanceof EgressError) return false
  if (error instanceof ChainError) return error.status === 504
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isTooSlow)
  return (error as NodeJS.ErrnoException).code === 'ETIMEDOUT'
}

function describe(error: Error): string {
  const parts = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return parts.map(({ message, name }) => message || name).join('; ')
}
