import type { IncomingHttpHeaders } from 'node:http'
import type { RequestPath } from '../net/path.ts'
import { joinChanges, type ReadChanges } from './field-changes.ts'

/** A request as what is inside of a middleware sees it. */
export interface RequestView {
  readonly path: RequestPath
  /** How many segments were taken off the beginning of the path. */
  readonly stripped: number
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** The fields of `headers` that were changed. */
  readonly changes: ReadChanges
}

/** Returns what of a view becomes another where fields are set; `''` removes one. */
export function setFields(view: RequestView, changes: ReadChanges): Pick<RequestView, 'headers' | 'changes'> {
  const headers = { ...view.headers }
  for (const [key, { value }] of changes) {
    if (value === '') delete headers[key]
    else headers[key] = value
  }
  return { headers, changes: joinChanges(view.changes, changes) }
}
