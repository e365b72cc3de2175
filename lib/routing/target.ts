import type { RequestPath } from '../net/path.ts'

/** What the table asks of a request. */
export interface Target extends RequestPath {
  readonly method: string
  /** Lower case, no port; read only when something is bound to a domain. */
  readonly host: string
  /** Set by the table once it has found that out. */
  isPlain?: boolean
}
