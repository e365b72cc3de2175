import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Target } from '../egress/connections.ts'
import type { ReadDialer } from './dialer-options.ts'

/** Begins to speak with a node over a connection to it: over TLS, if its dialer says so. */
export function dial(socket: Socket, dialer: ReadDialer, { host }: Target, signal: AbortSignal): Promise<Socket> {
  if (dialer.type !== 'tls') return Promise.resolve(socket)
  const { serverName = host, ca, rejectUnauthorized } = dialer
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    // An address is no name for SNI (RFC 6066, section 3); the certificate is compared with it all the same.
    const name = isIP(serverName) === 0 ? { servername: serverName } : { servername: '', host: serverName }
    const secured = connectTls({ socket, rejectUnauthorized, ...name, ...(ca !== undefined && { ca: [ca].flat() }) })
    const end = () => {
      signal.removeEventListener('abort', onAbort)
      secured.off('error', fail).off('close', onClose).off('secureConnect', onSecure)
    }
    const fail = (error: Error) => {
      end()
      secured.on('error', () => {}).destroy()
      reject(error)
    }
    const onAbort = () => fail(signal.reason as Error)
    const onClose = () => fail(new Error('the connection was closed within the handshake of TLS'))
    const onSecure = () => {
      end()
      resolve(secured)
    }
    secured.on('error', fail).on('close', onClose).on('secureConnect', onSecure)
    signal.addEventListener('abort', onAbort)
  })
}
