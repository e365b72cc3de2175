import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections } from './connections.ts'
import { createHttpServer, type HttpListeners, type HttpServerOptions, speaksTls } from './http-server.ts'
import { createListenError } from './listen-error.ts'

/** One address that a server listens on, and the connections that come in there. */
export class Entrypoint {
  /** As bound, such as `127.0.0.1:8199`, `[::1]:8199` or `unix:/run/app.sock`. */
  readonly address: string
  /** What it is shown as: `http://127.0.0.1:8199`, `https://…`, or the address of a Unix socket. */
  readonly url: string
  /** 0 for a Unix socket. */
  readonly port: number
  readonly #connections: Connections

  private constructor(server: Server, connections: Connections) {
    const bound = server.address() as AddressInfo | string
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.address = formatAddress(address)
    this.url = isUnixAddress(address) ? this.address : `${speaksTls(server) ? 'https' : 'http'}://${this.address}`
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#connections = connections
  }

  /** @throws ListenError naming the address and what to do */
  static async open(address: Address, options: HttpServerOptions, listeners: HttpListeners): Promise<Entrypoint> {
    const server = createHttpServer(options, listeners)
    const connections = new Connections(server)
    try {
      if (isUnixAddress(address)) await claimSocketFile(address.path)
      server.listen({ ...address })
      await once(server, 'listening')
    } catch (error) {
      throw createListenError(address, error as NodeJS.ErrnoException)
    }
    return new Entrypoint(server, connections)
  }

  /** Closes it, as `Connections` does; gives how many connections were cut after `timeoutMs`. */
  close(timeoutMs: number): Promise<number> {
    return this.#connections.close(timeoutMs)
  }
}
