import { HttpError } from '../base/http-error.ts'
import type { RequestCore } from '../http/request-core.ts'
import type { RequestView } from '../http/request-view.ts'
import { show, viewOf } from '../http/show-request.ts'
import { parsePath } from '../net/path.ts'
import type { Next } from '../pipeline/exchange.ts'

/** Runs what is inside of a middleware, which sees the request changed; afterwards it is as it was. */
export async function showInside(core: RequestCore, change: Partial<RequestView>, next: Next): Promise<void> {
  const before = viewOf(core)
  show(core, { ...before, ...change })
  try {
    await next()
  } finally {
    show(core, before)
  }
}

/** Returns the path of a view. @throws HttpError 400 for one that can't be decoded or has a segment `.` or `..` */
export function viewPath(rawPath: string): Pick<RequestView, 'path'> {
  const segments = parsePath(rawPath)
  if (segments === undefined) throw new HttpError(400, undefined, { failure: 'ERR_TRIBIND_PATH' })
  return { path: { rawPath, segments } }
}
