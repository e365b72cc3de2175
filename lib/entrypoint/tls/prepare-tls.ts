import type { RequestListener, Server, ServerOptions } from 'node:http'
import type { Server as TlsServer, TlsOptions } from 'node:tls'
import type { CreateServer } from '../http-server.ts'
import type { HttpsOptions } from './https-options.ts'
import { type KeyOwner, TlsKeys } from './tls-keys.ts'

/** Node.js waits two minutes; a client needs two round trips. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** What creates servers, by what they speak. */
const load: Readonly<Record<Security['speaks'], () => Promise<CreateServer>>> = {
  http2: async () => (await import('../http2/http2-server.ts')).createHttp2Server,
  http1: async () => (await import('node:https')).createServer as CreateServer,
  other: async () => createTlsServer.bind(undefined, await import('node:tls')),
}

/** The settings that secure the connections of a server. */
export interface Security extends KeyOwner {
  readonly https: HttpsOptions
  /** What is spoken over TLS: HTTP/1.1 and, if clients support it, HTTP/2; HTTP/1.1 alone; or what a service speaks. */
  readonly speaks: 'http2' | 'http1' | 'other'
}

/**
 * Reads key and certificates, and returns a function that creates servers with them, in place of `createServer` of `node:http`.
 *
 * @throws ConfigError naming the option and the file
 */
export async function prepareTls({ https, speaks, ...owner }: Security): Promise<CreateServer> {
  const { entryPoint, logger } = owner
  const { key: _key, cert: _cert, ca: _ca, handshakeTimeout = HANDSHAKE_TIMEOUT_MS, ...tls } = https
  const keys = await TlsKeys.load(https, owner)
  const createServer = await load[speaks]()
  return (options: ServerOptions, listener: RequestListener) => {
    const secured: ServerOptions & TlsOptions = { ...options, ...tls, handshakeTimeout, ...keys.pair }
    const server = createServer(secured, listener) as Server & TlsServer
    // Scanners, plain HTTP, clients that don't trust the certificate.
    server.on('tlsClientError', (error) => logger.debug('A TLS handshake failed', { error, entryPoint }))
    server.once('listening', () => {
      const forget = keys.onChange((pair) => server.setSecureContext(pair))
      server.once('close', forget)
    })
    return server
  }
}

function createTlsServer({ createServer }: typeof import('node:tls'), options: ServerOptions): Server {
  const server = createServer(options)
  // That of `node:https` ends these connections itself.
  return server.on('tlsClientError', (_error, socket) => socket.destroy()) as unknown as Server
}
