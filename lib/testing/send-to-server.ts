import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { answerTo, type InjectOptions, type InjectResult, toRequestOptions } from '../server/inject.ts'
import type { Server } from '../server/server.ts'
import { firstPlaceOf } from './first-place.ts'

/** Sends requests to the first address of a running server, each on a connection of its own. */
export function sendToServer(server: Server): (request: InjectOptions) => Promise<InjectResult> {
  const { host, socketPath } = firstPlaceOf(server)
  const origin = `${server.scheme}://${host}`
  const send = server.scheme === 'https' ? requestHttps : requestHttp
  return (options) => {
    // A connection that is kept would outlive the test; and a test's certificate is one that nobody vouches for.
    const fixed = { ...(socketPath && { socketPath }), agent: false, rejectUnauthorized: false }
    const outgoing = send(origin, { ...toRequestOptions(options), ...fixed })
    return answerTo(outgoing, options)
  }
}
