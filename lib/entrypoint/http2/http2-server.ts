import { createServer, type RequestListener, Server, type ServerOptions } from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { Statistics } from '../statistics.ts'
import { sweepRegularly } from '../sweep.ts'
import { headerLimitsOf } from './header-size.ts'
import { Http2Session, type SessionLimits } from './http2-session.ts'

/** Node's own default is no limit at all; this one is what browsers are used to (RFC 9113, section 6.5.2, asks for 100 at least). */
const MAX_CONCURRENT_STREAMS = 100

/**
 * No limit: of the 10 MB of Node.js, answers that wait for their readers are a part, and beside a larger one all other
 * requests are refused. What waits is counted by `Http2Session`, and the windows and the number of streams limit what a
 * client can send.
 */
const MAX_SESSION_MB = 2 ** 20

const limitNames = [
  'connectionsCheckingInterval',
  'headersTimeout',
  'keepAliveTimeout',
  'maxHeaderSize',
  'requestTimeout',
  'requireHostHeader',
] as const

interface Http2ServerOptions extends ServerOptions, TlsOptions {
  readonly maxUnsentBytes?: number
  readonly statistics?: Statistics | undefined
}

/** A server of HTTP/2, and of HTTP/1.1 where a client prefers that, which looks like one of `node:http`. */
export function createHttp2Server(
  { maxUnsentBytes = Infinity, statistics, ...options }: Http2ServerOptions,
  listener: RequestListener,
): Server {
  const headers = headerLimitsOf(options)
  const server = createSecureServer({
    noDelay: true,
    ...options,
    allowHTTP1: true,
    ...(options.ServerResponse && { Http1ServerResponse: options.ServerResponse }),
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS, maxHeaderListSize: headers.maxListSize },
    // How many fields a request within the limit may have is counted by the dispatcher, for all protocols alike.
    maxHeaderListPairs: headers.maxPairs,
    maxSessionMemory: MAX_SESSION_MB,
  }) as MixedServer
  server.on('request', listener as never)
  // Node.js would make a request and a response of its own for each stream.
  server.removeAllListeners('stream')
  limitFallback(server, options)
  const limitsOf = (): SessionLimits => {
    const { keepAliveTimeout, requestTimeout, timeout } = server
    return { headers, keepAliveTimeout, requestTimeout, timeout, maxUnsentBytes }
  }
  let limits: SessionLimits | undefined
  manageSessions(server, (session, socket) => {
    return new Http2Session(session, {
      socket,
      limits: (limits ??= limitsOf()),
      listener,
      connection: statistics?.connectionOf(socket),
    })
  })
  return server as unknown as Server
}

/** Sets for connections of HTTP/1.1 the limits, and the defaults, that they have in a server of `node:http`. */
function limitFallback(server: MixedServer, options: ServerOptions): void {
  const model = createServer(options) as unknown as Record<string, unknown>
  for (const name of limitNames) Object.assign(server, { [name]: model[name] })
}

/** What it has of a server of `node:http`, as it speaks HTTP/1.1 too; the types don't say. */
type MixedServer = Http2SecureServer &
  Pick<Server, 'closeIdleConnections' | 'keepAliveTimeout' | 'requestTimeout' | 'timeout'> &
  SessionServer

/** A server with connections on which HTTP/2 is spoken. */
export interface SessionServer {
  /** Lets each session end with the requests that it has, and those without one with the next. */
  announceEnd?(): void
}

/**
 * Serves the streams of all sessions; idle ones end by `closeIdleConnections` as the connections of HTTP/1.1 do.
 *
 * The listeners are the same for all sessions: closures for each would be most of what an idle one costs us.
 */
function manageSessions(
  server: MixedServer,
  manage: (session: ServerHttp2Session, socket: TLSSocket) => Http2Session,
): void {
  const sessions = new Map<ServerHttp2Session, Http2Session>()
  let accepted: TLSSocket
  server.prependListener('secureConnection', (socket: TLSSocket) => (accepted = socket))
  server.on('session', (session) => {
    // Node.js doesn't clear this timer with the session, which would stay in memory until then. The sweep looks after the time.
    session.setTimeout(0)
    sessions.set(session, manage(session, accepted))
    session.on('close', forget)
  })
  server.on('stream', (stream, headers, _flags, rawHeaders: string[] = []) => {
    // Until a stream is served, it has no listener for its errors, which would end the process.
    stream.on('error', ignore)
    // It has none where it has ended already.
    sessions.get(stream.session as ServerHttp2Session)?.receive(stream, headers, rawHeaders)
  })
  server.announceEnd = () => {
    for (const session of sessions.values()) session.close(true)
  }
  server.closeIdleConnections = () => {
    Server.prototype.closeIdleConnections.call(server)
    for (const session of sessions.values()) session.close()
  }
  sweepRegularly(server as never, () => {
    for (const session of sessions.values()) session.sweep()
  })
  function forget(this: ServerHttp2Session): void {
    sessions.delete(this)
  }
}

function ignore(): void {}
