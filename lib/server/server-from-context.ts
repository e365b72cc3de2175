import type { Context } from '../base/context.ts'
import { applicationOf } from '../http/request-context.ts'
import { Server } from './server.ts'

/** Returns the server of the request that a context belongs to; `undefined` if it doesn't belong to a request. */
export function serverFromContext(context: Context): Server | undefined {
  const application = applicationOf(context)
  return application instanceof Server ? application : undefined
}
