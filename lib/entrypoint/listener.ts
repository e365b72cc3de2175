import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections } from './connections.ts'
import {
  createHttpServer,
  type HttpListeners,
  type HttpServerOptions,
  speaksTls,
  type UpgradeListener,
} from './http-server.ts'
import { createListenError } from './listen-error.ts'

export interface AddressListeners extends HttpListeners {
  readonly upgrade: UpgradeListener
}

/** One address that is listened on, and the connections that come in there. */
export class Listener {
  /** As bound, such as `127.0.0.1:8199`, `[::1]:8199` or `unix:/run/app.sock`. */
  readonly address: string
  /** What it is shown as: `http://127.0.0.1:8199`, `https://…`, or the address of a Unix socket. */
  readonly url: string
  /** 0 for a Unix socket. */
  readonly port: number
  readonly #server: Server
  readonly #connections: Connections
  readonly #upgrade: UpgradeListener

  private constructor(server: Server, connections: Connections, upgrade: UpgradeListener) {
    const bound = server.address() as AddressInfo | string
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.address = formatAddress(address)
    this.url = isUnixAddress(address) ? this.address : `${speaksTls(server) ? 'https' : 'http'}://${this.address}`
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#server = server
    this.#connections = connections
    this.#upgrade = upgrade
  }

  /** @throws ListenError naming the address and what to do */
  static async open(address: Address, options: HttpServerOptions, listeners: AddressListeners): Promise<Listener> {
    const server = createHttpServer(options, listeners)
    const connections = new Connections(server)
    try {
      if (isUnixAddress(address)) await claimSocketFile(address.path)
      server.listen({ ...address })
      await once(server, 'listening')
    } catch (error) {
      throw createListenError(address, error as NodeJS.ErrnoException)
    }
    return new Listener(server, connections, listeners.upgrade)
  }

  /**
   * Sets whether requests that ask for another protocol are handed over, on connections that are open too: where there is a
   * listener of `upgrade`, `node:http` lets go of the connections of all that ask for any protocol.
   */
  handOverUpgrades(isWanted: boolean): void {
    this.#server.off('upgrade', this.#upgrade)
    if (isWanted) this.#server.on('upgrade', this.#upgrade)
  }

  /** Closes it, as `Connections` does, and returns how many connections were cut after `timeoutMs`. */
  close(timeoutMs: number): Promise<number> {
    return this.#connections.close(timeoutMs)
  }
}
