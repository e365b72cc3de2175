import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { type Address, formatAddress, isUnixAddress } from '../net/address.ts'
import type { FailureCode } from '../base/error-codes.ts'
import { ListenError } from '../base/errors.ts'
import { workersOfProcess } from '../base/workers.ts'
import { claimSocketFile } from './claim-socket-file.ts'
import { Connections } from './connections.ts'
import { createConnectionServer, type PlacedService } from './handler/connection-server.ts'
import {
  createHttpServer,
  type HttpListeners,
  type HttpServerOptions,
  speaksTls,
  type UpgradeListener,
} from './http-server.ts'

/** Is told what becomes of a listener. */
export interface ListenerWatch {
  /** The entry point, for errors; `undefined` for the one whose options are those of the server. */
  readonly entryPoint?: string | undefined
  /** Returns the entry point of the same server that listens on an address. */
  readonly findHolder?: ((address: Address) => string | undefined) | undefined
  /** A connection could not be accepted. */
  readonly failed: (error: Error) => void
  /** A connection was accepted after that. */
  readonly recovered: () => void
}

export interface AddressListeners extends HttpListeners, ListenerWatch {
  readonly upgrade: UpgradeListener
  /** What takes the connections in place of the listeners for requests. */
  readonly placed?: PlacedService | undefined
}

/** The longest time of a timer. */
const NO_LIMIT_MS = 2 ** 31 - 1

/** How long an idle client may take for its next request where another worker takes over, so that none is lost on its way. */
const IDLE_MS = 5000

/**
 * How many connections may wait to be accepted, as far as the system lets them (`net.core.somaxconn`). Beyond the 511 of Node.js, clients
 * that come at once while the process is busy are ignored, then reset.
 */
const MAX_WAITING = 4096

/** An address that is listened on, and the connections it has accepted. */
export class Listener {
  /** As bound, such as `127.0.0.1:8199`, `[::1]:8199` or `unix:/run/app.sock`. */
  readonly address: string
  /** The URL for the log: `http://127.0.0.1:8199`, `https://…`, `socks5+tls://…`, or the address of a Unix socket. */
  readonly url: string
  /** 0 for a Unix socket. */
  readonly port: number
  /** As `node:net` describes it; the path of a Unix socket. */
  readonly bound: AddressInfo | string
  readonly #server: Server
  readonly #connections: Connections
  readonly #upgrade: UpgradeListener
  readonly #servesRequests: boolean
  #isTakenOver = false

  private constructor({ server, connections }: Parts, listeners: AddressListeners, bound: AddressInfo | string) {
    const address = typeof bound === 'string' ? { path: bound } : { host: bound.address, port: bound.port }
    this.bound = bound
    this.address = formatAddress(address)
    this.url = isUnixAddress(address) ? this.address : `${schemeOf(listeners, speaksTls(server))}://${this.address}`
    this.port = isUnixAddress(address) ? 0 : address.port
    this.#server = server
    this.#connections = connections
    this.#upgrade = listeners.upgrade
    this.#servesRequests = listeners.placed === undefined
    server.on('error', (error) => {
      listeners.failed(error)
      server.once('connection', listeners.recovered)
    })
  }

  /** Listens on an address. @throws ListenError naming the address and what to do */
  static async open(address: Address, options: HttpServerOptions, listeners: AddressListeners): Promise<Listener> {
    const parts = create(options, listeners)
    const { server } = parts
    try {
      // What listens there may be another worker.
      if (isUnixAddress(address) && (await (workersOfProcess()?.claims(address.path) ?? true)))
        await claimSocketFile(address.path)
      server.listen({ ...address, backlog: MAX_WAITING })
      await once(server, 'listening')
    } catch (error) {
      throw createListenError(address, error as NodeJS.ErrnoException, listeners)
    }
    return new Listener(parts, listeners, server.address() as AddressInfo | string)
  }

