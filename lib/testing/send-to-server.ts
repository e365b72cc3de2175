import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { answerTo, type InjectOptions, type InjectResult, toRequestOptions } from '../server/inject.ts'
import type { Server } from '../server/server.ts'

/** Sends requests to the first address of a running server, each on a connection of its own. */
export function sendToServer(server: Server): (request: InjectOptions) => Promise<InjectResult> {
  const address = `${server.scheme}://${server.addresses[0]}`
  const send = server.scheme === 'https' ? requestHttps : requestHttp
  return (options) => {
    // A connection that is kept would outlive the test; and a test's certificate is one that nobody vouches for.
    const outgoing = send(address, { ...toRequestOptions(options), agent: false, rejectUnauthorized: false })
    return answerTo(outgoing, options)
  }
}
