import { printablePath } from '../net/printable-path.ts'
import { withoutUndefined } from '../base/without-undefined.ts'
import type { Request } from '../http/request.ts'
import { isClosed } from '../connection/queued-responses.ts'
import { WatchedBody } from './watched-body.ts'

/** Logs a request, which has just arrived, when its response is finished or its connection is gone. */
export function logAccess(request: Request): void {
  const arrivedAt = performance.now()
  // Nobody knows it once the connection is gone.
  const { ip } = request
  const { raw } = request.response
  const body = new WatchedBody(raw, request.method === 'HEAD')
  const log = () => {
    const ms = Math.round((performance.now() - arrivedAt) * 1000) / 1000
    logRequest(request, body, { ms, ip })
  }
  if (isClosed(raw)) log()
  else raw.once('close', log)
}

function logRequest(request: Request, { bytes, isWhole }: WatchedBody, measured: { ms: number; ip: string }): void {
  const { method, route, response } = request
  const path = printablePath(request.rawPath)
  const status = response.isHandedOver ? 101 : response.raw.headersSent ? response.raw.statusCode : undefined
  const aborted = isWhole || response.isHandedOver ? undefined : true
  const fields = { method, path, route, status, bytes, ...measured, requestId: request.id, aborted }
  request.server.logger.info(`${method} ${path} ${status ?? 'aborted'}`, withoutUndefined(fields))
}
