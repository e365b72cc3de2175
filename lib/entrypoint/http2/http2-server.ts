import {
  createServer,
  type IncomingHttpHeaders,
  maxHeaderSize,
  type RequestListener,
  Server,
  type ServerOptions,
} from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { TlsOptions } from 'node:tls'
import { Http2Request } from './http2-request.ts'
import { Http2Response } from './http2-response.ts'

/** Node's own default is no limit at all; this one is what browsers are used to (RFC 9113, section 6.5.2, asks for 100 at least). */
const MAX_CONCURRENT_STREAMS = 100

/**
 * No limit: of the 10 MB of Node.js, answers that wait for their readers are a part, and beside a larger one all other
 * requests are refused. How much a client can send is limited by windows and by the number of streams.
 */
const MAX_SESSION_MB = 2 ** 20

/** By HTTP/2's count, a field has 32 bytes more than there are (RFC 9113, section 6.5.2); of a thousand fields. */
const FIELD_OVERHEAD_BYTES = 32 * 1000

const limitNames = [
  'connectionsCheckingInterval',
  'headersTimeout',
  'keepAliveTimeout',
  'maxHeaderSize',
  'requestTimeout',
  'requireHostHeader',
] as const

/** A server of HTTP/2, and of HTTP/1.1 where a client prefers that, which looks like one of `node:http`. */
export function createHttp2Server(options: ServerOptions & TlsOptions, listener: RequestListener): Server {
  const server = createSecureServer({
    noDelay: true,
    ...options,
    allowHTTP1: true,
    settings: {
      maxConcurrentStreams: MAX_CONCURRENT_STREAMS,
      maxHeaderListSize: (options.maxHeaderSize ?? maxHeaderSize) + FIELD_OVERHEAD_BYTES,
    },
    // How many fields there are is counted by the dispatcher, for all protocols alike.
    maxHeaderListPairs: 2 ** 31 - 1,
    maxSessionMemory: MAX_SESSION_MB,
  }) as MixedServer
  server.on('request', listener as never)
  // Node.js would make a request and a response of its own for each stream.
  server.removeAllListeners('stream')
  server.on(
    'stream',
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
      const request = new Http2Request(stream, headers, rawHeaders)
      const response = new Http2Response(stream)
      if (meetsExpectation(request, response)) listener(request as never, response as never)
    },
  )
  limitFallback(server, options)
  manageSessions(server)
  return server as unknown as Server
}

/** RFC 9110, section 10.1.1. */
function meetsExpectation(request: Http2Request, response: Http2Response): boolean {
  const { expect } = request.headers
  if (expect === undefined) return true
  const isMet = expect.toLowerCase() === '100-continue'
  if (isMet) response.writeContinue()
  else response.writeHead(417).end()
  return isMet
}

/** Sets for connections of HTTP/1.1 the limits, and the defaults, that they have in a server of `node:http`. */
function limitFallback(server: MixedServer, options: ServerOptions): void {
  const model = createServer(options) as unknown as Record<string, unknown>
  for (const name of limitNames) Object.assign(server, { [name]: model[name] })
}

/** What it has of a server of `node:http`, as it speaks HTTP/1.1 too; the types don't say. */
type MixedServer = Http2SecureServer & Pick<Server, 'closeIdleConnections' | 'keepAliveTimeout' | 'timeout'>

/** Has the sessions of HTTP/2 end as the connections of HTTP/1.1 do: when idle for `keepAliveTimeout`, and by `closeIdleConnections`. */
function manageSessions(server: MixedServer): void {
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    closeWhenIdle(session, server.keepAliveTimeout)
  })
  server.closeIdleConnections = () => {
    Server.prototype.closeIdleConnections.call(server)
    // Takes no further requests, and goes with the last that it has.
    for (const session of sessions) session.close()
  }
}

function closeWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  if (idleMs === 0) return
  let openStreams = 0
  const wait = () => setTimeout(() => session.close(), idleMs)
  let timer = wait()
  session.on('stream', (stream) => {
    openStreams++
    clearTimeout(timer)
    stream.once('close', () => {
      if (--openStreams === 0) timer = wait()
    })
  })
  session.once('close', () => clearTimeout(timer))
}
