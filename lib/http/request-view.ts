import type { IncomingHttpHeaders } from 'node:http'
import type { RequestPath } from '../net/path.ts'
import { joinChanges, noFieldChanges, type ReadChanges } from './field-changes.ts'
import type { RequestCore } from './request-core.ts'

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

/** Returns a request as what runs now sees it. */
export function viewOf(core: RequestCore): RequestView {
  if (core.changed !== undefined) return core.changed
  const { method, raw } = core
  return { path: core, stripped: 0, method, headers: raw.headers, changes: noFieldChanges.request }
}

/** Shows a request otherwise from here on; what was given up for being too slow changes nothing any more. */
export function show(core: RequestCore, view: RequestView): void {
  if (core.response.lent?.isLate() === true) return
  core.changed = view
  core.raw.headers = view.headers
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
