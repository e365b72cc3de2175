import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'
import { ListenError } from '../base/errors.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections } from './connections.ts'
import {
  createHttpServer,
  type HttpListeners,
  type HttpServerOptions,
  speaksTls,
  type UpgradeListener,
} from './http-server.ts'

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

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; choose another port, or 0 for a free one',
  EACCES: 'this process has no permission for it; choose a port from 1024, those below are often reserved',
  EADDRNOTAVAIL: 'this machine has no such address; take one of its own, or leave it out for every interface',
  EAFNOSUPPORT: 'this machine has no addresses of that kind; take one that it has, such as 127.0.0.1',
  ENOTFOUND: 'there is no such host; write an address of this machine',
  EAI_AGAIN: 'its name could not be looked up; try again, or write the address itself',
}

const unixReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process, or another server of this one, listens there; end it, or choose another path',
  EEXIST: 'what lies there is no socket, and is left alone; remove it, or choose another path',
  ENOENT: 'its folder does not exist; make it first',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'this process has no permission for it, or for its folder',
}

/** Says which address can't be listened on, why, and what to do. */
export function createListenError(address: Address, cause: NodeJS.ErrnoException): ListenError {
  const { code = '', message } = cause
  const reason = (isUnixAddress(address) ? unixReasons : reasons)[code] ?? message
  return new ListenError(`can't listen on ${formatAddress(address)} (${code}): ${reason}`, { cause })
}
