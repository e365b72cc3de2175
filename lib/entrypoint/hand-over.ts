import type { Server } from 'node:net'

/** What Node.js has for servers whose socket came from another process, and doesn't show otherwise. */
interface Inner {
  _handle: object | null
  /** Listens on the handle that is there already. */
  _listen2(address: null, port: number, addressType: number): void
}

/**
 * Lets a server listen on the socket of another one, in the same tick: no client is refused. The other keeps the connections
 * that it has accepted, and listens no more.
 */
export function handOver(from: Server, to: Server): void {
  const [before, after] = [from, to] as unknown as [Inner, Inner]
  after._handle = before._handle
  before._handle = null
  after._listen2(null, -1, -1)
}
