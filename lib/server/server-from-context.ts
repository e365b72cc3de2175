import type { Context } from '../base/context.ts'
import { RequestContext } from '../http/request-context.ts'
import { Server } from './server.ts'

/** The server of the request that a context is of; `undefined` for a context of no request. */
export function serverFromContext(context: Context): Server | undefined {
  return context instanceof RequestContext && context.server instanceof Server ? context.server : undefined
}
