import type { Socket } from 'node:net'
import type { ServicePlace } from '../../kit.ts'
import { callerOf, type Outbound } from './outbound.ts'
import type { VerifyProxyUser } from './proxy-options.ts'
import { reportConnecting } from './report-connecting.ts'
import { ClientGone, SocketReader } from './socket-reader.ts'
import { readSocks4, type SOCKS4 } from './socks4.ts'
import { readSocks5, SOCKS5, SocksSyntaxError } from './socks5.ts'
import { type SocksRequest, socksFailureOf } from './socks-request.ts'
import { tunnel } from './tunnel.ts'

/** A proxy of SOCKS that is open at one place. */
export class OpenSocks {
  readonly #place: ServicePlace
  readonly #outbound: Outbound
  readonly #verify: VerifyProxyUser | undefined

  constructor(place: ServicePlace, outbound: Outbound, verify: VerifyProxyUser | undefined) {
    this.#place = place
    this.#outbound = outbound
    this.#verify = verify
  }

  /** Serves a client that speaks one of the versions. */
  async serve(client: Socket, versions: readonly (typeof SOCKS4 | typeof SOCKS5)[]): Promise<void> {
    const { limits, statistics } = this.#place
    const reader = new SocketReader(client, limits.headersTimeout)
    try {
      const request = await this.#read(client, reader, versions)
      reader.release()
      if (request === undefined) return
      statistics?.arrivedForUpgrade()
      await this.#connect(client, request)
    } catch (error) {
      reader.release()
      if (reader.isTooSlow || error instanceof SocksSyntaxError) statistics?.failed()
      else if (!client.destroyed && !(error instanceof ClientGone)) throw error
      client.destroy()
    }
  }

  async #read(client: Socket, reader: SocketReader, versions: readonly number[]): Promise<SocksRequest | undefined> {
    const version = await reader.takeByte()
    if (!versions.includes(version))
      throw new SocksSyntaxError(`the version of SOCKS must be ${versions.join(' or ')}, got ${version}`)
    if (version === SOCKS5) return readSocks5(client, reader, this.#verify)
    return readSocks4(client, reader, this.#verify !== undefined)
  }

  async #connect(client: Socket, request: SocksRequest): Promise<void> {
    const { target } = request
    if (target === undefined) return request.fail('host')
    try {
      const socket = await this.#outbound.connect(target, callerOf(client))
      if (client.destroyed) return void socket.destroy()
      request.succeed(socket)
      await tunnel(client, socket, this.#place.limits.timeout)
    } catch (error) {
      if (client.destroyed) return
      reportConnecting(this.#place, target, error)
      const failure = socksFailureOf(error)
      if (failure !== 'rules') this.#place.statistics?.failed()
      request.fail(failure)
    }
  }
}
