import { noFieldChanges } from './field-changes.ts'
import type { RequestCore } from './request-core.ts'
import type { RequestView } from './request-view.ts'

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
