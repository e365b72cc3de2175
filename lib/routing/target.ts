import type { RequestPath } from '../net/path.ts'

/** What the table reads of a request. */
export interface Target extends RequestPath {
  readonly method: string
  /** In lower case, without port; read only if something is bound to a domain. */
  readonly host: string
  /** Set by the table when it has found this out. */
  isPlain?: boolean
}
