import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as sendRequest,
  type Server,
} from 'node:http'
import { duplexPair } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** A request that is served without a network. */
export interface InjectOptions {
  /** Default GET. */
  method?: string
  /** The request target, sent as it is; what isn't ASCII is percent-encoded. Default `/`. */
  url?: string
  /** `host` is `localhost` by default. */
  headers?: OutgoingHttpHeaders
  body?: string | Uint8Array
}

/** The answer to an injected request. */
export interface InjectResult {
  readonly status: number
  /** With lower-case names. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  text(): string
  json<T = unknown>(): T
}

/**
 * Serves a request over a connection in memory: parser, limits and framing are those of `node:http`, so that an answer
 * is the same as over a socket.
 *
 * @param isSecure whether the request is to look as if it came over TLS
 * @throws an error with the code ECONNRESET where the server cuts the connection
 */
export async function inject(server: Server, options: InjectOptions, isSecure: boolean): Promise<InjectResult> {
  const [client, remote] = duplexPair()
  // Each end of a pair only learns that the other was destroyed when it is told; what was written before still arrives.
  remote.once('close', () => remote.writableFinished || client.push(null))
  client.once('close', () => remote.destroy())
  server.emit('connection', Object.assign(remote, { remoteAddress: '127.0.0.1', encrypted: isSecure }))
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = sendRequest({
      createConnection: () => client,
      method: options.method ?? 'GET',
      path: encodeTarget(options.url ?? '/'),
      headers: { host: 'localhost', ...lowerNames(options.headers ?? {}) },
    })
    request.on('response', resolve)
    request.on('error', reject)
    request.end(options.body)
  })
  const body = await buffer(response)
  const text = () => body.toString()
  return { status: response.statusCode ?? 0, headers: response.headers, body, text, json: () => JSON.parse(text()) }
}

function lowerNames(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function encodeTarget(url: string): string {
  return url.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}
