import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a database that can fall silent, as a network that loses what is sent. */
export interface SilentProxy {
  /** The URL of the database by way of it. */
  readonly url: string
  /** Passes nothing on any more. */
  silence(): void
  /** How many connections are open. */
  readonly connections: number
  close(): void
}

/** Opens one. */
export async function openSilentProxy(url: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => {
        if (!isSilent) to.write(data)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        if (!isSilent) to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const way = new URL(url)
  way.port = String((server.address() as AddressInfo).port)
  return {
    url: way.href,
    silence: () => (isSilent = true),
    get connections() {
      return sockets.size / 2
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
