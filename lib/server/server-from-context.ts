import type { Context } from '../base/context.ts'
import { applicationOf } from '../http/request-context.ts'
import { Server } from './server.ts'

/** The server of the request that a context belongs to; `undefined` for a context of no request. */
export function serverFromContext(context: Context): Server | undefined {
  const application = applicationOf(context)
  return application instanceof Server ? application : undefined
}
