import type { RequestListener, Server, ServerOptions } from 'node:http'
import type { Server as TlsServer } from 'node:tls'
import type { CreateServer } from '../http-server.ts'
import type { HttpsOptions } from './https-options.ts'
import { type KeyOwner, TlsKeys } from './tls-keys.ts'

/** Node.js waits two minutes; a client needs two round trips. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/** The settings that secure the connections of a server. */
export interface Security extends KeyOwner {
  readonly https: HttpsOptions
  /** Whether clients that support HTTP/2 use it. */
  readonly http2: boolean
}

/**
 * Reads key and certificates, and returns a function that creates servers with them, in place of `createServer` of `node:http`.
 *
 * @throws ConfigError naming the option and the file
 */
export async function prepareTls({ https, http2, ...owner }: Security): Promise<CreateServer> {
  const { entryPoint, logger } = owner
  const { key: _key, cert: _cert, ca: _ca, handshakeTimeout = HANDSHAKE_TIMEOUT_MS, ...tls } = https
  const keys = await TlsKeys.load(https, owner)
  const { createServer } = http2
    ? { createServer: (await import('../http2/http2-server.ts')).createHttp2Server }
    : await import('node:https')
  return (options: ServerOptions, listener: RequestListener) => {
    const server = createServer({ ...options, ...tls, handshakeTimeout, ...keys.pair }, listener) as Server & TlsServer
    // Scanners, plain HTTP, clients that don't trust the certificate.
    server.on('tlsClientError', (error) => logger.debug('A TLS handshake failed', { error, entryPoint }))
    server.once('listening', () => {
      const forget = keys.onChange((pair) => server.setSecureContext(pair))
      server.once('close', forget)
    })
    return server
  }
}
