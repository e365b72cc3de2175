import { isUnixAddress, parseAddresses } from '../../kit.ts'
import { isOfLoopback } from '../../forward/raw/proxy-service.ts'
import type { ServiceModel } from './model.ts'

/** Where a service listens. */
export interface ServiceAddress {
  /** As the address of an entry point. */
  readonly addr: string
  /** What it is besides; `undefined` where the address is as it was written. */
  readonly warning?: string
  /** Why it isn't listened on. */
  readonly problem?: string
}

const proxies: ReadonlySet<string> = new Set(['http', 'socks5', 'auto'])
const advice = 'give it a user and password (user:password@, or handler.auth)'

/**
 * Returns where a service listens. A proxy that any client may use listens on 127.0.0.1, unless its address names another host: that is
 * a problem, since other machines could use it.
 */
export function addressOf({ addr, handler, metadata }: ServiceModel): ServiceAddress {
  if (!proxies.has(handler.type) || handler.auth !== undefined || metadata.open === true) return { addr }
  const addresses = parseAddresses(addr)
  const texts = addr.split(',').map((text) => text.trim())
  const hosts = addresses.map((address) => (isUnixAddress(address) ? 'localhost' : address.host))
  const foreign = hosts.findIndex((host) => host !== undefined && !isOfLoopback(host))
  if (foreign >= 0)
    return {
      addr,
      problem: `would open a proxy that any client may use to other machines, at ${texts[foreign]}: ${advice}, listen on 127.0.0.1, or set open to true if that is meant`,
    }
  if (!hosts.includes(undefined)) return { addr }
  const loopback = texts.map((text, i) => (hosts[i] === undefined ? `127.0.0.1${text}` : text)).join()
  return {
    addr: loopback,
    warning: `listens on ${loopback}, for this machine alone, since any client may use it: for others, ${advice}, or set open to true`,
  }
}
