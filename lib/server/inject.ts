import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as sendRequest,
  type RequestOptions,
  type Server,
} from 'node:http'
import { type Duplex, duplexPair, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { lowerNames } from '../net/lower-names.ts'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { isObject, option } from '../options/option.ts'
import { text } from '../options/option-kinds.ts'
import { encodeBody, type InjectBody } from './encode-body.ts'

/** A request that is served without a network. */
export interface InjectOptions {
  /** Default GET. */
  method?: string
  /** The request target, sent as it is; what isn't ASCII is percent-encoded. Default `/`. */
  url?: string
  /** `host` is `localhost` by default. */
  headers?: OutgoingHttpHeaders
  /** Sent with the content type that belongs to it, unless `headers` contain another, and with its length. */
  body?: InjectBody | undefined
  /** The name of the entry point as at which it is served. Default `default`. */
  entryPoint?: string
  /** Disconnects the client when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

const injectOptions: OptionTable<InjectOptions, InjectOptions> = defineOptions({
  method: text(),
  url: option<string>((value) => typeof value === 'string', 'a string'),
  headers: option<OutgoingHttpHeaders>(isObject, 'an object of header fields'),
  body: option<InjectBody>(() => true, 'a body'),
  entryPoint: text(),
  signal: option<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal'),
})

/**
 * Reads what `inject` is called with: options, or a target alone.
 *
 * @throws ConfigError for an option that doesn't exist or has a wrong value
 */
export function readInjectOptions(given: InjectOptions | string): InjectOptions {
  return injectOptions.parse(typeof given === 'string' ? { url: given } : given)
}

/** The response to an injected request. */
export interface InjectResult {
  readonly status: number
  /** With lower-case names. */
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  text(): string
  json<T = unknown>(): T
}

/**
 * Serves a request over a connection in memory. Parser, limits and framing are those of `node:http`, so the response
 * is the same as over a socket.
 *
 * @param isSecure whether the request looks as if it came over TLS
 * @throws an error with the code ECONNRESET where the server closes the connection before the response is complete
 */
export async function inject(server: Server, options: InjectOptions, isSecure: boolean): Promise<InjectResult> {
  const encoded = await encodeRequest(options)
  const createConnection = () => connectInMemory(server, { remoteAddress: '127.0.0.1', encrypted: isSecure })
  return readResponse(sendRequest({ createConnection, ...encoded.options }), encoded)
}

/**
 * Opens a connection in memory and returns the client's end of it.
 *
 * @param socket what requests find on the socket, such as `remoteAddress`
 */
export function connectInMemory(server: Server, socket: object): Duplex {
  const [client, remote] = duplexPair()
  // Each end of a pair only learns that the other was destroyed when it is told; what was written before still arrives.
  remote.once('close', () => remote.writableFinished || client.push(null))
  client.once('close', () => remote.destroy())
  server.emit('connection', Object.assign(remote, socket))
  return client
}

/** A request as `node:http` sends it, whatever connection it goes over. */
export interface EncodedRequest {
  readonly options: RequestOptions
  readonly body: Uint8Array | undefined
}

/** Encodes the body of a request, and adds the fields that belong to it. */
export async function encodeRequest({ method = 'GET', url = '/', ...given }: InjectOptions): Promise<EncodedRequest> {
  const body = given.body === undefined ? undefined : await encodeBody(given.body)
  const headers = {
    host: 'localhost',
    ...(body?.type !== undefined && { 'content-type': body.type }),
    ...lowerNames(given.headers),
  }
  const { signal } = given
  const options = { method, path: encodeTarget(url), headers: frame(method, headers, body?.bytes) }
  return { options: { ...options, ...(signal && { signal }) }, body: body?.bytes }
}

/**
 * Adds Content-Length, which a ClientRequest leaves out for GET, HEAD, DELETE and OPTIONS: without it there is no body
 * (RFC 9112, section 6.3). What follows the head of CONNECT isn't a body (RFC 9110, section 9.3.6).
 */
function frame(method: string, headers: OutgoingHttpHeaders, body: Uint8Array | undefined): OutgoingHttpHeaders {
  if (body === undefined || method.toUpperCase() === 'CONNECT' || 'transfer-encoding' in headers) return headers
  return { 'content-length': body.byteLength, ...headers }
}

/** Sends the body of a request and reads its response to the end. */
export async function readResponse(request: ClientRequest, { options, body }: EncodedRequest): Promise<InjectResult> {
  try {
    const [response, content] = await new Promise<[IncomingMessage, Readable]>((resolve, reject) => {
      request.on('response', (incoming) => resolve([incoming, incoming]))
      // Whatever the response to CONNECT: what follows its head is the connection.
      request.on('connect', (incoming, socket, head) => {
        socket.unshift(head)
        resolve([incoming, socket])
      })
      request.on('error', reject)
      request.end(body)
    })
    return await collect(response, content)
  } catch (error) {
    // The error only says that the connection was closed; a caller that aborted gets its own reason.
    options.signal?.throwIfAborted()
    throw error
  }
}

async function collect(response: IncomingMessage, content: Readable): Promise<InjectResult> {
  const body = await buffer(content)
  const text = () => body.toString()
  return { status: response.statusCode ?? 0, headers: response.headers, body, text, json: () => JSON.parse(text()) }
}

function encodeTarget(url: string): string {
  return url.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}
