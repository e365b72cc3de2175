import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'

let ports = 18_199

/** An HTTP proxy that knows CONNECT alone, on loopback. */
export class SmallProxy {
  readonly name: string
  readonly #port = ports++
  /** Whether a connection went through it. */
  passed = false
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer().on('connect', (request: IncomingMessage, client: Socket) =>
    this.#serve(request, client),
  )

  constructor(name: string) {
    this.name = name
  }

  get addr(): string {
    return `127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await once(this.#server.close(), 'close')
  }

  #serve({ url = '' }: IncomingMessage, client: Socket): void {
    const { hostname, port } = new URL(`tcp://${url}`)
    const upstream = connect(Number(port), hostname, () => {
      this.passed = true
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket)
      socket
        .on('error', () => {})
        .once('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
    }
  }
}
