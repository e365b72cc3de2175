import { type ListenAddress, isUnixAddress } from '../kit.ts'

/** The names under which clients on this machine reach a port of a loopback interface. */
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** The `Host` fields that requests to the administration may have. */
export class OwnAddress {
  /** `undefined` for a Unix socket, which no browser can reach and whose clients send what they like. */
  readonly #hosts: ReadonlySet<string> | undefined

  /** @param port the one that is bound */
  constructor(address: ListenAddress, port: number) {
    if (isUnixAddress(address)) return
    const { host = '' } = address
    const names = [...loopbackNames, host.includes(':') ? `[${host.toLowerCase()}]` : host.toLowerCase()]
    // What a browser sends has the port; clients by hand may leave it out.
    this.#hosts = new Set(names.flatMap((name) => [name, `${name}:${port}`]))
  }

  /** Whether a request is for this address, and not for a name that another site makes lead here (DNS rebinding). */
  isHost(host: string | undefined): boolean {
    return this.#hosts === undefined || (host !== undefined && this.#hosts.has(host.toLowerCase()))
  }

  /** Whether a page of an origin is ours. @param host the `Host` of its request, which `isHost` holds for */
  isOrigin(origin: string, host: string | undefined): boolean {
    return origin.toLowerCase() === `http://${host?.toLowerCase() ?? ''}`
  }
}