  /** Listens in place of another listener, whose socket stays open; the other one keeps the connections it has accepted. */
  static takeOver(other: Listener, options: HttpServerOptions, listeners: AddressListeners): Listener {
    const parts = create(options, listeners)
    handOver(other.#server, parts.server)
    other.#isTakenOver = true
    return new Listener(parts, listeners, other.bound)
  }

  /**
   * Sets whether requests for another protocol are handed over, also on open connections. With a listener of `upgrade`,
   * `node:http` detaches the connections of all requests that ask for any other protocol.
   */
  handOverUpgrades(isWanted: boolean): void {
    this.#server.off('upgrade', this.#upgrade)
    if (isWanted) this.#server.on('upgrade', this.#upgrade)
  }

  /** The server of Node.js that serves requests there, while it listens. */
  get httpServer(): Server | undefined {
    return this.#servesRequests && this.#server.listening ? this.#server : undefined
  }

  /** Whether it is in the way of another one at an address. */
  holds(address: Address): boolean {
    const { bound } = this
    if (isUnixAddress(address)) return address.path === bound
    if (typeof bound === 'string' || bound.port !== address.port) return false
    return isEveryInterface(bound.address) || isEveryInterface(address.host) || bound.address === address.host
  }

  /** Whether another one listens in its place. */
  get isTakenOver(): boolean {
    return this.#isTakenOver
  }

  /** Closes the listener, as `Connections` does, and returns how many connections were cut after `timeoutMs`. */
  close(timeoutMs: number): Promise<number> {
    const isReplaced = workersOfProcess()?.isReplaced === true
    return this.#connections.close(timeoutMs, false, isReplaced ? Math.min(IDLE_MS, timeoutMs / 2) : 0)
  }

  /** Resolves when its connections have ended, where another one listens in its place: their clients are not to notice. */
  giveWay(): Promise<number> {
    return this.#connections.close(NO_LIMIT_MS, true)
  }
}

interface Parts {
  readonly server: Server
  readonly connections: Connections
}

function create(options: HttpServerOptions, listeners: AddressListeners): Parts {
  const { placed } = listeners
  if (placed === undefined) {
    const server = createHttpServer(options, listeners)
    return { server, connections: new Connections(server, options.halfClosedTimeout ?? 0) }
  }
  const server = createConnectionServer(options, placed)
  return { server, connections: new Connections(server, 0, placed.service.clientSendsFirst) }
}

function schemeOf({ placed }: AddressListeners, isSecure: boolean): string {
  const protocol = placed?.service.protocol ?? 'http'
  if (!isSecure) return protocol
  return protocol === 'http' ? 'https' : `${protocol}+tls`
}

/** What Node.js has for servers whose socket came from another process, and doesn't show otherwise. */
interface Inherited {
  _handle: object | null
  /** Listens on the handle that is there already. */
  _listen2(address: null, port: number, addressType: number): void
}

/**
 * Lets a server listen on the socket of another one, in the same tick: no client is refused. The other keeps the connections
 * that it has accepted, and listens no more.
 */
function handOver(from: NetServer, to: NetServer): void {
  const [before, after] = [from, to] as unknown as [Inherited, Inherited]
  after._handle = before._handle
  before._handle = null
  after._listen2(null, -1, -1)
}

/** By the code of the system error: what failed, and what to do. */
type Reasons = Readonly<Record<string, readonly [failure: FailureCode, text: string]>>

const inUse = 'another process, or another server of this process, listens there'
const reasons: Reasons = {
  EADDRINUSE: ['ERR_TRIBIND_LISTEN_IN_USE', `${inUse}; choose another port, or 0 for a free one`],
  EACCES: [
    'ERR_TRIBIND_LISTEN_PERMISSION',
    'permission denied; choose a port from 1024, those below are often reserved',
  ],
  EADDRNOTAVAIL: [
    'ERR_TRIBIND_LISTEN_UNAVAILABLE',
    'this machine has no such address; choose one that it has, or leave it out for every interface',
  ],
  EAFNOSUPPORT: [
    'ERR_TRIBIND_LISTEN_UNAVAILABLE',
    'this machine has no addresses of that family; choose one that it has, such as 127.0.0.1',
  ],
  ENOTFOUND: ['ERR_TRIBIND_LISTEN_HOST', 'the host does not exist; write an address of this machine'],
  EAI_AGAIN: ['ERR_TRIBIND_LISTEN_HOST', 'the host could not be looked up; try again, or write its address'],
}

const unixReasons: Reasons = {
  EADDRINUSE: ['ERR_TRIBIND_LISTEN_IN_USE', `${inUse}; end it, or choose another path`],
  EEXIST: ['ERR_TRIBIND_LISTEN_PATH', 'the file there is not a socket and is kept; remove it, or choose another path'],
  ENOENT: ['ERR_TRIBIND_LISTEN_PATH', 'its folder does not exist; create it first'],
  ENOTDIR: ['ERR_TRIBIND_LISTEN_PATH', 'a part of its path is not a folder; choose another path'],
  EACCES: ['ERR_TRIBIND_LISTEN_PERMISSION', 'permission denied for the file or its folder; choose another path'],
}

/** Returns an error that names the address, the entry point, the reason and what to do. */
export function createListenError(
  address: Address,
  cause: NodeJS.ErrnoException,
  { entryPoint, findHolder }: Pick<ListenerWatch, 'entryPoint' | 'findHolder'> = {},
): ListenError {
  const { code = '', message } = cause
  const known = (isUnixAddress(address) ? unixReasons : reasons)[code]
  const [failure, reason] = known ?? ['ERR_TRIBIND_LISTEN_SYSTEM', message]
  const holder = code === 'EADDRINUSE' ? findHolder?.(lookedUp(address, cause)) : undefined
  const place = entryPoint === undefined ? '' : ` for entry point "${entryPoint}"`
  const why = holder === undefined ? reason : reason.replace(inUse, describeHolder(holder, entryPoint))
  return new ListenError(`can't listen on ${formatAddress(address)}${place} (${code}): ${why}`, { failure, cause })
}

/** Returns the address that a system error is about: that of a host which was written as a name. */
function lookedUp(address: Address, cause: Error): Address {
  const { address: host } = cause as { readonly address?: string }
  return isUnixAddress(address) || host === undefined ? address : { ...address, host }
}

function describeHolder(holder: string, entryPoint: string | undefined): string {
  return holder === entryPoint
    ? 'this entry point itself listens there'
    : `entry point "${holder}" of this server listens there`
}

function isEveryInterface(host: string | undefined): boolean {
  return host === undefined || host === '::' || host === '0.0.0.0'
}
