import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as sendRequest,
  type RequestOptions,
  type Server,
} from 'node:http'
import { duplexPair, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { isPlain } from '../base/is-plain.ts'
import { lowerNames } from '../net/lower-names.ts'

/** A request that is served without a network. */
export interface InjectOptions {
  /** Default GET. */
  method?: string
  /** The request target, sent as it is; what isn't ASCII is percent-encoded. Default `/`. */
  url?: string
  /** `host` is `localhost` by default. */
  headers?: OutgoingHttpHeaders
  /** An object or array goes out as JSON, of the type `application/json` unless `headers` say another. */
  body?: string | Uint8Array | object | undefined
  /** Aborted, the client goes away: the connection is cut, and the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined
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
  const request = sendRequest({
    createConnection: () => client,
    ...toRequestOptions(options),
  })
  return answerTo(request, options)
}

/** What `node:http` is told of a request, whatever connection it goes over. */
export function toRequestOptions({ method = 'GET', url = '/', headers, body, signal }: InjectOptions): RequestOptions {
  return {
    method,
    path: encodeTarget(url),
    headers: {
      host: 'localhost',
      ...(isForJson(body) && { 'content-type': 'application/json' }),
      ...lowerNames(headers),
    },
    ...(signal && { signal }),
  }
}

/** Sends the body of a request and reads its answer to the end. */
export async function answerTo(request: ClientRequest, { body: sent, signal }: InjectOptions): Promise<InjectResult> {
  try {
    const [response, content] = await new Promise<[IncomingMessage, Readable]>((resolve, reject) => {
      request.on('response', (incoming) => resolve([incoming, incoming]))
      // Whatever the answer to CONNECT: what follows its head is the connection.
      request.on('connect', (incoming, socket, head) => {
        socket.unshift(head)
        resolve([incoming, socket])
      })
      request.on('error', reject)
      request.end(isForJson(sent) ? JSON.stringify(sent) : sent)
    })
    const body = await buffer(content)
    const text = () => body.toString()
    return { status: response.statusCode ?? 0, headers: response.headers, body, text, json: () => JSON.parse(text()) }
  } catch (error) {
    // The error only says that the answer was cut off; a caller that aborted is told the reason.
    signal?.throwIfAborted()
    throw error
  }
}

function isForJson(body: InjectOptions['body']): boolean {
  return Array.isArray(body) || (typeof body === 'object' && isPlain(body))
}

function encodeTarget(url: string): string {
  return url.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}
