import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'

/** What a connection may take. */
export interface ConnectLimits {
  /** In milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Connects a socket to one address or to a path.
 *
 * Rejects with the system's error, with one whose code is `ETIMEDOUT` when the time is over, and with the signal's reason. The socket
 * is destroyed then, and has none of our listeners otherwise.
 */
export function connectSocket(
  options: TcpNetConnectOpts | { readonly path: string },
  { timeout, signal }: ConnectLimits,
): Promise<Socket> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, noDelay: true } as TcpNetConnectOpts)
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect).off('error', fail)
    }
    const fail = (error: unknown) => {
      end()
      // What it may still report is of no use.
      socket.on('error', () => {}).destroy()
      reject(error as Error)
    }
    const onAbort = () => fail(signal?.reason)
    const onConnect = () => {
      end()
      resolve(socket)
    }
    const timer = setTimeout(() => fail(tooSlow(`connecting took longer than ${timeout} ms`)), timeout)
    signal?.addEventListener('abort', onAbort)
    socket.on('connect', onConnect).on('error', fail)
  })
}

/** Returns the error of what took too long, as the system reports it of its own limit. */
export function tooSlow(message: string): Error & { readonly code: 'ETIMEDOUT' } {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' as const })
}
