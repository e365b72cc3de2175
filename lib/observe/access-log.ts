import { withoutUndefined } from '../base/without-undefined.ts'
import { isClosed } from '../connection/queued-responses.ts'
import type { RequestCore } from '../http/request-core.ts'
import { coreOf } from '../http/request.ts'
import { printablePath } from '../net/printable-path.ts'
import type { RequestObserver } from './request-observer.ts'
import { WatchedBody } from './watched-body.ts'

/** Logs each request when its response is finished or its connection is gone. */
export const accessLog: RequestObserver = {
  started(request) {
    const arrivedAt = performance.now()
    const core = coreOf(request)
    // It isn't known any more once the connection is gone.
    const { ip } = core
    const { raw } = core.response
    const body = new WatchedBody(raw, core.method === 'HEAD')
    const log = () => {
      const ms = Math.round((performance.now() - arrivedAt) * 1000) / 1000
      logRequest(core, body, { ms, ip })
    }
    if (isClosed(raw)) log()
    else raw.once('close', log)
  },
}

function logRequest(core: RequestCore, { bytes, isWhole }: WatchedBody, measured: { ms: number; ip: string }): void {
  const { id, method, route, response, server } = core
  const path = printablePath(core.rawPath)
  const status = response.isHandedOver ? 101 : response.raw.headersSent ? response.raw.statusCode : undefined
  const aborted = isWhole || response.isHandedOver ? undefined : true
  const fields = { method, path, route, status, bytes, ...measured, requestId: id, aborted }
  server.logger.info(`${method} ${path} ${status ?? 'aborted'}`, withoutUndefined(fields))
}
