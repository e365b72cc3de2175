import type { Socket } from 'node:net'

/** What Node.js knows of a connection and doesn't show otherwise: how much of what was written the system has yet to take. */
interface Inner {
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null
  /** Of a connection over TLS, the one beneath. */
  readonly _parent?: Socket
}

/** Returns how many bytes wait until the system takes them. */
export function unsentBytes(socket: Socket): number {
  return handleOf(socket)?.writeQueueSize ?? 0
}

/** Returns how many bytes the system has taken. */
export function takenBytes(socket: Socket): number {
  return (handleOf(socket)?.bytesWritten ?? 0) - unsentBytes(socket)
}

function handleOf(socket: Socket): Inner['_handle'] {
  return ((socket as Inner)._parent as Inner | undefined)?._handle ?? (socket as Inner)._handle
}
