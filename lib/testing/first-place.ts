import type { Server } from '../server/server.ts'

/** Where a running server is reached. */
export interface FirstPlace {
  /** Such as `http://127.0.0.1:40123`; of a Unix socket, which no URL can name, the address. */
  readonly url: string
  /** What a client sends as Host. */
  readonly host: string
  /** Of a Unix socket. */
  readonly socketPath?: string
}

/** The first address of a running server, as a client needs it. */
export function firstPlaceOf({ scheme, addresses }: Server): FirstPlace {
  const address = addresses[0] as string
  if (!address.startsWith('unix:')) return { url: `${scheme}://${address}`, host: address }
  return { url: address, host: 'localhost', socketPath: address.slice('unix:'.length) }
}
